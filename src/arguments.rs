//! How single arguments of the command line are read.

use halflink::clock::Micros;
use halflink::compare::comparable;
use halflink::protocol::Protocol;
use halflink::scenario::text::parse_duration;
use serde_json::json;

use super::said;

/// A span such as 60s.
pub(super) fn time(text: &str) -> Result<Micros, String> {
    parse_duration(text).map_err(|wrong| wrong.message())
}

pub(super) fn protocol(name: &str) -> Result<Protocol, String> {
    let known =
        || json!({ "kind": "one-of", "known": Protocol::ALL.map(Protocol::name).join(", ") });
    Protocol::named(name).ok_or_else(|| said(known()))
}

/// A list in one argument.
#[derive(Clone)]
pub(super) struct Protocols(pub(super) Vec<Protocol>);

/// `all`, or names with commas between them, each once.
pub(super) fn protocols(names: &str) -> Result<Protocols, String> {
    if names == "all" {
        return Ok(Protocols(comparable().collect()));
    }
    let mut list = Vec::new();
    for name in names.split(',') {
        let known = || Protocol::ALL.map(Protocol::name).join(", ");
        let unknown = || json!({ "kind": "no-protocol", "name": name, "known": known() });
        let found = Protocol::named(name).ok_or_else(|| said(unknown()))?;
        if list.contains(&found) {
            return Err(said(json!({ "kind": "twice", "name": name })));
        }
        list.push(found);
    }
    Ok(Protocols(list))
}
