//! The grammar of one act: what follows `at 10s`.
//!
//! ```text
//! elect n3                        crash | restart | pause | resume  r1.s1
//! cut n3 -> n1                    fail | restore  r1.pdu-a
//! lose 90% of r1.s1 <-> r1.tor-a  gray r1.tor-a drops [90% of] n1 <-> n3 | * -> n1 | all
//!                                 gray r1.tor-a drops all over 1500 bytes | control
//! heal n3 -> n1                   heal r1.tor-a
//! delay n3 -> n1 by 50ms..80ms    reorder 10% of n3 -> n1 by 20ms
//! duplicate 5% of n3 -> n1
//! isolate n2                      heal n2
//! partition n1 n2 | n3 n4 n5      heal n1 n2 | n3 n4 n5
//! traitor n3 equivocate [to n1]   traitor n3 silent-to n1 n2
//! traitor n3 delay 200ms [to n1]  loyal n3
//! stall | resume  r1.s1.disk      slow r1.s1.disk by 200ms        stall leader.disk
//! wipe r1.s1                      transfer n2                    order attack
//! ```
//!
//! Where a replica stands, `leader` may, or the paper's own word for one; and where a server does.

use super::cursor::{Cursor, Parsed, whole};
use super::diagnostic::Place;
use super::validate::Word;
use crate::clock::Micros;
use crate::fact::fact;
use crate::fault::verb::{self, Row, Shape, Verb};
use crate::fault::{
    Action, Behaviour, ByzantineBehaviour, Ends, Flows, Groups, Impairment, Late, Link, ORDERS,
    Object, ReplicaId, ReplicaSet, Which,
};
use crate::plant::{Part, ServerAt, Side, Site};
use crate::protocol::Protocol;

/// Where the words of an act stand, to point at one that is wrong.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct ActPlaces {
    verb: Place,
    percent: Place,
    by: Place,
    first: Place,
    second: Place,
    from: Place,
    to: Place,
    members: [Place; Groups::REPLICAS as usize + 1],
}

impl ActPlaces {
    /// Where that word stands.
    pub(super) const fn of(&self, word: Word) -> Place {
        match word {
            Word::Verb => self.verb,
            Word::Percent => self.percent,
            Word::By => self.by,
            Word::First => self.first,
            Word::Second => self.second,
            Word::Member(replica) => self.members[replica as usize],
            Word::From => self.from,
            Word::To => self.to,
        }
    }
}

const PART: &str = "part";
const SERVER: &str = "server";
const VOLUME: &str = "volume";
const REPLICA: &str = "replica";
const END: &str = "end-of-link";

/// Reads an action; `for` may follow.
pub(super) fn act(cursor: &mut Cursor<'_>) -> Parsed<(Action, ActPlaces)> {
    let known = cursor.peek().and_then(|token| verb::names().find(|name| *name == token.text));
    let Some(name) = known else {
        return Err(cursor.expected_of("verb", &verb::names().collect::<Vec<_>>()));
    };
    let mut places = ActPlaces { verb: cursor.place(), ..ActPlaces::default() };
    cursor.skip(name);
    let mut rows = verb::ROWS.iter().filter(|row| row.name == name);
    let row = rows.clone().find(|row| fits(row.shape, cursor)).or_else(|| rows.next());
    let act = object(row.expect("it has a name"), cursor, &mut places)?;
    Ok((act, places))
}

/// `r1.tor-a heals`, `n3 -> n1 heals`: the action that heals it, if that is what stands here.
pub(super) fn healing(cursor: &mut Cursor<'_>, places: &mut ActPlaces) -> Parsed<Option<Action>> {
    if !cursor.has_word("heals") {
        return Ok(None);
    }
    let act = mended(cursor, Verb::Ungray, places)?;
    cursor.demand("heals")?;
    Ok(Some(act))
}

/// `n1`, `n3 -> n1`, `r1.tor-a`: what would mend it, of a part that verb.
#[inline(never)]
pub(super) fn mended(
    cursor: &mut Cursor<'_>,
    of_part: Verb,
    places: &mut ActPlaces,
) -> Parsed<Action> {
    let is_replica = cursor.sees(|name| replica_named(name).is_some());
    let verb = match (cursor.is_from(), is_replica) {
        (true, _) => Verb::Heal,
        (false, true) => Verb::Rejoin,
        (false, false) => of_part,
    };
    object(verb.row(), cursor, places)
}

/// True if what follows may be what the verb takes, where two of one name take different things.
fn fits(shape: Shape, cursor: &Cursor<'_>) -> bool {
    match shape {
        Shape::Switch(_) => cursor.is_last() && cursor.sees(|name| part_named(name).is_some()),
        Shape::Replica(_) => cursor.is_last() && cursor.sees(|name| replica_named(name).is_some()),
        Shape::Volume(_) => cursor.sees(|name| volume_named(name, Micros::ZERO).is_some()),
        Shape::Groups(_) => cursor.has_mark("|"),
        Shape::Link(_)
        | Shape::Share(_)
        | Shape::Delay(_)
        | Shape::Reorder(_)
        | Shape::Duplicate(_)
        | Shape::Flows(_)
        | Shape::Part(_)
        | Shape::Server(_)
        | Shape::Slow(_)
        | Shape::ByzantineBehaviour(_)
        | Shape::Order(_) => true,
    }
}

/// What a verb takes, and so the act.
fn object(row: &Row, cursor: &mut Cursor<'_>, places: &mut ActPlaces) -> Parsed<Action> {
    Ok(match row.shape {
        Shape::Link(make) => make(link(cursor, places)?),
        Shape::Share(make) => {
            let percent = percent(cursor, places)?;
            make(link(cursor, places)?, percent)
        }
        Shape::Delay(make) => {
            let link = link(cursor, places)?;
            make(link, Impairment::Delay(late(cursor, places)?))
        }
        Shape::Reorder(make) => {
            let percent = percent(cursor, places)?;
            let link = link(cursor, places)?;
            make(link, Impairment::Reorder(percent, late(cursor, places)?))
        }
        Shape::Duplicate(make) => {
            let percent = percent(cursor, places)?;
            make(link(cursor, places)?, Impairment::Duplicate(percent))
        }
        Shape::Flows(make) => flows(cursor, places, make)?,
        Shape::Switch(make) | Shape::Part(make) => {
            make(take(cursor, PART, part_named, &mut places.first)?)
        }
        Shape::Server(_) => {
            let named = |name: &str| {
                let server = server_named(name).map(Object::Server);
                server.or_else(|| is_leader(name).then_some(Object::Replica(ReplicaId::LEADER)))
            };
            let object = take(cursor, SERVER, named, &mut places.first)?;
            row.of(object).expect("a server, or whoever leads")
        }
        Shape::Volume(_) | Shape::Slow(_) => {
            let volume = |name: &str| volume_named(name, Micros::ZERO);
            let mut object = take(cursor, VOLUME, volume, &mut places.first)?;
            if let (Shape::Slow(_), Object::Volume { by, .. } | Object::VolumeOf { by, .. }) =
                (row.shape, &mut object)
            {
                cursor.demand("by")?;
                (*by, places.percent) = cursor.duration("slowness")?;
            }
            row.of(object).expect("a server's disks, or those of whoever leads")
        }
        Shape::Replica(make) => make(take(cursor, REPLICA, replica_named, &mut places.first)?),
        Shape::Groups(make) => make(groups(cursor, places)?),
        Shape::ByzantineBehaviour(make) => {
            let replica = take(cursor, REPLICA, replica_named, &mut places.first)?;
            make(replica, byzantine(cursor, places)?)
        }
        Shape::Order(make) => make(order(cursor, places)?),
    })
}

fn take<T>(
    cursor: &mut Cursor<'_>,
    what: &'static str,
    read: impl FnOnce(&str) -> Option<T>,
    at: &mut Place,
) -> Parsed<T> {
    let (value, place) = cursor.take(what, read)?;
    *at = place;
    Ok(value)
}

/// `equivocate to n1`, `silent-to n1 n2`, `delay 200ms`.
fn byzantine(cursor: &mut Cursor<'_>, places: &mut ActPlaces) -> Parsed<ByzantineBehaviour> {
    places.verb = cursor.place();
    let names = Behaviour::ALL.map(Behaviour::name);
    let known = cursor.peek().and_then(|token| Behaviour::named(token.text));
    let Some(behaviour) = known else {
        return Err(cursor.expected_of("behaviour", &names));
    };
    cursor.skip(behaviour.name());
    let mut byzantine =
        ByzantineBehaviour { behaviour, toward: ReplicaSet::NOBODY, by: Micros::ZERO };
    if behaviour == Behaviour::Delay {
        (byzantine.by, places.percent) = cursor.duration("delay")?;
    }
    places.to = cursor.place();
    if behaviour == Behaviour::SilentTo || cursor.skip("to") {
        while byzantine.toward.is_empty() || !is_over(cursor) {
            byzantine.toward.add(take(cursor, REPLICA, replica_named, &mut places.to)?);
        }
    }
    Ok(byzantine)
}

/// True if the action is over.
fn is_over(cursor: &Cursor<'_>) -> bool {
    cursor.peek().is_none_or(|token| token.text == "for" || token.is_over())
}

/// `n1 n2 | n3 n4 n5`: two groups or more, nobody in two of them.
fn groups(cursor: &mut Cursor<'_>, places: &mut ActPlaces) -> Parsed<Groups> {
    let mut groups = Groups::default();
    let mut group = 1;
    loop {
        let (replica, place) = cursor.take(REPLICA, replica_named)?;
        if !groups.put(replica, group) {
            let fact = fact!("in-two-groups", replica = replica.to_string());
            return Err(place.refuses(fact));
        }
        places.members[replica.index()] = place;
        if cursor.skip("|") {
            group += 1;
        } else if is_over(cursor) {
            return if group > 1 { Ok(groups) } else { Err(cursor.expected("another-group")) };
        }
    }
}

/// `attack`; orders count from 1.
fn order(cursor: &mut Cursor<'_>, places: &mut ActPlaces) -> Parsed<u32> {
    let named = |word: &str| (1..).zip(ORDERS).find(|(_, name)| *name == word).map(|(at, _)| at);
    take(cursor, "order", named, &mut places.first)
}

/// `90% of`.
fn percent(cursor: &mut Cursor<'_>, places: &mut ActPlaces) -> Parsed<u8> {
    let share = take(cursor, "share", whole, &mut places.percent)?;
    cursor.demand("%")?;
    cursor.demand("of")?;
    Ok(u8::try_from(share).unwrap_or(u8::MAX))
}

/// `by 50ms`, `by 50ms..80ms`.
fn late(cursor: &mut Cursor<'_>, places: &mut ActPlaces) -> Parsed<Late> {
    cursor.demand("by")?;
    let (least, place) = cursor.duration("delay")?;
    places.by = place;
    let most = if cursor.skip("..") { cursor.duration("delay")?.0 } else { least };
    Ok(Late(least, most))
}

#[derive(Clone, Copy)]
enum End {
    Part(Part),
    Replica(ReplicaId),
}

fn end_named(name: &str) -> Option<End> {
    replica_named(name).map(End::Replica).or_else(|| part_named(name).map(End::Part))
}

fn link(cursor: &mut Cursor<'_>, places: &mut ActPlaces) -> Parsed<Link> {
    let from = take(cursor, END, end_named, &mut places.first)?;
    let both = arrow(cursor)?;
    let ends = match from {
        End::Part(from) => Ends::Lane(from, take(cursor, PART, part_named, &mut places.second)?),
        End::Replica(from) => {
            Ends::Flow(from, take(cursor, REPLICA, replica_named, &mut places.second)?)
        }
    };
    Ok(Link { ends, both })
}

/// True for `<->`.
fn arrow(cursor: &mut Cursor<'_>) -> Parsed<bool> {
    if cursor.skip("<->") {
        return Ok(true);
    }
    if cursor.skip("->") { Ok(false) } else { Err(cursor.expected("arrow")) }
}

/// `r1.tor-a drops 90% of n1 <-> n3 over 1500 bytes`.
fn flows(
    cursor: &mut Cursor<'_>,
    places: &mut ActPlaces,
    make: fn(Part, Flows, u8) -> Action,
) -> Parsed<Action> {
    let switch = take(cursor, PART, part_named, &mut places.first)?;
    cursor.demand("drops")?;
    let is_share = cursor.peek().is_some_and(|token| whole(token.text).is_some());
    let percent = if is_share { percent(cursor, places)? } else { 100 };
    places.from = cursor.place();
    if cursor.skip("control") {
        return Ok(make(switch, Flows::CONTROL, percent));
    }
    let mut flows = Flows { from: None, to: None, both: false, which: Which::All };
    if !cursor.skip("all") {
        flows.from = take(cursor, "sender", anybody, &mut places.from)?;
        let both = arrow(cursor)?;
        flows.to = take(cursor, "receiver", anybody, &mut places.to)?;
        // Everything in both directions is everything.
        flows.both = both && (flows.from.is_some() || flows.to.is_some());
    }
    if cursor.skip("over") {
        let bytes = take(cursor, "packet-size", whole, &mut places.by)?;
        cursor.demand("bytes")?;
        flows.which = Which::Over(u16::try_from(bytes).unwrap_or(u16::MAX));
    }
    Ok(make(switch, flows, percent))
}

#[expect(clippy::option_option, reason = "`*` is a name that stands for no one replica")]
fn anybody(name: &str) -> Option<Option<ReplicaId>> {
    if name == "*" { Some(None) } else { replica_named(name).map(Some) }
}

/// `n1` to `n15`, or `leader`.
#[inline(never)]
pub(super) fn replica_named(name: &str) -> Option<ReplicaId> {
    let replica = counted(name, "n").map(ReplicaId).filter(|replica| !replica.is_leader());
    replica.or_else(|| is_leader(name).then_some(ReplicaId::LEADER))
}

/// True for what some protocol with a leader calls it: `leader`, `primary`, `proposer`.
#[inline(never)]
fn is_leader(name: &str) -> bool {
    let mut leading = Protocol::ALL.into_iter().filter(|protocol| protocol.has_leader());
    leading.any(|protocol| protocol.terms().leader == name)
}

/// `r1.s1.disk`, `leader.disk`.
fn volume_named(name: &str, by: Micros) -> Option<Object> {
    let of = name.strip_suffix(".disk")?;
    let leads = || Object::VolumeOf { replica: ReplicaId::LEADER, by };
    let server = server_named(of).map(|server| Object::Volume { server, by });
    server.or_else(|| is_leader(of).then(leads))
}

/// `r1.s1`.
pub(super) fn server_named(name: &str) -> Option<ServerAt> {
    match part_named(name) {
        Some(Part::Server(server)) => Some(server),
        _ => None,
    }
}

/// Any part; whether the plant has it is another question.
pub(super) fn part_named(name: &str) -> Option<Part> {
    if let Some(site) = site_named(name) {
        return Some(Part::Site(site));
    }
    if let Some(ends) = name.strip_prefix("wan") {
        let (one, other) = ends.split_once('-')?;
        let (one, other) = (counted(one, "")? + 1, counted(other, "")? + 1);
        return (one != other).then(|| Part::wan(Site(one), Site(other)));
    }
    let in_site = name.split_once('.').and_then(|(site, part)| Some((site_named(site)?, part)));
    let (site, of_site) = in_site.unwrap_or((Site::ONLY, name));
    if let Some(side) = sided(of_site, "feed-") {
        return Some(Part::Feed { site, side });
    }
    if let Some(side) = sided(of_site, "spine-") {
        return Some(Part::Spine { site, side });
    }
    if let Some(side) = sided(of_site, "generator-") {
        return Some(Part::Generator { site, side });
    }
    if let Some(side) = sided(of_site, "ups-") {
        return Some(Part::Ups { site, side });
    }
    let (rack, within) = name.split_once('.')?;
    let rack = counted(rack, "r")?;
    if within == "ats" {
        return Some(Part::Ats { rack });
    }
    if let Some(side) = sided(within, "breaker-") {
        return Some(Part::Breaker { rack, side });
    }
    if let Some(side) = sided(within, "pdu-") {
        return Some(Part::Pdu { rack, side });
    }
    if let Some(side) = sided(within, "tor-") {
        return Some(Part::Tor { rack, side });
    }
    let (slot, inside) = within.split_once('.').map_or((within, None), |(s, d)| (s, Some(d)));
    let server = ServerAt { rack, slot: counted(slot, "s")? };
    let Some(inside) = inside else { return Some(Part::Server(server)) };
    if let Some(side) = sided(inside, "nic-") {
        return Some(Part::Nic { server, side });
    }
    if let Some(side) = sided(inside, "psu-") {
        return Some(Part::Psu { server, side });
    }
    Some(Part::Disk { server, disk: counted(inside, "d")? })
}

/// `site2`; sites count from 1.
fn site_named(name: &str) -> Option<Site> {
    counted(name, "site").map(|number| Site(number + 1))
}

fn sided(name: &str, prefix: &str) -> Option<Side> {
    match name.strip_prefix(prefix)? {
        "a" => Some(Side::A),
        "b" => Some(Side::B),
        _ => None,
    }
}

/// The number from 0 behind a letter, as `n12`: two digits at most, no leading zero.
fn counted(name: &str, letter: &str) -> Option<u8> {
    let digits = name.strip_prefix(letter)?;
    let plain = digits.len() <= 2 && !digits.starts_with('0');
    let number = whole(digits).filter(|_| plain)?;
    u8::try_from(number - 1).ok()
}
