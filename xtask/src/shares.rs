//! What each protocol costs in the modules: the functions of its part of the crate, counted.
//!
//! rustc leaves the functions' names in the module that it makes, wasm-opt does not; so the shares
//! are those of the code before it is optimised, and what was inlined counts where it ended up.

use crate::wasm::Module;
use anyhow::{Context, Result};
use std::collections::BTreeMap;
use std::fs;
use wasmparser::{KnownCustom, Name, Parser, Payload};

/// Code bytes by protocol, and of the whole module.
pub(crate) struct Shares {
    /// By the name of the file in `src/protocol/`.
    by_protocol: BTreeMap<String, usize>,
    whole: usize,
}

/// Counts the code of a module that has been built.
#[expect(clippy::wildcard_enum_match_arm, reason = "a module has many sections, two of interest")]
pub(crate) fn count(module: &Module) -> Result<Shares> {
    let bytes =
        fs::read(module.built_from()).context("the module is built before it is weighed")?;
    let (mut imported, mut sizes, mut names) = (0, Vec::new(), BTreeMap::new());
    for payload in Parser::new(0).parse_all(&bytes) {
        match payload? {
            Payload::ImportSection(imports) => {
                for import in imports.into_imports() {
                    imported += u32::from(matches!(import?.ty, wasmparser::TypeRef::Func(_)));
                }
            }
            Payload::CodeSectionEntry(body) => {
                let range = body.range();
                sizes.push(range.end - range.start);
            }
            Payload::CustomSection(section) => {
                let KnownCustom::Name(section) = section.as_known() else { continue };
                for subsection in section {
                    let Name::Function(functions) = subsection? else { continue };
                    for naming in functions {
                        let naming = naming?;
                        names.insert(naming.index, naming.name.to_owned());
                    }
                }
            }
            _ => {}
        }
    }
    let mut shares = Shares { by_protocol: BTreeMap::new(), whole: sizes.iter().sum() };
    for (index, size) in (imported..).zip(sizes) {
        if let Some(protocol) = names.get(&index).and_then(|name| protocol_in(name)) {
            *shares.by_protocol.entry(protocol).or_default() += size;
        }
    }
    Ok(shares)
}

/// The file under `src/protocol/` that a function of this mangled name is from.
fn protocol_in(name: &str) -> Option<String> {
    // An implementation of a trait is named by its type, spelled with dots.
    if let Some((_, after)) = name.split_once("halflink..protocol..") {
        let file = after.split(|one: char| !one.is_ascii_lowercase() && one != '_').next()?;
        return (!file.is_empty()).then(|| file.to_owned());
    }
    let (_, after) = name.split_once("8halflink8protocol")?;
    let digits: String = after.chars().take_while(char::is_ascii_digit).collect();
    let length: usize = digits.parse().ok()?;
    let file = after.get(digits.len()..digits.len() + length)?;
    // What stands in protocol.rs itself has only its hash behind it.
    let within = !after[digits.len() + length..].starts_with("17h");
    (within && file.starts_with(|first: char| first.is_ascii_lowercase())).then(|| file.to_owned())
}

impl Shares {
    /// Prints a table, with what each would weigh on the wire if all code were compressed alike.
    pub(crate) fn print(&self, gzip: usize) {
        println!("{:>9}  {:>9}  protocol", "code", "gzip, about");
        for (protocol, &size) in &self.by_protocol {
            println!("{size:>9}  {:>11}  {protocol}", gzip * size / self.whole.max(1));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::protocol_in;

    #[test]
    fn names_tell_the_protocol() {
        let name = "_ZN8halflink8protocol5paxos5Paxos4step17h0123456789abcdefE";
        assert_eq!(protocol_in(name).as_deref(), Some("paxos"));
        let of_trait = "_ZN66_$LT$halflink..protocol..vr..Vr$u20$as$u20$X$GT$4stepE";
        assert_eq!(protocol_in(of_trait).as_deref(), Some("vr"));
        assert_eq!(protocol_in("_ZN8halflink8protocol8Protocol5namedE"), None);
        assert_eq!(protocol_in("_ZN8halflink8protocol12command_name17h01234567E"), None);
    }
}
