//! What a text says of a group: `cluster` and the statements that belong to it.

use super::{Put, SINGLE, put_in_order};
use crate::clock::{Micros, Span};
use crate::fact::fact;
use crate::fault::ReplicaId;
use crate::plant::ServerAt;
use crate::protocol::{Protocol, ReadMode};
use crate::scenario::action::{replica_named, server_named};
use crate::scenario::cursor::{Cursor, Parsed, whole};
use crate::scenario::database::DatabaseDraft;
use crate::scenario::diagnostic::Place;
use crate::scenario::disk::DiskDraft;
use crate::scenario::validate::is_cluster_name;
use crate::scenario::{Bounds, Clients, Group, Transport, clients};

/// The same of a group.
#[derive(Default)]
pub(in crate::scenario) struct GroupDraft {
    /// As [`super::Draft::lines`], of [`super::OF_GROUP`].
    pub(super) lines: [Option<u32>; SINGLE.len()],
    pub(super) name: Option<Put<String>>,
    /// The protocol, kept with its place for [`crate::scenario::edit::set_protocol`].
    pub(in crate::scenario) protocol: Option<Put<Protocol>>,
    pub(super) members: Vec<Put<ServerAt>>,
    /// What replicas are called.
    pub(super) names: Vec<(Put<ReplicaId>, Put<String>)>,
    pub(in crate::scenario) tolerate: Option<Put<u8>>,
    pub(super) timing: Option<(Put<Micros>, Put<Span>)>,
    pub(super) timing_of: Vec<(Put<ReplicaId>, Put<Span>)>,
    /// With its place for [`crate::scenario::edit::set_protocol`].
    pub(in crate::scenario) clocks: Vec<(Put<ReplicaId>, Put<u8>)>,
    /// The seed, kept with its place for [`crate::scenario::edit::set_seed`].
    pub(in crate::scenario) seed: Option<Put<u32>>,
    pub(super) write_every: Option<Put<Micros>>,
    pub(super) patience: Option<Put<Micros>>,
    /// Clients who come at a rate, and where what is said of them stands, as `disk`.
    pub(in crate::scenario) clients: Option<(Clients, [Place; clients::WORDS])>,
    /// How often and how clients read, with its place, as `disk`, for
    /// [`crate::scenario::edit::set_protocol`].
    pub(in crate::scenario) read: Option<(Put<Micros>, Put<ReadMode>)>,
    pub(in crate::scenario) disk: DiskDraft,
    /// Kept with their places for [`crate::scenario::edit::set_protocol`].
    pub(in crate::scenario) databases: Vec<DatabaseDraft>,
    /// What carries its messages, and where a timeout stands.
    pub(super) transport: (Transport, Option<Place>),
}

impl GroupDraft {
    pub(super) fn single(&mut self, word: &str, cursor: &mut Cursor<'_>) -> Parsed<()> {
        match word {
            "cluster" => self.cluster(cursor)?,
            "tolerate" => {
                self.tolerate = Some(cursor.take("liars", |word| {
                    whole(word).and_then(|liars| u8::try_from(liars).ok())
                })?);
            }
            "timing" => {
                cursor.demand("heartbeat")?;
                let heartbeat = cursor.duration("heartbeat")?;
                cursor.demand(",")?;
                self.timing = Some((heartbeat, election(cursor)?));
            }
            "seed" => {
                self.seed =
                    Some(cursor.take("seed", |word| {
                        whole(word).and_then(|seed| u32::try_from(seed).ok())
                    })?);
            }
            "write" => {
                cursor.demand("every")?;
                self.write_every = Some(cursor.duration("write-interval")?);
                if cursor.peek().is_some() {
                    cursor.demand(",")?;
                    cursor.demand("patience")?;
                    self.patience = Some(cursor.duration("patience")?);
                }
            }
            "clients" => self.clients = Some(Clients::read(cursor)?),
            "read" => self.read = Some(read(cursor)?),
            "transport" => self.transport = Transport::read(cursor)?,
            _ => self.disk = DiskDraft::read(cursor)?,
        }
        Ok(())
    }

    fn cluster(&mut self, cursor: &mut Cursor<'_>) -> Parsed<()> {
        let named = |word: &str| is_cluster_name(word).then(|| word.to_owned());
        if !cursor.peek().is_some_and(|token| is_cluster_name(token.text)) {
            let what = fact!("cluster-name", most = Bounds::CLUSTER);
            return Err(cursor.expected_one(what, &[]));
        }
        self.name = Some(cursor.take("cluster-name", named)?);
        cursor.demand(":")?;
        let names = Protocol::ALL.map(Protocol::name);
        let wrong = cursor.expected_one("protocol".into(), &names);
        self.protocol = Some(cursor.take("protocol", Protocol::named).map_err(|_| wrong)?);
        cursor.demand("on")?;
        let mut members = Vec::new();
        while members.is_empty() || cursor.peek().is_some() {
            members.push(cursor.take("server", server_named)?);
        }
        self.members = members;
        Ok(())
    }

    pub(super) fn timing_of(&mut self, cursor: &mut Cursor<'_>) -> Parsed<()> {
        let replica = cursor.take("replica", replica_named)?;
        let election = election(cursor)?;
        put_in_order(&mut self.timing_of, (replica, election), |(replica, _)| replica.0);
        Ok(())
    }

    /// `clock n1 110%`
    pub(super) fn clock(&mut self, cursor: &mut Cursor<'_>) -> Parsed<()> {
        let replica = cursor.take("replica", replica_named)?;
        let percent = cursor.take("clock-rate", |word| {
            whole(word).map(|rate| u8::try_from(rate).unwrap_or(u8::MAX))
        })?;
        cursor.demand("%")?;
        put_in_order(&mut self.clocks, (replica, percent), |(replica, _)| replica.0);
        Ok(())
    }
}

impl GroupDraft {
    /// The group; `first` is the seed of the first one.
    pub(super) fn group(&self, first: Option<Put<u32>>) -> Group {
        let members = || self.members.iter().map(|put| put.0).collect();
        let all = || (0..99).map(|slot| ServerAt { rack: 0, slot }).collect();
        let (heartbeat, election) = self.timing.as_ref().map_or_else(
            || (Micros(1), Micros(2)..=Micros(2)),
            |(heartbeat, election)| (heartbeat.0, election.0.clone()),
        );
        let timing_of = self.timing_of.iter();
        Group {
            name: self.name.as_ref().map_or("?".to_owned(), |put| put.0.clone()),
            protocol: self.protocol.map_or(Protocol::Raft, |put| put.0),
            tolerate: self.tolerate.map(|put| put.0),
            members: if self.members.is_empty() { all() } else { members() },
            names: self.names.iter().map(|(of, name)| (of.0, name.0.clone())).collect(),
            heartbeat,
            election,
            election_of: timing_of.map(|(replica, span)| (replica.0, span.0.clone())).collect(),
            clocks: self.clocks.iter().map(|(replica, percent)| (replica.0, percent.0)).collect(),
            seed: self.seed.or(first).map_or(0, |put| put.0),
            write_every: self.write_every.map(|put| put.0),
            patience: self.patience.map(|put| put.0),
            clients: self.clients.map(|(clients, _)| clients),
            databases: self.databases.iter().map(|draft| draft.of.clone()).collect(),
            read: self.read.map(|(every, by)| (every.0, by.0)),
            disk: self.disk.disk(),
            transport: self.transport.0,
        }
    }
}

/// `every 300ms by quorum`.
fn read(cursor: &mut Cursor<'_>) -> Parsed<(Put<Micros>, Put<ReadMode>)> {
    cursor.demand("every")?;
    let every = cursor.duration("read-interval")?;
    cursor.demand("by")?;
    let names = ReadMode::ALL.map(ReadMode::name);
    let known = cursor.peek().is_some_and(|token| names.contains(&token.text));
    if !known {
        return Err(cursor.expected_one("reading".into(), &names));
    }
    Ok((every, cursor.take("reading", ReadMode::named)?))
}

/// `election 1s..2s`.
fn election(cursor: &mut Cursor<'_>) -> Parsed<Put<Span>> {
    cursor.demand("election")?;
    let (shortest, from) = cursor.duration("shortest")?;
    cursor.demand("..")?;
    let (longest, to) = cursor.duration("longest")?;
    Ok((shortest..=longest, from.to(to)))
}
