//! What `halflink compare` prints: scenarios beside each other, protocols one below the other.

use halflink::compare::{Cell, Comparison};
use halflink::words::told;
use serde_json::json;

/// What a column is headed with: a link is too long for that.
pub(super) fn name_of(scenario: &str) -> String {
    if scenario.contains('#') { told("cli", &"link") } else { scenario.to_owned() }
}

/// Rows protocols, columns scenarios; under it what broke, and where the paper says otherwise.
pub(super) fn table(comparison: &Comparison) -> String {
    let reasons = comparison.reasons();
    let mut columns = vec![vec![String::new(), "protocol".to_owned()]];
    columns[0].extend(comparison.rows.iter().map(|row| row.protocol.name().to_owned()));
    for (number, name) in comparison.scenarios.iter().enumerate() {
        let cells: Vec<_> = comparison.rows.iter().map(|row| &row.cells[number]).collect();
        columns.push(column(name, &cells, &reasons));
    }
    let mut text = lines(&columns);
    text += &format!("\n{}\n", told("cli", &"stall"));
    let cells =
        || comparison.rows.iter().flat_map(|row| row.cells.iter().map(move |cell| (row, cell)));
    if cells().any(|(_, cell)| cell.figures().is_some_and(|figures| figures.published.is_some())) {
        text += &told("cli", &"paper");
    }
    for (number, why) in (1..).zip(&reasons) {
        text += &format!("[{number}] {why}\n");
    }
    for (row, cell) in cells() {
        if let Some(exhausted) = cell.figures().and_then(|figures| figures.exhausted.as_ref()) {
            text += &format!("ENDED {}, {exhausted}\n", row.protocol);
        }
        for violation in cell.figures().into_iter().flat_map(|figures| &figures.violations) {
            text += &format!("UNSAFE {}, {violation}\n", row.protocol);
        }
    }
    text
}

/// A scenario's column, heading first: outcome, commits of writes tried, stall, what the paper
/// says.
fn column(name: &str, cells: &[&Cell], reasons: &[&str]) -> Vec<String> {
    let commits = |cell: &Cell| {
        cell.figures().map_or_else(String::new, |figures| {
            let (n, all) = (figures.writes_committed, figures.writes_tried);
            told("cli.of", &json!({ "n": n, "all": all }))
        })
    };
    let width = cells.iter().map(|cell| commits(cell).len()).chain([7]).max().unwrap_or(7);
    let has_paper =
        cells.iter().any(|cell| cell.figures().is_some_and(|one| one.published.is_some()));
    let paper = if has_paper { "  paper" } else { "" };
    let heading = format!("{:<8}  {:>width$}  {:>5}{paper}", "outcome", "commits", "stall");
    let line = |cell: &&Cell| {
        let mut line = match cell {
            Cell::Cannot { .. } => "cannot".to_owned(),
            Cell::Ran(figures) => {
                let tenths = figures.longest_stall_tenths;
                let stall = format!("{}.{}", tenths / 10, tenths % 10);
                let mark = figures.published.as_ref().map(|beside| beside.mark.name());
                let (outcome, mark) = (figures.outcome.name(), mark.unwrap_or_default());
                format!("{outcome:<8}  {:>width$}  {stall:>5}  {mark}", commits(cell))
            }
        };
        let number = reasons.iter().position(|&one| cell.reason() == Some(one));
        number.into_iter().for_each(|number| line += &format!(" [{}]", number + 1));
        line
    };
    [name.to_owned(), heading].into_iter().chain(cells.iter().map(line)).collect()
}

/// Columns side by side, three spaces between them.
fn lines(columns: &[Vec<String>]) -> String {
    let widths: Vec<_> = columns
        .iter()
        .map(|column| column.iter().map(|cell| cell.chars().count()).max().unwrap_or(0))
        .collect();
    let mut text = String::new();
    for number in 0..columns[0].len() {
        let cells = columns.iter().zip(&widths);
        let line: Vec<_> =
            cells.map(|(column, width)| format!("{:<width$}", column[number])).collect();
        text += line.join("   ").trim_end();
        text.push('\n');
    }
    text
}
