//! Captions as the page gets them.

use super::{CaptionView, consequence};
use crate::caption::{Caption, Says, Turn};
use crate::fact::{Fact, counts, fact};
use crate::protocol::Protocol;
use crate::session::Session;

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
