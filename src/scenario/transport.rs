//! What a text says of how a group's replicas talk: `transport tcp, timeout 3s`.

use std::fmt;

use super::cursor::{Cursor, Parsed};
use super::diagnostic::Place;
use crate::clock::Micros;

/// What carries the messages of a group.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Transport {
    /// Each message by itself, once: what a text means that says nothing.
    #[default]
    Datagram,
    /// In order, over a connection for each ordered pair of replicas.
    Tcp {
        /// How long the oldest message may go unacknowledged before the connection is reset: the
        /// user timeout of RFC 9293, section 3.9.1.
        timeout: Micros,
    },
}

impl Transport {
    /// The user timeout that a text means which names none. etcd gives up a peer's connection on
    /// which nothing could be read or written for as long (`ConnReadTimeout` and
    /// `ConnWriteTimeout` in its `rafthttp`); Linux by itself retransmits for 15 minutes and more
    /// (`tcp_retries2`), longer than most runs here.
    pub const TIMEOUT: Micros = Micros::from_secs(5);

    /// The word that the text has for it.
    const TCP: &str = "tcp";
    /// The same.
    const DATAGRAM: &str = "datagram";

    /// The user timeout, where there are connections.
    pub const fn timeout(self) -> Option<Micros> {
        match self {
            Self::Datagram => None,
            Self::Tcp { timeout } => Some(timeout),
        }
    }

    /// `tcp`, `tcp, timeout 3s` or `datagram`; and where the timeout stands.
    pub(super) fn read(cursor: &mut Cursor<'_>) -> Parsed<(Self, Option<Place>)> {
        if cursor.skip(Self::DATAGRAM) {
            return Ok((Self::Datagram, None));
        }
        if !cursor.skip(Self::TCP) {
            return Err(cursor.expected_of("transport", &[Self::TCP, Self::DATAGRAM]));
        }
        if cursor.peek().is_none() {
            return Ok((Self::Tcp { timeout: Self::TIMEOUT }, None));
        }
        cursor.demand(",")?;
        cursor.demand("timeout")?;
        let (timeout, place) = cursor.duration("connection-timeout")?;
        Ok((Self::Tcp { timeout }, Some(place)))
    }
}

/// As the scenario text writes it after `transport`.
impl fmt::Display for Transport {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Datagram => formatter.write_str(Self::DATAGRAM),
            Self::Tcp { timeout: Self::TIMEOUT } => formatter.write_str(Self::TCP),
            Self::Tcp { timeout } => write!(formatter, "{}, timeout {timeout}", Self::TCP),
        }
    }
}
