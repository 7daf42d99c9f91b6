//! The scripts of `<half-link>`: one that defines it, and what that loads when one is seen.
//!
//! Several elements stand in one document, which is not ours, and each runs the embed's modules.
//! So those are put into a function of the document that they may see, `www/run/room.js`, and the
//! function is called once for each element; the engine is compiled once for all of them. Styles
//! come as strings, for a sheet that a page's policy does not ask about.

use crate::embed::{self, part};
use crate::{languages, library, npm, paths, words};
use anyhow::{Context, Result, bail};
use regex::Regex;
use serde_json::{Value, json};
use std::fs;

/// What a page loads.
pub(crate) const FIRST: &str = "halflink-element.js";

/// What comes when an element is seen: the engine, and the embed over it.
const RUN: &str = "halflink-element-run.js";

/// What comes when a reader asks for it.
const LATE: &str = "halflink-element-late.js";

/// What the modules of a room know of the page, in place of the page's own.
const ROOM: &str = "document,window,self,globalThis,location";

/// All that the build leaves in pkg/.
pub(crate) const BUILT: [&str; 3] = [FIRST, RUN, LATE];

/// The texts of the scripts, in the order of `BUILT`; nothing where there is no esbuild, so that
/// what stands between the tags stays.
///
/// # Arguments
/// * `engine` - the parts of the embed's script that are no page: unpacker and engine
pub(crate) fn scripts(engine: &str) -> Result<[String; 3]> {
    if npm::esbuild().is_none() {
        return Ok([const { String::new() }; 3]);
    }
    let late = paths::www().join("element-late.js");
    let text = fs::read_to_string(paths::www().join("embed-late.js")).context("embed-late.js")?;
    let apart: Vec<&str> = text.lines().filter_map(embed::imported).collect();
    let [first, host, run] =
        ["element.js", "element-host.js", "element-run.js"].map(|name| paths::www().join(name));
    let first = words::fill_script(&embed::bundle(&first, None, &[])?)?;
    let site = json!({"languages": languages::named()?, "library": library::names()?.join(",")});
    let style = |name: &str| Ok::<_, anyhow::Error>(Value::from(in_room(&embed::style(name)?)));
    let in_room =
        |name: &str, script: &str| part(name, &format!("(({ROOM})=>{{{script}return scripts}})"));
    let whole =
        |name: &str, script: &str| part(name, &format!("(()=>{{{script}return scripts}})()"));
    let run = [
        engine.to_owned(),
        whole("element-host", &embed::bundle(&host, Some("scripts"), &[])?),
        in_room("element-run", &embed::bundle(&run, Some("scripts"), &apart)?),
        part("element-site", &site.to_string()),
        part("element-style", &style("element.css")?.to_string()),
    ];
    let late = [
        in_room("element-late", &embed::bundle(&late, Some("scripts"), &[])?),
        part("element-late-style", &style("embed-late.css")?.to_string()),
    ];
    let [run, late] = [run.concat(), late.concat()];
    Ok([of_own(&first)?, of_own(&run)?, of_own(&late)?])
}

/// What a host has put into the prototype of all objects is nothing of ours. esbuild's own helper
/// goes through all names of an object, and no option makes it leave that.
///
/// # Errors
///
/// A loop over names that is not written as esbuild writes its own.
fn of_own(script: &str) -> Result<String> {
    let helper = Regex::new(r"for\(var ([\w$]+) in ([\w$]+)\)").expect("constant");
    let own = helper.replace_all(script, "for(var $1 of Object.keys($2))").into_owned();
    let any = Regex::new(r"\bfor\s*\((?:(?:var|let|const)\s)?\s*[\w$]+\s+in\s[^)]*\)");
    if let Some(found) = any.expect("constant").find(&own) {
        bail!("the element goes through names that a host may have added: {}", found.as_str());
    }
    Ok(own)
}

/// A style sheet of a page as a shadow root takes it: the page is the element's stage, and what
/// asks for the width of a window asks for the element's.
fn in_room(css: &str) -> String {
    let rules = [
        (r":root\b|\bbody\.embed\b", ".embed"),
        (r"(^|[},])(?:body|html)\{", "$1.embed{"),
        (r"@media\s*(\((?:min|max)-width:)", "@container $1"),
        (r"min-height:100vh", "flex:1 0 auto"),
    ];
    rules.iter().fold(css.to_owned(), |css, (from, to)| {
        Regex::new(from).expect("constant").replace_all(&css, *to).into_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::{in_room, of_own};

    #[test]
    fn names_that_a_host_has_given_to_all_objects_are_not_met() {
        let script = "for(var n in e)E(t,n,{get:e[n]});for(var i=0;i<1;i++){}";
        let expected = "for(var n of Object.keys(e))E(t,n,{get:e[n]});for(var i=0;i<1;i++){}";
        assert_eq!(of_own(script).expect("esbuild's own"), expected);
        for other in ["for(let a in t.b){}", "for (const a in {}){}", "for(a in t){}"] {
            assert!(of_own(other).is_err(), "{other}");
        }
    }

    #[test]
    fn a_page_s_style_asks_for_the_element_in_its_place() {
        let css = "*{box-sizing:border-box}:root{--a:1}body{margin:0}html{x:y}\n\
            body.embed{min-height:100vh}.body{a:b}@media (min-width:1000px){.a{b:c}}\
            @media (prefers-reduced-motion:reduce){.a{b:c}}";
        let expected = "*{box-sizing:border-box}.embed{--a:1}.embed{margin:0}.embed{x:y}\n\
            .embed{flex:1 0 auto}.body{a:b}@container (min-width:1000px){.a{b:c}}\
            @media (prefers-reduced-motion:reduce){.a{b:c}}";
        assert_eq!(in_room(css), expected);
    }
}
