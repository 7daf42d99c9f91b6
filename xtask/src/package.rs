//! What the npm package has besides the engine as a page fetches it, in pkg/lib/: the engine with
//! its module inside, the drawing, the element as a module, and what the command line is made of.
//!
//! Nothing of it looks for a file beside itself. `new URL("x.wasm", import.meta.url)` is lost where
//! modules are put together before they are served (Vite's dev server until 7, esm.sh), and means
//! nothing to Node's `fetch`; so the module comes in a module, packed as the embed's is, which is
//! smaller on the wire than the bare file is.

use crate::{embed, library, npm, paths, wasm, words};
use anyhow::{Context, Result, ensure};
use base64ct::{Base64, Encoding as _};
use regex::Regex;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// Where they are, in pkg/.
pub(crate) const DIR: &str = "lib";

/// What of the package is written by hand and put together here.
const SOURCE: &str = "src";

/// What each module of the engine is called there.
const ENGINES: [&str; 2] = ["engine", "production"];

/// Each bundle with its entry, and whether it is for Node, which has no document.
const BUNDLES: [(&str, &str, bool); 3] = [
    ("picture.js", "picture.js", false),
    ("node.js", "node.js", true),
    ("element.js", "element.js", false),
];

/// What goes along with every copy.
pub(crate) const LICENCES: [&str; 2] = ["LICENSE-MIT", "LICENSE-APACHE"];

/// Scripts that the element loads; texts and languages come besides.
const SCRIPTS: [&str; 3] =
    ["halflink-element-run", "halflink-element-late", "halflink-embed-production"];

/// Writes all of it. True when something has changed. Without npm there is none of it.
pub(crate) fn build() -> Result<bool> {
    if npm::esbuild().is_none() {
        return Ok(false);
    }
    let mut wanted = BTreeMap::new();
    for (name, module) in ENGINES.iter().zip(&wasm::MODULES) {
        wanted.extend(engine(name, module)?);
    }
    wanted.insert("unpack.js".to_owned(), unpack()?);
    let (files, types) = element_files()?;
    wanted.insert("element-files.js".to_owned(), files);
    wanted.insert("element-files.d.ts".to_owned(), types);
    let page = fs::read_to_string(paths::www().join("embed.html"))?;
    wanted.insert("embed.html".to_owned(), words::fill(&page)?);
    for name in LICENCES {
        fs::copy(paths::root().join(name), paths::pkg().join(name))?;
    }
    let mut changed = write(&wanted)?;
    for (name, entry, is_for_node) in BUNDLES {
        let bundle = bundle(&paths::pkg().join(SOURCE).join(entry), is_for_node)?;
        wanted.insert(name.to_owned(), words::fill_script(&bundle)?);
    }
    changed |= write(&wanted)?;
    remove_others(&wanted)?;
    Ok(changed)
}

/// A module of the engine: its glue with what it starts when it is given nothing, and its types.
fn engine(name: &str, module: &wasm::Module) -> Result<[(String, String); 3]> {
    let [glue, types, wasm] = module.files();
    let glue = fs::read_to_string(paths::pkg().join(glue))?;
    let beside = format!("new URL('{wasm}', import.meta.url)");
    ensure!(glue.matches(&beside).count() == 1, "the glue of {name} looks for {beside} once");
    let inside = format!("(await import(\"./{name}-wasm.js\")).module()");
    let packed = Base64::encode_string(&fs::read(module.packed_whole())?);
    let carried = format!(
        "import {{ unpack, unpacker }} from \"./unpack.js\";\n\
         export const module = () => unpack(\"{packed}\", unpacker);\n"
    );
    let types = fs::read_to_string(paths::pkg().join(types))?;
    Ok([
        (format!("{name}.js"), glue.replace(&beside, &inside)),
        (format!("{name}-wasm.js"), carried),
        (format!("{name}.d.ts"), exact(&types)?),
    ])
}

/// The glue's types as the package has them. What the module exports to its glue is nobody else's,
/// and is `any` where it is an object.
fn exact(types: &str) -> Result<String> {
    let exports = Regex::new(r"(?m)^ +readonly (?:memory: (WebAssembly\.Memory);|.*)\n")?;
    let own = exports.replace_all(types, |found: &regex::Captures<'_>| match found.get(1) {
        Some(_) => found[0].to_owned(),
        None => String::new(),
    });
    let facts = "'./facts.js'";
    ensure!(own.contains(facts), "the types of the glue import {facts}");
    Ok(own.replace(facts, "'../facts.js'"))
}

/// What unpacks modules, as a module, and what it runs for that.
fn unpack() -> Result<String> {
    let code = bundle(&paths::www().join("run/unpack.js"), false)?;
    Ok(format!("{code}export const unpacker=\"{}\";\n", embed::unpacker_in_base64()?))
}

/// How the element finds what comes late: each file by a name that a bundler can read.
fn element_files() -> Result<(String, String)> {
    let texts = library::built()?;
    let texts = texts.iter().filter_map(|file| file.strip_prefix(paths::pkg()).ok());
    let texts = texts.map(|file| file.with_extension("").to_string_lossy().replace('\\', "/"));
    let names = SCRIPTS.into_iter().map(str::to_owned).chain(texts);
    let rows: String =
        names.map(|name| format!("  \"{name}\": () => import(\"../{name}.js\"),\n")).collect();
    let types = "export declare const files: Record<string, () => Promise<unknown>>;\n";
    Ok((format!("export const files = {{\n{rows}}};\n"), types.to_owned()))
}

/// Puts a module and what it imports into one, but for what the package has in files of their own.
fn bundle(entry: &Path, is_for_node: bool) -> Result<String> {
    let mut command = npm::esbuild().context("npm ci has not brought esbuild")?;
    command.arg(entry).current_dir(paths::pkg());
    command.args(["--bundle", "--minify", "--format=esm", "--target=es2022"]);
    command.args(["--external:../lib/*", "--external:../library.js", "--log-level=warning"]);
    command
        .arg(format!("--define:globalThis.HALFLINK_SHEET={}", serde_json::to_string(&sheet()?)?));
    if is_for_node {
        let document = paths::pkg().join(SOURCE).join("document.js");
        command.arg(format!("--inject:{}", document.display()));
        command.args(["--platform=node", "--external:linkedom"]);
    }
    crate::shell::output(&mut command)
}

/// `www/picture.css` as `sheetOf` of `www/draw/picture.js` puts it together: a picture is the same
/// byte for byte, wherever it is drawn.
fn sheet() -> Result<String> {
    let text = fs::read_to_string(paths::www().join("picture.css"))?;
    let import = Regex::new(r#"@import "([^"]+)";"#).expect("constant");
    let parts = import.captures_iter(&text).map(|found| {
        let path = paths::www().join(&found[1]);
        fs::read_to_string(&path).with_context(|| paths::shown(&path))
    });
    Ok(parts.collect::<Result<Vec<_>>>()?.join("\n"))
}

/// Writes those that are not there as they are. True when one has changed.
fn write(wanted: &BTreeMap<String, String>) -> Result<bool> {
    let dir = paths::pkg().join(DIR);
    fs::create_dir_all(&dir)?;
    let mut changed = false;
    for (name, text) in wanted {
        let path = dir.join(name);
        if fs::read_to_string(&path).is_ok_and(|last| last == *text) {
            continue;
        }
        fs::write(&path, text).with_context(|| paths::shown(&path))?;
        changed = true;
    }
    Ok(changed)
}

/// Takes out what an older build has left.
fn remove_others(wanted: &BTreeMap<String, String>) -> Result<()> {
    for entry in fs::read_dir(paths::pkg().join(DIR))? {
        let entry = entry?;
        if !wanted.contains_key(&*entry.file_name().to_string_lossy()) {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::exact;

    #[test]
    fn the_types_of_the_package_have_nothing_of_what_the_module_exports_to_its_glue() {
        let types = "import type { View } from './facts.js';\n\
            export interface InitOutput {\n    readonly memory: WebAssembly.Memory;\n    \
            readonly check: (a: number) => any;\n}\n";
        let expected = "import type { View } from '../facts.js';\n\
            export interface InitOutput {\n    readonly memory: WebAssembly.Memory;\n}\n";
        assert_eq!(exact(types).expect("they import facts"), expected);
        assert!(exact("export class Run {}\n").is_err());
    }
}
