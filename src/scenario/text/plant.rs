//! The plant: how large it is, what all servers have, and what one has instead.

use super::Put;
use crate::clock::Micros;
use crate::fact::{Fact, fact};
use crate::plant::{Bond, HashPolicy, Part, PlantSpec, Port, Rate, ServerAt, Side, Single};
use crate::scenario::action::server_named;
use crate::scenario::cursor::{Cursor, Parsed};
use crate::scenario::diagnostic::{Diagnostic, Place};
use crate::scenario::validate::absent;

/// What could be read of it.
#[derive(Default)]
pub(super) struct PlantDraft {
    /// Racks of a site, servers, disks.
    sizes: Option<[Put<u64>; 3]>,
    /// Sites, where that is said.
    sites: Option<Put<u64>>,
    /// How long a WAN link takes.
    wan: Option<Put<Micros>>,
    /// What all servers have.
    singles: Singles,
    peer_links: bool,
    /// Where it is said that the switches of a rack pose as one.
    mlag: Option<Place>,
    bond: Option<Bond>,
    hash: Option<HashPolicy>,
    /// How long a new disk is rebuilt.
    rebuild: Option<Put<Micros>>,
    /// What one has instead.
    servers: Vec<(Put<ServerAt>, Singles)>,
}

/// By kind of port, which of a pair a server has, where that is said.
type Singles = [Option<Single>; 2];

impl PlantDraft {
    /// `3 racks of 3 servers, 4 disks each`, before it `2 sites of`, what all servers have, `wan
    /// 35ms`, `rebuild 30s`, `peer links` or `mlag`, `bond lacp fast`, `hash layer3+4`.
    #[inline(never)]
    pub(super) fn all(&mut self, cursor: &mut Cursor<'_>) -> Parsed<()> {
        let first = cursor.number("racks")?;
        let racks = if cursor.skip("sites") || cursor.skip("site") {
            cursor.demand("of")?;
            self.sites = Some(first);
            counted(cursor, "rack", "racks")?
        } else {
            if !cursor.skip("rack") && !cursor.skip("racks") {
                return Err(cursor.expected_of("one-of", &["racks", "sites"]));
            }
            first
        };
        cursor.demand("of")?;
        let servers = counted(cursor, "server", "servers")?;
        cursor.demand(",")?;
        let disks = counted(cursor, "disk", "disks")?;
        cursor.demand("each")?;
        self.sizes = Some([racks, servers, disks]);
        while cursor.peek().is_some() {
            cursor.demand(",")?;
            let place = cursor.peek().map(|token| token.place);
            if !self.peer_links && cursor.skip("mlag") {
                (self.peer_links, self.mlag) = (true, place);
            } else if !self.peer_links && cursor.skip("peer") {
                cursor.demand("links")?;
                self.peer_links = true;
            } else if self.rebuild.is_none() && cursor.skip("rebuild") {
                self.rebuild = Some(cursor.duration("rebuild")?);
            } else if self.wan.is_none() && cursor.skip("wan") {
                self.wan = Some(cursor.duration("wan")?);
            } else if self.bond.is_none() && cursor.skip("bond") {
                self.bond = Some(bond(cursor)?);
            } else if self.hash.is_none() && cursor.skip("hash") {
                self.hash = Some(hash(cursor)?);
            } else {
                let free = [
                    ("peer", !self.peer_links),
                    ("mlag", !self.peer_links),
                    ("rebuild", self.rebuild.is_none()),
                    ("bond", self.bond.is_none()),
                    ("hash", self.hash.is_none()),
                    ("wan", self.wan.is_none()),
                ];
                let free = free.into_iter().filter_map(|(word, is_free)| is_free.then_some(word));
                single(cursor, &mut self.singles, &free.collect::<Vec<_>>())?;
            }
        }
        Ok(())
    }

    /// `r2.s3 single-homed a, dual-corded`.
    #[inline(never)]
    pub(super) fn server(&mut self, cursor: &mut Cursor<'_>) -> Parsed<()> {
        let server = cursor.take("server", server_named)?;
        let mut singles = Singles::default();
        single(cursor, &mut singles, &[])?;
        while cursor.peek().is_some() {
            cursor.demand(",")?;
            single(cursor, &mut singles, &[])?;
        }
        self.servers.push((server, singles));
        Ok(())
    }

    /// Where one of the sizes stands.
    pub(super) fn place(&self, word: usize) -> Option<Place> {
        let sizes = self.sizes?;
        match word {
            0..3 => Some(sizes[word].1),
            3 => self.rebuild.map(|put| put.1),
            4 => self.sites.map(|put| put.1),
            5 => self.wan.map(|put| put.1),
            _ => self.mlag,
        }
    }

    /// The plant, the largest that the grammar can name where it was not read.
    #[inline(never)]
    pub(super) fn spec(&self) -> PlantSpec {
        let Some(sizes) = self.sizes else { return PlantSpec::new(99, 99, 99) };
        let small = |put: Put<u64>| u8::try_from(put.0).unwrap_or(u8::MAX);
        let [racks, servers, disks] = sizes.map(small);
        let sites = self.sites.map_or(1, small);
        let racks = racks.saturating_mul(sites);
        let mut spec = PlantSpec::new(racks, servers, disks);
        spec.sites = sites;
        spec.wan = self.wan.map_or(PlantSpec::WAN, |put| put.0);
        (spec.peer_links, spec.mlag) = (self.peer_links, self.mlag.is_some());
        spec.rebuild = self.rebuild.map(|put| put.0);
        spec.bond = self.bond.unwrap_or(Bond::Hashed);
        spec.hash = self.hash.unwrap_or(HashPolicy::Layer2);
        if racks > PlantSpec::RACKS || servers > PlantSpec::SERVERS {
            return spec;
        }
        for at in spec.each_server() {
            let own = self.servers.iter().filter(|((other, _), _)| *other == at);
            for singles in std::iter::once(&self.singles).chain(own.map(|(_, own)| own)) {
                for port in Port::ALL {
                    if let Some(single) = singles[port as usize] {
                        spec.set_single(port, at, single);
                    }
                }
            }
        }
        spec
    }

    /// Servers that are not there, or of which is said twice what they have.
    #[inline(never)]
    pub(super) fn flaws(&self, spec: &PlantSpec) -> Vec<Diagnostic> {
        let mut wrong = Vec::new();
        for (number, ((at, place), _)) in self.servers.iter().enumerate() {
            let earlier = self.servers[..number].iter().find(|((other, _), _)| other == at);
            let fact = earlier.map_or_else(
                || absent(Part::Server(*at), *spec),
                |((_, earlier), _)| {
                    let fact = fact!("server-twice", server = at.to_string());
                    Some(fact.with("line", u64::from(earlier.line)))
                },
            );
            wrong.extend(fact.map(|fact| place.says(fact)));
        }
        // Of a plant of one site validation does not see that the usual time was written.
        let usual = self.wan.filter(|(wan, _)| spec.sites == 1 && *wan == PlantSpec::WAN);
        wrong.extend(usual.map(|(_, place)| place.says(Fact::plain("wan-of-one-site"))));
        wrong
    }
}

#[inline(never)]
fn counted(cursor: &mut Cursor<'_>, one: &str, many: &'static str) -> Parsed<Put<u64>> {
    let number = cursor.number(many)?;
    if cursor.skip(one) {
        return Ok(number);
    }
    cursor.demand(many)?;
    Ok(number)
}

/// `lacp fast`: how the two cables of a server are bonded.
#[inline(never)]
fn bond(cursor: &mut Cursor<'_>) -> Parsed<Bond> {
    if cursor.skip("active-backup") {
        Ok(Bond::ActiveBackup)
    } else if !cursor.skip("lacp") {
        Err(cursor.expected_of("one-of", &["lacp", "active-backup"]))
    } else if cursor.skip("fast") {
        Ok(Bond::Lacp(Rate::Fast))
    } else if cursor.skip("slow") {
        Ok(Bond::Lacp(Rate::Slow))
    } else {
        Err(cursor.expected_of("one-of", &["fast", "slow"]))
    }
}

/// `layer3+4`: what a way is chosen by.
#[inline(never)]
fn hash(cursor: &mut Cursor<'_>) -> Parsed<HashPolicy> {
    let known = HashPolicy::ALL.into_iter().find(|policy| cursor.skip(policy.name()));
    known.ok_or_else(|| cursor.expected_of("one-of", &HashPolicy::ALL.map(HashPolicy::name)))
}

/// `single-homed b`: which of a pair is there. Without a letter it is the first. What else may
/// stand there is named where it is something else.
#[inline(never)]
fn single(cursor: &mut Cursor<'_>, singles: &mut Singles, others: &[&'static str]) -> Parsed<()> {
    let is_free = |word: &&str| singles[Port::of(word) as usize].is_none();
    let mut names: Vec<&str> = Port::WORDS.into_iter().filter(is_free).collect();
    let word = cursor.peek().and_then(|token| names.iter().find(|name| **name == token.text));
    let Some(&word) = word else {
        names.extend(others);
        return Err(cursor.expected_of("one-of", &names));
    };
    cursor.skip(word);
    let side = || if !cursor.skip("a") && cursor.skip("b") { Side::B } else { Side::A };
    singles[Port::of(word) as usize] = Some(word.starts_with("single").then(side));
    Ok(())
}

#[cfg(test)]
mod tests;
