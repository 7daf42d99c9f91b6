//! How single arguments of the command line are read.

use halflink::clock::Micros;
use halflink::compare::comparable;
use halflink::protocol::Protocol;
use halflink::scenario::text::parse_duration;

/// A span such as 60s.
pub(super) fn time(text: &str) -> Result<Micros, String> {
    parse_duration(text).map_err(|wrong| wrong.message())
}

pub(super) fn protocol(name: &str) -> Result<Protocol, String> {
    let names = || Protocol::ALL.map(Protocol::name).join(", ");
    Protocol::named(name).ok_or_else(|| format!("expected one of {}", names()))
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
        let named = Protocol::named(name);
        let found = named.ok_or_else(|| {
            format!("no protocol is called `{name}`: expected `all`, or of {}", known())
        })?;
        if list.contains(&found) {
            return Err(format!("{name} is there twice"));
        }
        list.push(found);
    }
    Ok(Protocols(list))
}
