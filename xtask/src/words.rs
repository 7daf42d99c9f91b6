//! What stands in the pages themselves: `{{bar.share}}` is that sentence of the catalogue.
//!
//! A page is filled when it is served or put into the site, not by a script: so its sentences are
//! there with its first bytes, no script carries them, and each stands in words/ alone.

use crate::{languages, library, paths};
use anyhow::{Context, Result, bail};
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use regex::Regex;
use std::collections::BTreeMap;
use std::fs;

/// The catalogue of the pages: no script reads it.
const FILE: &str = "en.html.json";

/// Not sentences: which languages there are besides English, links to the page in each that says
/// what it is called, and which shipped scenarios.
const LANGUAGES: &str = "page.languages";
const LANGUAGE_LINKS: &str = "page.language-links";
const LIBRARY: &str = "page.library";

fn catalogue() -> Result<BTreeMap<String, String>> {
    let path = paths::words().join(FILE);
    let text = fs::read_to_string(&path).with_context(|| paths::shown(&path))?;
    Ok(serde_json::from_str(&text)?)
}

/// A script with the sentences that it has to say before any catalogue comes.
pub(crate) fn fill_script(script: &str) -> Result<String> {
    let named = Regex::new(r#""\{\{([a-z.-]+)\}\}""#).expect("constant");
    let words = catalogue()?;
    let mut out = String::new();
    let mut last = 0;
    for found in named.captures_iter(script) {
        let (whole, key) = (found.get(0).expect("it is found"), &found[1]);
        let sentence = words.get(key).with_context(|| format!("{key} is not in words/{FILE}"))?;
        out.push_str(&script[last..whole.start()]);
        out.push_str(&serde_json::to_string(sentence)?);
        last = whole.end();
    }
    Ok(out + &script[last..])
}

/// A page with its sentences; an error where one is not in the catalogue.
pub(crate) fn fill(page: &str) -> Result<String> {
    let mut words = catalogue()?;
    words.insert(LANGUAGES.to_owned(), languages::named()?);
    words.insert(LIBRARY.to_owned(), library::names()?.join(","));
    let link = |(name, called): (String, String)| {
        format!("<a href=\"?lang={name}\" lang=\"{name}\" hreflang=\"{name}\">{called}</a>")
    };
    let links = languages::called()?.into_iter().map(link).collect::<String>();
    // These are markup, and come in one piece.
    filled(&page.replace(&format!("{{{{{LANGUAGE_LINKS}}}}}"), &links), &words)
}

/// A page with sentences of one language; an error where one is not among them.
pub(crate) fn filled(page: &str, words: &BTreeMap<String, String>) -> Result<String> {
    let mut pieces = page.split("{{");
    let mut out = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let (key, rest) = piece.split_once("}}").context("a page has {{ without }}")?;
        match words.get(key) {
            Some(sentence) => out.push_str(&escaped(sentence)),
            None => bail!("a page says {key}, which is not in words/{FILE}"),
        }
        out.push_str(rest);
    }
    Ok(out)
}

/// As text, and within the quotes of an attribute or of a script.
pub(crate) fn escaped(sentence: &str) -> String {
    sentence.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}

/// Fills each page that is served.
pub(crate) async fn served(request: Request, next: Next) -> Response {
    crate::reload::changed(next.run(request).await, |page| {
        fill(&String::from_utf8_lossy(page)).map(String::into_bytes)
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::filled;
    use std::collections::BTreeMap;

    #[test]
    fn a_page_has_the_sentences_that_it_names() {
        let words = BTreeMap::from([("a.b".to_owned(), "R & \"D\" <".to_owned())]);
        let page = filled("<p title=\"{{a.b}}\">{{a.b}}!", &words).expect("it is there");
        assert_eq!(page, "<p title=\"R &amp; &quot;D&quot; &lt;\">R &amp; &quot;D&quot; &lt;!");
        assert!(filled("{{no}}", &words).is_err() && filled("{{a.b", &words).is_err());
    }
}
