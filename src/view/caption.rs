//! Captions as the page gets them.

use serde::Serialize;

use super::consequence;
use crate::caption::{Caption, Says, Turn};
use crate::fact::{Fact, counts, fact};
use crate::protocol::Protocol;
use crate::session::Session;

/// Words of the author's.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct NoteView {
    /// From when on; nothing where it comes when something happens.
    pub at_us: Option<u64>,
    /// Plain text.
    pub text: String,
    /// True if the run waits there for its reader.
    pub waits: bool,
    /// What it points at: "n1", "r1.tor-a", "n3 -> n1".
    pub focus: Vec<String>,
    /// The protocol under which the reader is offered the same run.
    pub compare: Option<&'static str>,
    /// From what the reader chooses, if he is asked.
    pub answers: Vec<String>,
}

/// What is said from a moment on.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct CaptionView {
    /// From when on.
    pub at_us: u64,
    /// The author's words, by their number in [`super::Plan::notes`].
    pub note: Option<u16>,
    /// Else the run's own, in the room `caption`.
    pub said: Option<Fact>,
}

/// The captions of a session's run, as far as it is known.
pub(super) fn all(session: &Session) -> Vec<CaptionView> {
    let timeline = session.timeline();
    let protocol = timeline.scenario().group().protocol;
    let view = |Caption { at, says }| match says {
        Says::Note(number) => CaptionView { at_us: at.0, note: Some(number as u16), said: None },
        Says::Turn(turn) => {
            // It goes on to be read when it is no longer so: it says when it was.
            let said = Some(turned(&turn, protocol, session).with("at", at.0));
            CaptionView { at_us: at.0, note: None, said }
        }
    };
    session.captions().into_iter().map(view).collect()
}

/// A turning point, in the room `caption`.
fn turned(turn: &Turn, protocol: Protocol, session: &Session) -> Fact {
    match turn {
        Turn::NobodyLeads => "nobody-leads".into(),
        Turn::LeaderStops(who) => fact!("leader-stops", who = who.to_string()),
        Turn::Leads(who) => fact!("leads", who = who.to_string()),
        Turn::Changed(change) => {
            let who = change.who.to_string();
            Fact::plain("changed")
                .with("who", who)
                .with("change", consequence::change(change, protocol))
        }
        Turn::Stalled(span) => counts!("stalled", span = span.0),
        Turn::Served(span) => counts!("served", span = span.0),
        Turn::Broke(number) => {
            let broken = &session.timeline().history().violations[*number];
            let fact = fact!("broke", property = broken.property.name());
            fact.with("detail", broken.detail.clone())
        }
    }
}
