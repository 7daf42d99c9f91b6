//! The static site and the npm package, as they leave the house.

use crate::address::Address;
use crate::shell::{self, announce};
use crate::{
    bindgen, borrowed, embed, languages, library, npm, offline, package, pages, paths, site, size,
    together, wasm, words,
};
use anyhow::{Context, Result, bail};
use clap::Args;
use std::fs;
use std::path::{Path, PathBuf};

/// What the page has done apart from itself: no tag and no import names these workers.
const APART: [&str; 2] = ["trials.js", "gif.js"];

/// Options of `dist`.
#[derive(Args)]
pub(crate) struct DistArgs {
    /// The address at which the site will stand, such as `https://example.org/halflink/`: what
    /// cards, oEmbed and searches ask for names it
    #[arg(long, value_parser = Address::parse)]
    at: Option<Address>,
}

/// Builds dist/ and checks pkg/.
pub(crate) fn run(args: &DistArgs) -> Result<()> {
    wasm::build()?;
    let dist = whole(&paths::root().join("dist"), args.at.as_ref())?;
    println!("The site, in dist/:\n");
    size::print(&size::weigh(&files(&dist)?)?);
    println!("\nThe npm package, from pkg/:\n");
    size::print(&size::weigh(&packaged()?)?);
    Ok(())
}

/// Builds all that a host serves: page and embeds, the library's pages, and what makes the page
/// work without a network.
pub(crate) fn whole(dist: &Path, at: Option<&Address>) -> Result<PathBuf> {
    let dist = build(dist)?;
    let has_pages = npm::available();
    if has_pages {
        pages::build(&dist, at)?;
    } else {
        eprintln!("    no Node with npm here, so the library has no pages and no cards");
    }
    let at = at.filter(|_| has_pages);
    let page = dist.join("index.html");
    let more = pages::about_playground(at)? + &offline::tag();
    let text = fs::read_to_string(&page)?.replacen("</head>", &format!("{more}</head>"), 1);
    fs::write(&page, text).with_context(|| paths::shown(&page))?;
    offline::finish(&dist)?;
    if has_pages && at.is_none() {
        eprintln!("    no --at ADDRESS: no canonical address, no card of a link, no oEmbed");
    }
    Ok(dist)
}

/// Builds page and embeds of what is in pkg/. The page runs from www/ as it is written; what goes
/// over the wire has its comments and spaces taken out, and its modules put together.
pub(crate) fn build(dist: &Path) -> Result<PathBuf> {
    if dist.exists() {
        fs::remove_dir_all(dist)?;
    }
    // What the sheets at the top import is put into them.
    let is_part = |file: &PathBuf| file.starts_with(paths::www().join("css"));
    let www: Vec<PathBuf> =
        files(&paths::www())?.into_iter().filter(|file| !is_part(file)).collect();
    // Each page must find all that it loads before anything is copied.
    let is_page = |file: &&PathBuf| has_extension(file, "html");
    let pages: Vec<PathBuf> = www.iter().filter(is_page).cloned().collect();
    let mut entries = Vec::new();
    for page in &pages {
        site::reachable(page, site::Extent::Everything)?;
        // What is in pkg/ is put together already.
        let modules = site::entries(page)?.into_iter();
        let own = modules.filter(|file| file.starts_with(paths::www()));
        let name = page.strip_prefix(paths::www())?;
        entries.extend(own.map(|module| (dist.join(name), module)));
    }
    let built = wasm::built().into_iter().chain(embed::built().map(str::to_owned));
    let built = built.map(|name| paths::pkg().join(name)).chain(library::built()?);
    // Where there is no npm there is none.
    let borrowed = borrowed::built().map(|name| paths::pkg().join(name));
    let built = built.chain(borrowed.filter(|file| file.exists()));
    let loaded: Vec<PathBuf> = built.filter(|file| !is_for_authors(file)).collect();
    let (small, as_it_is): (Vec<PathBuf>, Vec<PathBuf>) =
        www.into_iter().partition(|file| has_extension(file, "js") || has_extension(file, "css"));
    copy(&paths::www(), &as_it_is, dist)?;
    for page in &pages {
        let page = dist.join(page.strip_prefix(paths::www())?);
        let filled =
            words::fill(&fs::read_to_string(&page)?).with_context(|| paths::shown(&page))?;
        fs::write(page, filled)?;
    }
    copy(&paths::pkg(), &loaded, &dist.join("pkg"))?;
    if npm::available() {
        npm::ensure()?;
        let apart = APART.map(|name| paths::www().join(name));
        let styles = small.iter().filter(|file| has_extension(file, "css"));
        minify(dist, styles.chain(&apart))?;
        for (page, module) in &entries {
            put_together(module, page, dist)?;
        }
    } else {
        eprintln!("    no Node with npm here, so no esbuild: the site works, but is larger");
        copy(&paths::www(), &small, dist)?;
        copy(&paths::www(), &files(&paths::www().join("css"))?, dist)?;
        as_modules(dist)?;
    }
    Ok(dist.to_owned())
}

/// Puts what a person reads into dist/, where modules that are not put together look for it. A site
/// may be a folder of a host, so there is nothing above it.
fn as_modules(dist: &Path) -> Result<()> {
    copy(&paths::words(), &files(&paths::words())?, &dist.join("words"))?;
    let above = ["draw/words.js", "draw/page-words.js", "draw/late-words.js"];
    for module in above.map(|name| dist.join(name)) {
        let text = fs::read_to_string(&module)?.replace("\"../../", "\"../");
        fs::write(module, text)?;
    }
    Ok(())
}

/// Puts styles, the worker and the engine's glue into dist/, as small as they get without a change
/// of what they do.
fn minify<'a>(dist: &Path, files: impl Iterator<Item = &'a PathBuf>) -> Result<()> {
    announce("putting the page's modules together with esbuild (from npm)");
    let minify = ["--minify", "--target=es2022", "--log-level=warning"];
    let out = format!("--outdir={}", dist.display());
    shell::run(esbuild()?.args(files).args(minify).args(["--bundle", &out]))?;
    let glue = wasm::MODULES.iter().map(|module| dist.join("pkg").join(&module.files()[0]));
    let out = format!("--outdir={}", dist.join("pkg").display());
    shell::run(esbuild()?.args(glue).args(minify).args(["--format=esm", "--allow-overwrite", &out]))
}

/// Puts a module and what it imports into dist/; the page asks for what is loaded with it at once,
/// and not only when it has read the module. One module at a time: what two pages share would be
/// cut into pieces, and pieces compress badly.
fn put_together(module: &Path, page: &Path, dist: &Path) -> Result<()> {
    let links: String = together::put_together(module, dist)?
        .iter()
        .map(|file| format!("<link rel=\"modulepreload\" href=\"{file}\">\n"))
        .collect();
    let text = fs::read_to_string(page)?.replacen("</head>", &format!("{links}</head>"), 1);
    fs::write(page, text).with_context(|| paths::shown(page))
}

fn esbuild() -> Result<std::process::Command> {
    npm::esbuild().context("npm ci has not brought esbuild")
}

/// What belongs into the site: all files of the folder but hidden ones, sorted.
pub(crate) fn files(dir: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).with_context(|| paths::shown(dir))? {
        let path = entry?.path();
        let hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
        if hidden {
            continue;
        }
        if path.is_dir() {
            found.extend(files(&path)?);
        } else if !is_for_authors(&path) {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// Types and notes help who writes the page; the page does not load them.
fn is_for_authors(path: &Path) -> bool {
    has_extension(path, "md") || has_extension(path, "ts") || path.ends_with("package.json")
}

fn has_extension(path: &Path, extension: &str) -> bool {
    path.extension().is_some_and(|end| end == extension)
}

pub(crate) fn copy(from: &Path, files: &[PathBuf], to: &Path) -> Result<()> {
    for file in files {
        let target = to.join(file.strip_prefix(from)?);
        fs::create_dir_all(target.parent().context("a file has a folder")?)?;
        fs::copy(file, &target).with_context(|| paths::shown(file))?;
    }
    Ok(())
}

/// The files of the npm package; an error where one is missing, or would be left out.
fn packaged() -> Result<Vec<PathBuf>> {
    let manifest = paths::pkg().join("package.json");
    let package: serde_json::Value = serde_json::from_slice(&fs::read(&manifest)?)?;
    let listed = package["files"].as_array().context("pkg/package.json lists its files")?;
    let mut names: Vec<String> =
        listed.iter().filter_map(|name| Some(name.as_str()?.to_owned())).collect();
    // npm always adds these two.
    names.extend(["package.json", "README.md"].map(str::to_owned));
    // What is built and not listed is for the page alone; the tests install what is.
    let dirs = [package::DIR, library::DIR, languages::DIR];
    for name in embed::built().into_iter().chain(dirs).chain(package::LICENCES) {
        if !names.iter().any(|listed| listed == name) {
            bail!("pkg/package.json does not list {name}");
        }
    }
    let version = package["version"].as_str().unwrap_or_default();
    let crate_version = bindgen::locked_version("halflink")?;
    if version != crate_version {
        bail!("pkg/package.json is at {version}, Cargo.toml at {crate_version}");
    }
    let mut found = Vec::new();
    for path in names.iter().map(|name| paths::pkg().join(name)) {
        if path.is_dir() { found.extend(files(&path)?) } else { found.push(path) }
    }
    Ok(found)
}
