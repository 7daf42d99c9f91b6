//! What a page loads: found by following its links and imports, so that no list goes stale.
//!
//! The scan is made for this site's own plain HTML, CSS and modules; it is no general parser. It
//! errs towards too much: any string in a module that names a file counts as a reference to it,
//! even if a first view never gets there. What is named by `import("./x.js")` itself is loaded
//! late, when a reader asks for it: a first view is weighed without it, and a site is not whole
//! without it.

use crate::paths;
use anyhow::{Context, Result};
use regex::Regex;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Component, Path, PathBuf};

/// What a file may refer to others by.
struct Scanner {
    /// Comments: JSDoc holds `import('…')` types.
    comment: Regex,
    html: Vec<Regex>,
    css: Vec<Regex>,
    js: Vec<Regex>,
    /// What is loaded late.
    late: Regex,
    /// What is loaded where scripts are off, and nothing else is.
    unscripted: Regex,
}

/// Which files to follow.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Extent {
    /// What a page loads by itself.
    FirstView,
    /// Also what it loads when a reader asks for it.
    Everything,
}

impl Scanner {
    fn new() -> Self {
        let all = |patterns: &[&str]| {
            let compile = |pattern: &&str| Regex::new(pattern).expect("the patterns are constant");
            patterns.iter().map(compile).collect()
        };
        Self {
            comment: Regex::new(r"(?s)/\*\*.*?\*/|<!--.*?-->|(?m:^\s*//[^\n]*$)")
                .expect("constant"),
            html: all(&[
                r#"<(?:script|img|iframe|source|use|image)\b[^>]*?\s(?:src|href)\s*=\s*["']?([^"'\s>]+)"#,
                r#"<link\b[^>]*?\shref\s*=\s*["']?([^"'\s>]+)"#,
            ]),
            css: all(&[
                r#"@import\s+(?:url\(\s*)?["']?([^"')\s;]+)"#,
                r#"\burl\(\s*["']?([^"')]+?)["']?\s*\)"#,
            ]),
            js: all(&[
                // Any string that names a file beside the module: what is imported, by a constant
                // too.
                r#"["'](\.{1,2}/[^"'\s]+\.(?:js|mjs|css|wasm|svg|png|json))["']"#,
                r#"\bnew\s+URL\(\s*["']([^"']+)["']\s*,\s*import\.meta\.url"#,
            ]),
            late: Regex::new(r#"\bimport\(\s*["'][^"']*["']\s*\)"#).expect("constant"),
            unscripted: Regex::new(r"(?s)<noscript>.*?</noscript>").expect("constant"),
        }
    }

    /// The relative references in a file, as they are written.
    fn references(&self, file: &Path, text: &str, extent: Extent) -> BTreeSet<String> {
        let mut text = self.comment.replace_all(text, "");
        if extent == Extent::FirstView {
            text = self.late.replace_all(&text, "").into_owned().into();
            text = self.unscripted.replace_all(&text, "").into_owned().into();
        }
        let kinds: &[&[Regex]] = match file.extension().and_then(|end| end.to_str()) {
            // A page holds styles and modules of its own.
            Some("html") => &[&self.html, &self.css, &self.js],
            Some("css" | "svg") => &[&self.css],
            Some("js" | "mjs") => &[&self.js],
            _ => &[],
        };
        let patterns = kinds.iter().copied().flatten();
        patterns
            .flat_map(|pattern| pattern.captures_iter(&text))
            .map(|found| found[1].split(['?', '#']).next().unwrap_or_default().to_owned())
            .filter(|reference| is_own(reference))
            .collect()
    }
}

/// Whether the reference names a file of the site: no other host, no data, no bare name.
fn is_own(reference: &str) -> bool {
    let is_address = reference.contains(':') || reference.starts_with("//");
    !reference.is_empty() && !is_address
}

/// The modules that a page starts.
pub(crate) fn entries(page: &Path) -> Result<Vec<PathBuf>> {
    let text = fs::read_to_string(page).with_context(|| paths::shown(page))?;
    let references = Scanner::new().references(page, &text, Extent::FirstView);
    let modules = references.iter().map(|reference| resolve(page, reference));
    Ok(modules.filter(|file| file.extension().is_some_and(|end| end == "js")).collect())
}

/// The files that a page loads, itself first.
pub(crate) fn reachable(page: &Path, extent: Extent) -> Result<Vec<PathBuf>> {
    let scanner = Scanner::new();
    let mut found = vec![page.to_path_buf()];
    let mut next = 0;
    while let Some(file) = found.get(next).cloned() {
        next += 1;
        let bytes = fs::read(&file).with_context(|| paths::shown(&file))?;
        for reference in scanner.references(&file, &String::from_utf8_lossy(&bytes), extent) {
            let target = resolve(&file, &reference);
            if !target.is_file() {
                // The glue names its own parts, which are no files.
                if file.parent().is_some_and(|dir| dir.ends_with("pkg")) {
                    continue;
                }
                let (from, to) = (paths::shown(&file), paths::shown(&target));
                anyhow::bail!("{from} loads {reference}, but there is no {to}");
            }
            if !found.contains(&target) {
                found.push(target);
            }
        }
    }
    Ok(found)
}

/// The file that a reference means. The site's root is www/, and its pkg/ is the repository's.
fn resolve(from: &Path, reference: &str) -> PathBuf {
    let www = paths::www();
    let base = match reference.strip_prefix('/') {
        Some(_) => www.clone(),
        None => from.parent().unwrap_or(&www).to_path_buf(),
    };
    let target = normal(&base.join(reference.trim_start_matches('/')));
    match target.strip_prefix(www.join("pkg")) {
        Ok(inside) => paths::pkg().join(inside),
        Err(_) => target,
    }
}

/// The path without `.` and `..`.
fn normal(path: &Path) -> PathBuf {
    path.components().fold(PathBuf::new(), |mut done, part| {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                done.pop();
            }
            Component::Prefix(_) | Component::RootDir | Component::Normal(_) => done.push(part),
        }
        done
    })
}

#[cfg(test)]
mod tests {
    use super::{Extent, Scanner, normal};
    use std::path::Path;

    fn references(name: &str, text: &str) -> Vec<String> {
        let extent = Extent::Everything;
        Scanner::new().references(Path::new(name), text, extent).into_iter().collect()
    }

    #[test]
    fn what_is_loaded_late_is_no_part_of_a_first_view() {
        let text = "import { a } from './a.js';const b=()=>import(\"./b.js\");\n\
            const load = late(() => import('./c.js'));const ADDRESS='./d.js';import(ADDRESS);\n";
        let first = Scanner::new().references(Path::new("x.js"), text, Extent::FirstView);
        assert_eq!(first.into_iter().collect::<Vec<_>>(), ["./a.js", "./d.js"]);
        assert_eq!(references("x.js", text), ["./a.js", "./b.js", "./c.js", "./d.js"]);
    }

    #[test]
    fn what_is_for_readers_without_scripts_is_no_part_of_a_first_view() {
        let page = "<img src=a.svg><noscript>\n<img src=\"b.svg\"></noscript>";
        let first = Scanner::new().references(Path::new("x.html"), page, Extent::FirstView);
        assert_eq!(first.into_iter().collect::<Vec<_>>(), ["a.svg"]);
        assert_eq!(references("x.html", page), ["a.svg", "b.svg"]);
    }

    #[test]
    fn modules_are_followed_and_their_comments_are_not() {
        let text = "/** @import { A } from './types.js' */\n\
            import { a } from './a.js';\n\
            import {\n  b,\n  c,\n} from \"./b.js\";\n\
            import './c.js';\n\
            export * from './d.js';\n\
            const x = /** @type {import('./no.js').X} */ (y);\n\
            // const z = await import('./no.js');\n\
            const e = await import('./e.js');\n\
            const ADDRESS = './late.js';\n\
            const f = new URL('f.wasm', import.meta.url);\n\
            import g from 'https://elsewhere.example/g.js';\n";
        let expected = ["./a.js", "./b.js", "./c.js", "./d.js", "./e.js", "./late.js", "f.wasm"];
        assert_eq!(references("x.js", text), expected);
    }

    #[test]
    fn pages_and_styles_are_followed() {
        let page = "<!-- <script src='./no.js'></script> -->\n\
            <link rel=\"stylesheet\" href=\"./a.css\"><a href='./other.html'>x</a>\n\
            <link rel=icon href='data:,'><link rel=stylesheet href=d.css>\n\
            <script type=\"module\">\nimport './b.js';\n</script>\
            <script src=\"c.js?v=1\"></script>";
        assert_eq!(references("x.html", page), ["./a.css", "./b.js", "c.js", "d.css"]);
        let style = "@import './a.css'; .x { background: url(\"b.svg\") } .y { fill: url(#c) }";
        assert_eq!(references("x.css", style), ["./a.css", "b.svg"]);
    }

    #[test]
    fn normal_paths_hold_no_dots() {
        assert_eq!(normal(Path::new("/a/./b/../c")), Path::new("/a/c"));
    }
}
