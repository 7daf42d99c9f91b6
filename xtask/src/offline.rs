//! What a host is told, and a browser keeps: the service worker with the list of what it keeps,
//! headers for hosts that take them, and a list of all files.
//!
//! The worker is in the site alone and not in `play`, where nothing may be kept; embeds never ask
//! for it, because a frame is a guest of another's page.

use crate::{dist, figures, npm, shell, size};
use anyhow::{Context, Result};
use base64ct::{Base64, Encoding as _};
use regex::Regex;
use serde_json::json;
use sha2::{Digest as _, Sha256};
use std::fs;
use std::path::Path;

/// What the page loads to ask for the worker.
const REGISTRATION: &str = "offline.js";

/// The worker.
const WORKER: &str = "worker.js";

/// What the page never loads, by how its path begins.
const NOT_KEPT: [&str; 5] = ["s/", "post/", "library.css", "pkg/halflink-element", WORKER];

/// What stands in the page for it.
pub(crate) fn tag() -> String {
    format!("<script defer src=\"{REGISTRATION}\"></script>\n")
}

/// A file of the site.
struct File {
    path: String,
    bytes: Vec<u8>,
    digest: [u8; 32],
}

/// Writes all of it into a site to which nothing else will be added.
pub(crate) fn finish(dist: &Path) -> Result<()> {
    for name in [REGISTRATION, WORKER] {
        fs::write(dist.join(name), figures::template(name)?)?;
    }
    if npm::available() {
        let mut esbuild = npm::esbuild().context("npm ci has not brought esbuild")?;
        esbuild.args([REGISTRATION, WORKER].map(|name| dist.join(name)));
        // What they call their own is no name of the page's.
        esbuild.args(["--minify", "--format=iife", "--target=es2022"]);
        esbuild.args(["--allow-overwrite", "--log-level=warning"]);
        shell::run(esbuild.arg(format!("--outdir={}", dist.display())))?;
    }
    let worker = dist.join(WORKER);
    let kept = kept(&files(dist)?);
    fs::write(&worker, format!("self.kept={kept};\n{}", fs::read_to_string(&worker)?))?;
    // GitHub Pages would leave out what begins with an underscore, and look for templates.
    fs::write(dist.join(".nojekyll"), "")?;
    fs::write(dist.join("_headers"), headers(&files(dist)?))?;
    let list = files(dist)?.iter().map(listed).collect::<Result<Vec<_>>>()?;
    Ok(fs::write(dist.join("files.json"), serde_json::to_string_pretty(&list)? + "\n")?)
}

fn files(dist: &Path) -> Result<Vec<File>> {
    let file = |path: &std::path::PathBuf| {
        let bytes = fs::read(path)?;
        let digest = Sha256::digest(&bytes).into();
        // As an address has it, on every system.
        let parts = path.strip_prefix(dist)?.iter().map(|part| part.to_string_lossy());
        Ok(File { path: parts.collect::<Vec<_>>().join("/"), bytes, digest })
    };
    dist::files(dist)?.iter().map(file).collect()
}

/// What the worker keeps, and what tells this build's from any other's.
fn kept(files: &[File]) -> serde_json::Value {
    let wanted = files.iter().filter(|file| !NOT_KEPT.iter().any(|it| file.path.starts_with(it)));
    let mut all = Sha256::new();
    let mut list = Vec::new();
    for File { path, digest, .. } in wanted {
        all.update(path);
        all.update(digest);
        // A folder's page is asked for by the folder.
        let folder = path.strip_suffix("index.html").unwrap_or(path);
        list.push(json!([folder, format!("sha256-{}", Base64::encode_string(digest))]));
    }
    json!({"version": hex(&all.finalize()[..8]), "files": list})
}

fn listed(file: &File) -> Result<serde_json::Value> {
    Ok(json!({
        "path": file.path,
        "bytes": file.bytes.len(),
        "gzip": size::gzipped(&file.bytes)?,
        "sha256": hex(&file.digest),
    }))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Headers in the form that Netlify and Cloudflare Pages read; the site needs none of them. What
/// has a digest in its name never changes; these hosts have browsers ask about all else each time.
/// Anyone may load what embeds and posts are made of, also from a frame without an origin, and
/// nothing forbids frames.
const HEADERS: &str = "/*
  X-Content-Type-Options: nosniff
  Cross-Origin-Resource-Policy: cross-origin
/pkg/*
  Access-Control-Allow-Origin: *
/s/*
  Access-Control-Allow-Origin: *
";

fn headers(files: &[File]) -> String {
    let hashed = Regex::new(r"-[A-Z0-9]{8}\.(js|css)$").expect("constant");
    let mut out = HEADERS.to_owned();
    for File { path, .. } in files {
        if hashed.is_match(path) {
            out += &format!("/{path}\n  Cache-Control: public, max-age=31536000, immutable\n");
        }
        if path.ends_with(".wasm") {
            out += &format!("/{path}\n  Content-Type: application/wasm\n");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{File, headers, kept};

    fn file(path: &str) -> File {
        File { path: path.to_owned(), bytes: Vec::new(), digest: [0; 32] }
    }

    #[test]
    fn what_the_page_may_load_is_kept_and_another_build_is_another_version() {
        let files = ["index.html", "main.js", "pkg/halflink-element.js", "s/index.html"].map(file);
        let list = kept(&files);
        let paths: Vec<_> =
            list["files"].as_array().unwrap().iter().map(|one| one[0].as_str().unwrap()).collect();
        assert_eq!(paths, ["", "main.js"]);
        let mut other = files;
        other[1].digest[0] = 1;
        assert_ne!(list["version"], kept(&other)["version"]);
    }

    #[test]
    fn what_has_a_digest_in_its_name_may_be_kept_for_ever() {
        let text = headers(&["main.js", "late-56ZRUQWR.js", "pkg/a_bg.wasm"].map(file));
        assert!(!text.contains("/main.js"));
        let kept = "/late-56ZRUQWR.js\n  Cache-Control: public, max-age=31536000, immutable\n";
        assert!(text.contains(kept), "{text}");
        assert!(text.contains("/pkg/a_bg.wasm\n  Content-Type: application/wasm\n"));
    }
}
