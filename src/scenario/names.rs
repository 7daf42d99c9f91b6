//! What an author calls servers and replicas: `name r1.s1 east-1`, `name n1 alice`.
//!
//! A name may stand wherever what it names may, also before what is in a server (`east-1.d2`). It
//! is looked up where parts and replicas are read, and nowhere else, so the grammar may grow by
//! words that somebody has for a name. The printer puts names back; all else knows numbers.

use super::cursor::{Cursor, Parsed};
use super::diagnostic::{Place, is_unprintable};
use super::{Bounds, Scenario};
use crate::fact::{Fact, fact};
use crate::fault::{ReplicaId, verb};
use crate::plant::ServerAt;
use crate::scenario::action::{part_named, replica_named, server_named};

/// A name, and what it stands for as the grammar writes that.
#[derive(Clone, Debug, Default)]
pub(super) struct Known {
    /// The name.
    pub(super) name: String,
    /// "r1.s1", "n1".
    pub(super) of: String,
    /// Of a replica, in which group.
    pub(super) group: Option<String>,
}

/// Words that stand where a part or a replica may.
const TAKEN: [&str; 5] = ["all", "to", "for", "heartbeat", "name"];

/// What is named: a server, or a replica of the group that the line belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Named {
    /// A server.
    Server(ServerAt),
    /// A replica.
    Replica(ReplicaId),
}

/// What a line with `name` says, after that word.
pub(super) struct NameDraft {
    pub(super) of: (Named, Place),
    pub(super) name: (String, Place),
}

impl NameDraft {
    /// `r1.s1 east-1`, `n1 alice`.
    #[inline(never)]
    pub(super) fn read(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let named = |word: &str| {
            let replica = replica_named(word).filter(|one| !one.is_leader()).map(Named::Replica);
            replica.or_else(|| server_named(word).map(Named::Server))
        };
        let of = cursor.take("named", named)?;
        let name = cursor.take("name", |word| Some(word.to_owned()))?;
        Ok(Self { of, name })
    }
}

/// All names of a text, wherever they stand: they may be used above.
#[inline(never)]
pub(super) fn known(text: &str) -> Vec<Known> {
    let (mut found, mut cluster) = (Vec::new(), "");
    for line in text.lines() {
        let mut cursor = Cursor::new(line, 1);
        if cursor.skip("cluster") {
            cluster = cursor.word();
        } else if cursor.skip("name")
            && let Ok(NameDraft { of: (of, _), name: (name, _) }) = NameDraft::read(&mut cursor)
            && wrong(&name).is_none()
        {
            let (of, group) = match of {
                Named::Server(server) => (server.to_string(), None),
                Named::Replica(id) => (id.to_string(), Some(cluster.to_owned())),
            };
            found.push(Known { name, of, group });
        }
    }
    found
}

/// Why that can be no name, if it cannot.
#[inline(never)]
pub(super) fn wrong(name: &str) -> Option<Fact> {
    let most = Bounds::NAME;
    if name.chars().count() > most {
        return Some(fact!("name-too-long", most));
    }
    let fits = |char: char| is_letter(char) || char.is_ascii_digit() || matches!(char, '-' | '_');
    if !name.starts_with(is_letter) || !name.chars().all(fits) {
        return Some("name-form".into());
    }
    // `r1` is no part, and would hide all of its rack: in `r1.tor-a` it stands for the server.
    let numbered = |of: &&str| {
        let rest = name.strip_prefix(*of).unwrap_or_default();
        !rest.is_empty()
            && rest.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-' && *of == "wan")
    };
    let is_word = ["r", "n", "site", "wan"].iter().any(numbered)
        || part_named(name).is_some()
        || replica_named(name).is_some();
    let is_taken = is_word || TAKEN.contains(&name) || verb::names().any(|verb| verb == name);
    is_taken.then(|| fact!("name-taken", name = name.to_owned()))
}

/// True for the letters of scripts in use, with the marks that some of these put on them. Marks,
/// dashes and symbols that make one name look like another are none.
fn is_letter(char: char) -> bool {
    let is_of_script = matches!(char,
        '\u{c0}'..='\u{d6}' | '\u{d8}'..='\u{f6}' | '\u{f8}'..='\u{24f}' | '\u{370}'..='\u{1fff}'
        | '\u{2c00}'..='\u{2dff}' | '\u{3005}'..='\u{3007}' | '\u{3041}'..='\u{318f}'
        | '\u{3400}'..='\u{d7ff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}');
    char.is_ascii_alphabetic() || is_of_script && !is_unprintable(char)
}

/// True for what stands in a word such as `r1.tor-a`.
fn is_of_word(char: char) -> bool {
    !char.is_ascii() || char.is_ascii_alphanumeric() || matches!(char, '.' | '-' | '_')
}

impl Scenario {
    /// All names, and what they stand for.
    pub(super) fn known_names(&self) -> Vec<Known> {
        let servers = self.server_names.iter().map(|(server, name)| Known {
            name: name.clone(),
            of: server.to_string(),
            group: None,
        });
        let mut known: Vec<Known> = servers.collect();
        for group in &self.groups {
            let replicas = group.names.iter().map(|(id, name)| Known {
                name: name.clone(),
                of: id.to_string(),
                group: Some(group.name.clone()),
            });
            known.extend(replicas);
        }
        known
    }

    /// What servers are called and that group's replicas: what the language calls them, and the
    /// name.
    pub fn names(&self, group: usize) -> Vec<(String, String)> {
        let own = |name: &String| *name == self.groups[group].name;
        let known = self.known_names().into_iter();
        let known = known.filter(|one| one.group.as_ref().is_none_or(own));
        known.map(|one| (one.of, one.name)).collect()
    }

    /// What is written, or said, with names in place of what that group has a name for.
    #[inline(never)]
    pub fn called(&self, group: usize, written: &str) -> String {
        let names = self.names(group);
        if names.is_empty() {
            return written.to_owned();
        }
        let mut called = String::with_capacity(written.len());
        let mut rest = written;
        while !rest.is_empty() {
            let ends = rest.find(|char| !is_of_word(char)).unwrap_or(rest.len());
            let (word, after) = rest.split_at(ends);
            let fits = |(of, _): &&(String, String)| {
                let inside = word.strip_prefix(of.as_str());
                inside.is_some_and(|inside| inside.is_empty() || inside.starts_with('.'))
            };
            match names.iter().find(fits) {
                Some((of, name)) => {
                    called.push_str(name);
                    called.push_str(&word[of.len()..]);
                }
                None => called.push_str(word),
            }
            let between = after.find(is_of_word).unwrap_or(after.len());
            called.push_str(&after[..between]);
            rest = &after[between..];
        }
        called
    }
}
