//! How many sets of one-way cuts come out how, as tables of which every count opens a run: the data
//! of docs/ONE-WAY-CUTS.md, which says how it was made.

use crate::paths;
use crate::words::escaped;
use anyhow::{Context, Result};
use serde_json::Value;
use std::fmt::Write as _;
use std::fs;

/// The page's folder, in the library's.
pub(crate) const DIR: &str = "one-way-cuts";

/// The words of a run, worst first.
const OUTCOMES: [&str; 6] = ["unsafe", "stalled", "flapping", "recovered", "parted", "stable"];

/// All tables. said: a sentence of the catalogue; play: the playground with a link.
pub(crate) fn tables(
    said: &dyn Fn(&str) -> String,
    play: &dyn Fn(&str) -> String,
) -> Result<String> {
    let mut html = String::new();
    let tables = [
        ("one-way-cuts", said("cuts.trusting")),
        ("one-way-cuts-bft", said("cuts.bft")),
        ("one-way-cuts-paxos", said("cuts.paxos")),
        ("one-way-cuts-generals", said("cuts.generals")),
    ];
    for (name, heading) in tables {
        let path = paths::root().join("docs").join(format!("{name}.json"));
        let data = fs::read_to_string(&path).with_context(|| paths::shown(&path))?;
        let data: Vec<Value> = serde_json::from_str(&data).with_context(|| paths::shown(&path))?;
        let heading = escaped(&heading);
        let columns = [said("cuts.cuts"), said("cuts.sets")];
        let outcomes = OUTCOMES.map(|outcome| said(&format!("word.{outcome}")));
        let head = columns
            .iter()
            .chain(&outcomes)
            .map(|column| format!("<th scope=\"col\">{}</th>", escaped(column)));
        write!(
            html,
            "<section><h2 id=\"{name}\">{heading}</h2>\n\
             <div class=\"wide\" role=\"region\" tabindex=\"0\" aria-labelledby=\"{name}\">\
             <table class=\"cuts\"><thead><tr>{}</tr></thead>\n",
            head.collect::<String>()
        )?;
        data.iter().try_for_each(|one| html.write_str(&of_protocol(one, play)))?;
        html += "</table></div></section>\n";
    }
    Ok(html)
}

/// The rows of a protocol, one for each size that has a choice.
fn of_protocol(one: &Value, play: &dyn Fn(&str) -> String) -> String {
    let protocol = escaped(one["protocol"].as_str().unwrap_or_default());
    let sizes = one["sizes"].as_array().map_or(&[][..], Vec::as_slice);
    let rows = sizes.iter().filter(|size| size["size"] != 0).map(|size| {
        let counts = OUTCOMES.map(|outcome| {
            let count = &size["outcomes"][outcome];
            let Some(link) = size["examples"][outcome].as_str() else {
                return "<td class=\"none\">0</td>".to_owned();
            };
            let address = escaped(&play(link.trim_start_matches('#')));
            format!("<td><a data-word=\"{outcome}\" href=\"{address}\">{count}</a></td>")
        });
        let [cuts, sets] = [&size["size"], &size["sets"]];
        format!("<tr><th scope=\"row\">{cuts}</th><td>{sets}</td>{}</tr>\n", counts.concat())
    });
    let columns = 2 + OUTCOMES.len();
    let name = format!("<tr><th colspan=\"{columns}\" scope=\"rowgroup\">{protocol}</th></tr>\n");
    format!("<tbody>{name}{}</tbody>\n", rows.collect::<String>())
}
