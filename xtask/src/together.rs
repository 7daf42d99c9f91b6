//! A page's module and all that is loaded with it, in one file beside it.
//!
//! esbuild cuts what comes first wherever one late module needs a part of it that another does not:
//! into seventeen files, of which a host that speaks HTTP/1.1 sends six at a time. Here every late
//! module needs all of it, so there is nothing to cut. That costs nothing, for when a late module
//! comes all of it is there.

use crate::{dist, npm, paths, shell};
use anyhow::{Context, Result};
use serde_json::Value;
use std::fs;
use std::path::{Component, Path, PathBuf};

/// What all that is loaded first is called where esbuild reads it.
const FIRST: &str = "first.js";

/// Puts a module of www/ and what it imports into `dist`: the files that are loaded with it.
pub(crate) fn put_together(module: &Path, dist: &Path) -> Result<Vec<String>> {
    let stage = Stage::new(module)?;
    let told = esbuild(&stage.module, &stage.out)?;
    let first = with_it(&stage.module, &told, &stage.out);
    let asks: String = first.iter().map(|file| format!("import {:?};\n", shown(file))).collect();
    let all = stage.www.join(FIRST);
    fs::write(&all, asks)?;
    for late in late(&told, &stage.out).into_iter().filter(|late| *late != stage.module) {
        let text = fs::read_to_string(&late)?;
        fs::write(late, format!("import {:?};\n{text}", shown(&all)))?;
    }
    let told = esbuild(&stage.module, dist)?;
    let name = module.file_name().context("a module has a name")?.to_string_lossy();
    Ok(loaded_with(&name, &told))
}

/// A copy of what a page is made of, which may be changed.
struct Stage {
    www: PathBuf,
    module: PathBuf,
    out: PathBuf,
}

impl Stage {
    fn new(module: &Path) -> Result<Self> {
        let root = paths::root().join("target/together");
        if root.exists() {
            fs::remove_dir_all(&root)?;
        }
        let (www, out) = (root.join("www"), root.join("out"));
        dist::copy(&paths::www(), &dist::files(&paths::www())?, &www)?;
        dist::copy(&paths::words(), &dist::files(&paths::words())?, &root.join("words"))?;
        fs::create_dir_all(&out)?;
        let module = www.join(module.strip_prefix(paths::www())?);
        Ok(Self { www, module, out })
    }
}

/// Puts a module into `out`, and says what it made of what.
fn esbuild(module: &Path, out: &Path) -> Result<Value> {
    let built = out.with_extension("json");
    let [out_dir, meta] =
        [format!("--outdir={}", out.display()), format!("--metafile={}", built.display())];
    let bundle = ["--bundle", "--splitting", "--minify", "--format=esm", "--target=es2022"];
    // What it tells of its output is relative to where it runs.
    let mut command = npm::esbuild().context("npm ci has not brought esbuild")?;
    command.arg(module).args(bundle).args([&out_dir, &meta, "--log-level=warning"]);
    shell::run(command.current_dir(out))?;
    let told = serde_json::from_slice(&fs::read(&built)?)?;
    fs::remove_file(built)?;
    Ok(told)
}

/// The modules that are loaded before one, in the order in which they are run.
fn with_it(module: &Path, told: &Value, out: &Path) -> Vec<PathBuf> {
    fn visit(file: &str, inputs: &Value, seen: &mut Vec<String>, order: &mut Vec<String>) {
        if seen.iter().any(|known| known == file) {
            return;
        }
        seen.push(file.to_owned());
        for path in imports(&inputs[file]) {
            visit(path, inputs, seen, order);
        }
        order.push(file.to_owned());
    }
    let inputs = &told["inputs"];
    let mut names = inputs.as_object().into_iter().flat_map(|all| all.keys());
    let entry = names.find(|name| resolved(out, name) == *module);
    let mut order = Vec::new();
    visit(entry.map_or("", String::as_str), inputs, &mut Vec::new(), &mut order);
    order.pop();
    let is_code = |file: &String| Path::new(file).extension().is_some_and(|kind| kind == "js");
    order.into_iter().filter(is_code).map(|file| resolved(out, &file)).collect()
}

/// The modules that are loaded when something asks for them.
fn late(told: &Value, out: &Path) -> Vec<PathBuf> {
    let outputs = told["outputs"].as_object().into_iter().flat_map(|all| all.values());
    outputs.filter_map(|one| Some(resolved(out, one["entryPoint"].as_str()?))).collect()
}

/// The files that are loaded with one, by what esbuild tells of its output.
fn loaded_with(name: &str, told: &Value) -> Vec<String> {
    let mut found = vec![name.to_owned()];
    let mut next = 0;
    while let Some(file) = found.get(next).cloned() {
        next += 1;
        for path in imports(&told["outputs"][&file]) {
            if !found.iter().any(|known| known == path) {
                found.push(path.to_owned());
            }
        }
    }
    found.split_off(1)
}

/// What a file imports before it is run.
fn imports(file: &Value) -> impl Iterator<Item = &str> {
    let all = file["imports"].as_array().into_iter().flatten();
    all.filter(|import| import["kind"] == "import-statement")
        .filter_map(|import| import["path"].as_str())
}

/// A path that esbuild told, relative to where it ran.
fn resolved(out: &Path, path: &str) -> PathBuf {
    let mut whole = out.to_owned();
    for piece in Path::new(path).components() {
        if piece == Component::ParentDir {
            whole.pop();
        } else {
            whole.push(piece);
        }
    }
    whole
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

#[cfg(test)]
mod tests {
    use super::{loaded_with, resolved, with_it};
    use serde_json::{Value, json};
    use std::path::Path;

    fn import(path: &str, kind: &str) -> Value {
        json!({"path": path, "kind": kind})
    }

    #[test]
    fn what_is_loaded_with_a_module_is_what_it_imports_and_what_that_imports() {
        let told = json!({"outputs": {
            "main.js": {"imports": [import("a.js", "import-statement"),
                import("late.js", "dynamic-import")]},
            "a.js": {"imports": [import("b.js", "import-statement")]},
            "b.js": {"imports": [import("a.js", "import-statement")]},
            "late.js": {"imports": [import("c.js", "import-statement")]},
        }});
        assert_eq!(loaded_with("main.js", &told), ["a.js", "b.js"]);
    }

    #[test]
    fn what_is_loaded_first_is_run_in_the_order_of_the_language() {
        let told = json!({"inputs": {
            "../www/main.js": {"imports": [import("../www/a.js", "import-statement"),
                import("../www/late.js", "dynamic-import"),
                import("../www/c.js", "import-statement")]},
            "../www/a.js": {"imports": [import("../www/b.js", "import-statement"),
                import("../words/en.json", "import-statement")]},
            "../www/b.js": {"imports": [import("../www/a.js", "import-statement")]},
            "../www/c.js": {"imports": []},
            "../www/late.js": {"imports": []},
            "../words/en.json": {"imports": []},
        }});
        let found = with_it(Path::new("/x/www/main.js"), &told, Path::new("/x/out"));
        let own = |name: &str| Path::new("/x/www").join(name);
        assert_eq!(found, [own("b.js"), own("a.js"), own("c.js")]);
        assert_eq!(resolved(Path::new("/x/out"), "../../y/z.js"), Path::new("/y/z.js"));
    }
}
