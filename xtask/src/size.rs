//! The size budget: what an embed's first view costs on the wire.

use crate::{dist, embed, library, paths, site, wasm};
use anyhow::{Context, Result, bail};
use flate2::Compression;
use flate2::write::GzEncoder;
use std::fs;
use std::io::Write;
use std::path::PathBuf;

/// What a first view may cost: 300 KB (of 1000 bytes), each file compressed for itself as a server
/// does it.
const BUDGET: usize = 300_000;

/// A file's size, as it is and on the wire.
pub(crate) struct Weight {
    /// The file.
    pub(crate) path: PathBuf,
    /// Its bytes.
    pub(crate) raw: usize,
    /// Its bytes after `gzip -9`.
    pub(crate) gzip: usize,
}

/// Builds, weighs, and fails when the first view is too heavy.
pub(crate) fn run() -> Result<()> {
    wasm::build()?;
    // Not the site's own folder: what is weighed here has no pages of the library.
    let dist = dist::build(&paths::target().join("size"))?;
    let page = dist.join("embed.html");
    println!("What the first view of {} loads:\n", paths::shown(&page));
    let mut loaded = site::reachable(&page, site::Extent::FirstView)?;
    // A first view without the engine is no first view: the scan must have lost its way.
    if !loaded.contains(&dist.join("pkg").join(embed::FIRST)) {
        let (page, first) = (paths::shown(&page), embed::FIRST);
        bail!("found no way from {page} to pkg/{first}; see xtask/src/site.rs");
    }
    loaded.extend(library::first_view()?.map(|name| dist.join("pkg").join(name)));
    let weights = weigh(&loaded)?;
    let total = print(&weights);
    let share = total as f64 * 100.0 / BUDGET as f64;
    println!("\n{total} bytes of {BUDGET} on the wire: {share:.0} % of the budget");
    if total > BUDGET {
        bail!("over the budget by {} bytes", total - BUDGET);
    }
    Ok(())
}

/// Weighs files.
pub(crate) fn weigh(files: &[PathBuf]) -> Result<Vec<Weight>> {
    files
        .iter()
        .map(|path| {
            let bytes = fs::read(path).with_context(|| paths::shown(path))?;
            Ok(Weight { path: path.clone(), raw: bytes.len(), gzip: gzipped(&bytes)? })
        })
        .collect()
}

/// Bytes after `gzip -9`.
pub(crate) fn gzipped(bytes: &[u8]) -> Result<usize> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?.len())
}

/// Prints a table, heaviest first; the sum on the wire.
pub(crate) fn print(weights: &[Weight]) -> usize {
    let mut sorted: Vec<&Weight> = weights.iter().collect();
    sorted.sort_by_key(|weight| std::cmp::Reverse(weight.gzip));
    println!("{:>9}  {:>9}  file", "raw", "gzip -9");
    for Weight { path, raw, gzip } in sorted {
        println!("{raw:>9}  {gzip:>9}  {}", paths::shown(path));
    }
    let sum = |size: fn(&Weight) -> usize| weights.iter().map(size).sum::<usize>();
    let total = sum(|weight| weight.gzip);
    println!("{:>9}  {total:>9}  in all", sum(|weight| weight.raw));
    total
}
