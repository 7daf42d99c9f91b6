//! The embed's scripts and styles: classic scripts, each with all that it needs.
//!
//! A frame with `sandbox="allow-scripts"` has no origin, so whatever is a module or fetched needs a
//! header from our host, and most static hosts send none. Classic scripts need none. So what
//! `embed.html` loads is one classic script that carries its engine, packed by LZMA, in base64; a
//! second has what a reader may ask for later, and a third the second module of the engine. So it
//! is with the styles: what one imports is asked for without the nonce that lets it into such a
//! frame.

use crate::shell::{self, announce};
use crate::{borrowed, element, npm, paths, snip, wasm};
use anyhow::{Context, Result, ensure};
use base64ct::{Base64, Encoding as _};
use flate2::Compression;
use flate2::write::GzEncoder;
use regex::Regex;
use std::fs;
use std::io::Write as _;
use std::path::Path;

/// What `embed.html` loads.
pub(crate) const FIRST: &str = "halflink-embed.js";

/// What comes when a reader asks for it: menus, and what liars told.
const LATE: &str = "halflink-embed-late.js";

/// The second module of the engine.
const PRODUCTION: &str = "halflink-embed-production.js";

/// Their styles, and what of www/ they are made of.
const STYLES: [(&str, &str); 2] =
    [("halflink-embed.css", "embed.css"), ("halflink-embed-late.css", "embed-late.css")];

/// Where there is no esbuild the embed runs as modules, from hosts that allow it.
const AS_MODULES: &str = "import(new URL('../embed.js', document.currentScript.src));\n";

/// All that the build leaves in pkg/.
pub(crate) fn built() -> [&'static str; 8] {
    let [(first, _), (late, _)] = STYLES;
    let [element, run, more] = element::BUILT;
    [FIRST, LATE, PRODUCTION, element, run, more, first, late]
}

/// Writes scripts and styles into pkg/, from what `wasm::build` has put there and from www/, and
/// what the page borrows from npm. True when one has changed.
pub(crate) fn build() -> Result<bool> {
    let has_esbuild = npm::esbuild().is_some();
    let scripts = match has_esbuild {
        true => packed()?,
        false => [AS_MODULES, "", "", "", "", ""].map(str::to_owned),
    };
    let [first, late] = STYLES.map(|(_, from)| match has_esbuild {
        true => style(from),
        false => Ok(format!("@import \"../{from}\";\n")),
    });
    let texts = scripts.into_iter().chain([first?, late?]);
    let mut changed = borrowed::build()?;
    for (name, text) in built().into_iter().zip(texts) {
        let path = paths::pkg().join(name);
        if fs::read_to_string(&path).is_ok_and(|last| last == text) {
            continue;
        }
        // A page that is loaded meanwhile gets the old script or the new one, whole.
        let beside = path.with_extension(format!("{}.new", std::process::id()));
        fs::write(&beside, &text)?;
        fs::rename(&beside, &path).with_context(|| paths::shown(&path))?;
        eprintln!("    pkg/{name}: {} bytes", text.len());
        changed = true;
    }
    Ok(changed)
}

/// The texts of the scripts, in the order of `built`.
fn packed() -> Result<[String; 6]> {
    announce("packing the embed's scripts and styles with esbuild (from npm)");
    let [first, production] = &wasm::MODULES;
    let late = paths::www().join("embed-late.js");
    // What the second script has is left out of the first.
    let text = fs::read_to_string(&late).context("www/embed-late.js")?;
    let apart: Vec<&str> = text.lines().filter_map(imported).collect();
    let page = bundle(&paths::www().join("embed.js"), None, &apart)?;
    let late = bundle(&late, Some("late"), &[])?;
    let engines = format!("{}{}", unpacker()?, engine("engine", first)?);
    let [element, run, more] = element::scripts(&engines)?;
    // Each may have the glue in it, which has all of them.
    let glue = bundle(&paths::pkg().join(&first.files()[0]), Some("glue"), &[])?;
    for name in snip::OF_THE_PAGE.map(|name| name.trim_start_matches("run_")) {
        let calls = |script: &str| script.matches(&format!(".{name}(")).count();
        let is_called =
            [&page, &late, &run, &more].iter().any(|script| calls(script) > calls(&glue));
        ensure!(!is_called, "an embed calls {name}, and xtask/src/snip.rs leaves it out");
    }
    Ok([
        engines + &page,
        format!("{late}{}", part("late", "late")),
        engine("production", production)?,
        element,
        run,
        more,
    ])
}

/// The module that a line imports to hand it on.
pub(crate) fn imported(line: &str) -> Option<&str> {
    line.strip_prefix("import * as ")?.split('"').nth(1)
}

/// Puts a module and what it imports into one classic script.
pub(crate) fn bundle(entry: &Path, global: Option<&str>, apart: &[&str]) -> Result<String> {
    let mut command = npm::esbuild().context("npm ci has not brought esbuild")?;
    command.arg(entry).current_dir(paths::www());
    command.args(["--bundle", "--minify", "--format=iife", "--target=es2022"]);
    // The glue looks beside itself for a module that it is not given; here it is always given one.
    command.args(["--define:import.meta.url=\"\"", "--log-level=warning"]);
    command.args(apart.iter().map(|name| format!("--external:{name}")));
    command.args(global.map(|name| format!("--global-name={name}")));
    Ok(without_modules(&shell::output(&mut command)?))
}

/// What comes late comes out of a script, by its name: where else a module would be is left out.
fn without_modules(script: &str) -> String {
    let import = Regex::new(r#"\(\)=>import\("[^"]+"\)(,"\w+")"#).expect("constant");
    import.replace_all(script, "0$1").into_owned()
}

/// A style sheet of www/ with what it imports in its place.
pub(crate) fn style(name: &str) -> Result<String> {
    let mut command = npm::esbuild().context("npm ci has not brought esbuild")?;
    command.arg(paths::www().join(name)).current_dir(paths::www());
    shell::output(command.args(["--bundle", "--minify", "--log-level=warning"]))
}

/// The part of the embed that unpacks the engines.
fn unpacker() -> Result<String> {
    Ok(part("unpacker", &format!("\"{}\"", unpacker_in_base64()?)))
}

/// The module that unpacks the engines, packed by gzip: browsers unpack it themselves.
pub(crate) fn unpacker_in_base64() -> Result<String> {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
    gzip.write_all(&wasm::unpacker()?)?;
    Ok(Base64::encode_string(&gzip.finish()?))
}

/// A part of the embed with an engine in it: a function that makes one, and its module.
fn engine(name: &str, module: &wasm::Module) -> Result<String> {
    let glue = bundle(&paths::pkg().join(&module.files()[0]), Some("glue"), &[])?;
    let wasm = Base64::encode_string(&fs::read(module.packed())?);
    let made = format!("{{glue:()=>{{{glue}return glue}},wasm:\"{wasm}\"}}");
    Ok(part(name, &made))
}

/// Tells the embed of a part of it.
pub(crate) fn part(name: &str, value: &str) -> String {
    format!("(self.halflinkParts??={{}})[\"{name}\"]={value};\n")
}

#[cfg(test)]
mod tests {
    use super::without_modules;

    #[test]
    fn where_a_part_has_a_name_its_module_is_not_looked_for() {
        let script = r#"var a=b(()=>import("./x.js"),"xModule"),c=b(()=>import("./y.js"));"#;
        let expected = r#"var a=b(0,"xModule"),c=b(()=>import("./y.js"));"#;
        assert_eq!(without_modules(script), expected);
    }
}
