//! The canonical text of a scenario.
//!
//! Two scenarios are equal exactly if their texts are: `parse(print(x)) == x`, and printing what
//! was parsed from a printed text changes nothing. Comments are not part of a scenario.

use std::fmt;

use super::note::Note;
use super::{Disk, Group, Scenario, Transport};
use crate::clock::{Micros, Span};
use crate::plant::{Bond, HashPolicy, PlantSpec, Port, Power};

/// The first line of every text.
pub(super) const VERSION: u64 = 1;

/// The scenario as text, one statement a line, aligned, acts and notes in order of time.
pub fn print(scenario: &Scenario) -> String {
    scenario.to_string()
}

impl fmt::Display for Scenario {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.fmt_head(formatter)?;
        self.fmt_story(formatter)?;
        for expectation in &self.expectations {
            writeln!(formatter, "expect  {expectation}")?;
        }
        writeln!(formatter, "run     {}", self.until)
    }
}

impl Scenario {
    fn fmt_head(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(formatter, "halflink {VERSION}")?;
        writeln!(formatter, "title   {}", escape(&self.title))?;
        if let Some(source) = &self.source {
            writeln!(formatter, "source  {}", escape(source))?;
        }
        fmt_plant(self.plant, formatter)?;
        for (server, name) in &self.server_names {
            writeln!(formatter, "name    {server} {name}")?;
        }
        for (number, group) in self.groups.iter().enumerate() {
            group.fmt_timing(&|of| self.called(number, &of.to_string()), formatter)?;
            if number == 0 && (self.hop, self.jitter) != (Self::HOP, Self::JITTER) {
                writeln!(formatter, "network hop {}, jitter {}", self.hop, self.jitter)?;
            }
            if number == 0 || group.seed != self.group().seed {
                writeln!(formatter, "seed    {}", group.seed)?;
            }
            group.fmt_clients(&|of| self.called(number, &of.to_string()), formatter)?;
        }
        Ok(())
    }

    /// Acts and notes; of those at the same time, the acts first.
    fn fmt_story(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let written = self.unexpanded();
        let once = self.repeats.iter().filter(|repeat| repeat.every.is_none());
        let times = written.iter().map(|(at, _)| at).chain(once.map(|repeat| &repeat.from));
        let wide = times.map(|at| at.to_string().len()).max().unwrap_or(0);
        let mut notes = self.notes.iter().peekable();
        let mut fmt_notes = |formatter: &mut fmt::Formatter<'_>, before: Micros| {
            let is_due = |note: &&Note| note.time().is_none_or(|at| at < before);
            let is_last = before == Micros::NEVER;
            while let Some(note) =
                notes.next_if(|note| is_due(note) && (is_last || note.time().is_some()))
            {
                writeln!(formatter, "{} {}", self.cue_text(note), escape(&note.text))?;
            }
            Ok(())
        };
        let mut repeats = self.repeats.iter().peekable();
        let mut fmt_repeats = |formatter: &mut fmt::Formatter<'_>, by: Micros| {
            while let Some(repeat) = repeats.next_if(|repeat| repeat.from <= by) {
                repeat.fmt(formatter, (&self.action_text(&repeat.act), wide))?;
                writeln!(formatter)?;
            }
            Ok(())
        };
        for (at, act) in &written {
            fmt_repeats(formatter, *at)?;
            fmt_notes(formatter, *at)?;
            let act = self.action_text(act);
            writeln!(formatter, "at {:wide$} {act}", at.to_string())?;
        }
        fmt_repeats(formatter, Micros::NEVER)?;
        fmt_notes(formatter, Micros::NEVER)
    }
}

impl Group {
    fn fmt_timing(
        &self,
        called: &dyn Fn(&dyn fmt::Display) -> String,
        formatter: &mut fmt::Formatter<'_>,
    ) -> fmt::Result {
        write!(formatter, "cluster {}: {} on", self.name, self.protocol)?;
        for member in &self.members {
            write!(formatter, " {}", called(member))?;
        }
        if let Some(tolerate) = self.tolerate {
            write!(formatter, "\ntolerate {tolerate}")?;
        }
        let election = span(&self.election);
        writeln!(formatter, "\ntiming  heartbeat {}, election {election}", self.heartbeat)?;
        for (replica, name) in &self.names {
            writeln!(formatter, "name    {replica} {name}")?;
        }
        for (replica, own) in &self.election_of {
            writeln!(formatter, "timing  {} election {}", called(replica), span(own))?;
        }
        for (replica, percent) in &self.clocks {
            writeln!(formatter, "clock   {} {percent}%", called(replica))?;
        }
        Ok(())
    }

    fn fmt_clients(
        &self,
        called: &dyn Fn(&dyn fmt::Display) -> String,
        formatter: &mut fmt::Formatter<'_>,
    ) -> fmt::Result {
        if let Some(every) = self.write_every {
            write!(formatter, "write   every {every}")?;
            if let Some(patience) = self.patience {
                write!(formatter, ", patience {patience}")?;
            }
            writeln!(formatter)?;
        }
        if let Some(clients) = self.clients {
            writeln!(formatter, "clients {clients}")?;
        }
        for database in &self.databases {
            database.fmt(called, formatter)?;
        }
        if let Some((every, by)) = self.read {
            writeln!(formatter, "read    every {every} by {}", by.name())?;
        }
        if self.disk != Disk::AT_ONCE {
            writeln!(formatter, "disk    {}", self.disk)?;
        }
        if self.transport != Transport::Datagram {
            writeln!(formatter, "transport {}", self.transport)?;
        }
        Ok(())
    }
}

/// What all servers have, what some have instead, and what is between feeds and supplies.
#[inline(never)]
fn fmt_plant(spec: PlantSpec, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
    write!(formatter, "plant   {}", plant(spec))?;
    if spec.wan != PlantSpec::WAN {
        write!(formatter, ", wan {}", spec.wan)?;
    }
    if let Some(rebuild) = spec.rebuild {
        write!(formatter, ", rebuild {rebuild}")?;
    }
    let bond = match spec.bond {
        Bond::Hashed => None,
        Bond::Lacp(rate) => Some(["lacp", rate.name()].join(" ")),
        Bond::ActiveBackup => Some("active-backup".to_owned()),
    };
    if let Some(bond) = bond {
        write!(formatter, ", bond {bond}")?;
    }
    if spec.hash != HashPolicy::Layer2 {
        write!(formatter, ", hash {}", spec.hash.name())?;
    }
    let usual = Port::ALL.map(|port| spec.usual(port));
    for port in Port::ALL.into_iter().filter(|port| usual[*port as usize].is_some()) {
        write!(formatter, ", {}", port.words(usual[port as usize]))?;
    }
    formatter.write_str(match (spec.mlag, spec.peer_links) {
        (true, _) => ", mlag\n",
        (false, true) => ", peer links\n",
        (false, false) => "\n",
    })?;
    for at in spec.each_server() {
        let own = Port::ALL.map(|port| spec.single(port, at));
        let differs = |port: &Port| own[*port as usize] != usual[*port as usize];
        for (number, port) in Port::ALL.into_iter().filter(differs).enumerate() {
            let before = if number == 0 { format!("server  {at} ") } else { ", ".to_owned() };
            write!(formatter, "{before}{}", port.words(own[port as usize]))?;
        }
        if own != usual {
            writeln!(formatter)?;
        }
    }
    if spec.power != Power::NONE {
        writeln!(formatter, "power   {}", spec.power)?;
    }
    Ok(())
}

/// "3 racks of 3 servers, 4 disks each", "2 sites of 3 racks of 3 servers, 4 disks each".
pub(super) fn plant(spec: PlantSpec) -> String {
    let count = |number: u8, what: &str| {
        if number == 1 { format!("1 {what}") } else { format!("{number} {what}s") }
    };
    let sites = if spec.sites > 1 { count(spec.sites, "site") + " of " } else { String::new() };
    let racks = count(spec.racks / spec.sites.max(1), "rack");
    let (servers, disks) = (count(spec.servers, "server"), count(spec.disks, "disk"));
    format!("{sites}{racks} of {servers}, {disks} each")
}

/// "2ms..8ms", or "5ms" where both are the same.
pub(super) fn span_or_one(of: &Span) -> String {
    if of.start() == of.end() { of.start().to_string() } else { span(of) }
}

fn span(span: &Span) -> String {
    format!("{}..{}", span.start(), span.end())
}

/// In double quotes; a quote and a backslash get a backslash.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + 2);
    escaped.push('"');
    for char in text.chars() {
        if matches!(char, '"' | '\\') {
            escaped.push('\\');
        }
        escaped.push(char);
    }
    escaped.push('"');
    escaped
}
