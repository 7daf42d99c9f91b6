//! From the crate to pkg/: compile for wasm32, make the glue, optimise.
//!
//! `play` is in a hurry: it has a profile of its own, and neither optimises nor packs well what no
//! wire carries.

use crate::shell::{self, announce};
use crate::toolchain::{TARGET, Toolchain};
use crate::{bindgen, borrowed, embed, library, npm, package, paths, snip};
use anyhow::{Context, Result, anyhow, ensure};
use lzma_rust2::{LzmaOptions, LzmaWriter};
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// A module of the page: all have one interface, and each holds what the ones before it hold.
pub(crate) struct Module {
    /// The stem of its files in pkg/.
    pub(crate) name: &'static str,
    /// The crate's features that are in it.
    features: &'static str,
}

/// The first is what a first view loads; the others come when a protocol of theirs is asked for.
pub(crate) const MODULES: [Module; 2] = [
    Module { name: "halflink", features: "" },
    Module { name: "halflink-production", features: "production" },
];

impl Module {
    /// What the build leaves of it in pkg/.
    pub(crate) fn files(&self) -> [String; 3] {
        ["js", "d.ts", "wasm"].map(|end| match end {
            "wasm" => format!("{}_bg.wasm", self.name),
            _ => format!("{}.{end}", self.name),
        })
    }
}

/// All that the build leaves in pkg/ of the modules.
pub(crate) fn built() -> Vec<String> {
    MODULES.iter().flat_map(Module::files).collect()
}

/// How wasm-opt is called. It inlines next to nothing: LLVM has inlined what is hot, and a function
/// put into its one caller packs worse. With that, and -O3 in place of -O4, the module is 1.3 KB
/// smaller on the wire and as fast. The features are those that rustc emits for wasm32 today; every
/// current browser has them. Nothing that is used lies in the first kilobyte: rustc puts the far end
/// of the stack there.
const WASM_OPT: [&str; 15] = [
    "-O3",
    "--converge",
    "--one-caller-inline-max-function-size=0",
    "--always-inline-max-function-size=1",
    "--flexible-inline-max-function-size=1",
    "--low-memory-unused",
    "--enable-bulk-memory",
    "--enable-bulk-memory-opt",
    "--enable-call-indirect-overlong",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
    "--strip-producers",
];

/// rustc's level of optimisation for the module, in place of the release profile's. Level 3 with
/// LLVM's own thresholds costs 17 KB on the wire, and four runs were no faster in Node.
const OPT_LEVEL: &str = "2";

/// LLVM's own threshold is 225, and spends size on what is not hot: 11 KB more on the wire than 45,
/// and no faster. 30 in place of 90 is 4.9 KB less, and 1 to 3 % slower. The way of a delivered
/// message, from `Run::advance` on, asks for its inlining itself: V8 inlines nothing across
/// functions of wasm. Less for what asks for it (`-inlinehint-threshold`) costs 8 to 10 % of speed.
const INLINE: &str = "-Cllvm-args=-inline-threshold=30";

/// Stores to two fields of one value must not be made one store through a chosen pointer. LLVM does
/// so to the standard library's code that frees a list, before it inlines it, and can then no
/// longer see through it: 9 KB on the wire, or none, as chance has it.
const SINK: &str = "-Cllvm-args=-sink-common-insts=0";

/// The engine's loops are short and end early, so an unrolled one costs size and wins no time:
/// 2.4 KB on the wire, and four runs of three and five replicas took as long in Node as before.
const UNROLL: &str = "-Cllvm-args=-unroll-threshold=0";

/// LLVM makes two conditions, or two values, one computation without a branch where it takes them
/// for cheap. That saves branches, which cost little here, and is code: 1.5 KB on the wire.
const FOLD: [&str; 5] = [
    "-Cllvm-args=-bonus-inst-threshold=0",
    "-Cllvm-args=-two-entry-phi-node-folding-threshold=1",
    "-Cllvm-args=-phi-node-folding-threshold=0",
    "-Cllvm-args=-tail-dup-size=0",
    "-Cllvm-args=-speculate-one-expensive-inst=false",
];

/// A loop that is turned around asks its question twice, before it and at its end. It saves a jump
/// a round, and is code: 1.9 KB on the wire.
const ROTATE: &str = "-Cllvm-args=-rotation-max-header-size=0";

/// What is loaded on one of two ways is not loaded on the other one, too, to save a load where both
/// meet: 1.1 KB on the wire.
const LOADS: &str = "-Cllvm-args=-enable-load-pre=false";

/// What a module is built for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Purpose {
    Site,
    Play,
}

/// Builds pkg/. True when it has changed.
pub(crate) fn build() -> Result<bool> {
    let mut changed = false;
    for module in &MODULES {
        changed |= build_module(module, Purpose::Site)?;
    }
    changed |= library::build()?;
    changed |= package::build()?;
    Ok(embed::build()? || changed)
}

/// Builds what the page needs to play. True when it has changed.
pub(crate) fn build_to_play() -> Result<bool> {
    Ok(build_module(&MODULES[0], Purpose::Play)? | library::build()?)
}

/// What a reader may ask for later: the other module, the embed, and what is borrowed.
pub(crate) fn behind() -> impl Iterator<Item = String> {
    let others = embed::built().map(str::to_owned);
    MODULES[1..].iter().flat_map(Module::files).chain(others).chain(borrowed::built())
}

/// Builds that. True when it has changed.
pub(crate) fn build_behind() -> Result<bool> {
    let mut changed = false;
    for module in &MODULES[1..] {
        changed |= build_module(module, Purpose::Play)?;
    }
    if npm::available() {
        npm::ensure()?;
    }
    Ok(embed::build()? || changed)
}

fn build_module(module: &Module, purpose: Purpose) -> Result<bool> {
    let version = bindgen::version()?;
    let raw = compile("halflink", module.features, purpose)?;
    let optimizer = if purpose == Purpose::Site { optimizer() } else { None };
    let recipe = recipe(&version, optimizer.as_ref());
    if module.is_built(&raw, &recipe, purpose) {
        eprintln!("    pkg/{} is up to date", module.name);
        return Ok(false);
    }
    announce("making the JavaScript glue with wasm-bindgen");
    // Another build may run at the same time: each has a directory of its own.
    let work = paths::wasm_target().join(format!("glue-{}", std::process::id()));
    let compiled = fs::read(&raw).with_context(|| paths::shown(&raw))?;
    let compiled = match purpose {
        Purpose::Site => snip::without_panics(&compiled)?,
        Purpose::Play => compiled,
    };
    bindgen::generate(compiled, module.name, &work)?;
    let wasm = format!("{}_bg.wasm", module.name);
    let whole = work.join(&wasm);
    let embed = work.join("embed.wasm");
    let compiled = fs::read(&whole)?;
    fs::write(&embed, snip::without_exports(&compiled, &snip::OF_THE_PAGE)?)?;
    if let Some((script, _)) = &optimizer {
        optimize(script, &whole)?;
        optimize(script, &embed)?;
    }
    pack(&embed, &module.packed(), purpose)?;
    if purpose == Purpose::Site {
        pack(&whole, &module.packed_whole(), purpose)?;
    }
    fs::create_dir_all(paths::pkg())?;
    for name in module.files() {
        let to = paths::pkg().join(&name);
        fs::rename(work.join(&name), &to).with_context(|| paths::shown(&to))?;
    }
    fs::remove_dir_all(&work)?;
    fs::copy(&raw, module.built_from())?;
    fs::write(module.built_by(), recipe)?;
    let size = fs::metadata(paths::pkg().join(&wasm))?.len();
    eprintln!("    pkg/{wasm}: {size} bytes");
    Ok(true)
}

/// Compiles a crate; the path of the module as rustc leaves it.
fn compile(package: &str, features: &str, purpose: Purpose) -> Result<PathBuf> {
    let toolchain = Toolchain::ensure()?;
    let target = paths::wasm_target().join(match toolchain {
        Toolchain::Active => "active",
        Toolchain::Debian(_) => "debian",
    });
    announce(&format!("compiling {package} {features} for {TARGET} with {}", toolchain.name()));
    let profile = match purpose {
        Purpose::Site => "release",
        Purpose::Play => "play",
    };
    let mut command = toolchain.build();
    command
        .args(["--profile", profile, "--package", package, "--lib", "--no-default-features"])
        .args(["--features", features])
        .arg("--target-dir")
        .arg(&target)
        .current_dir(paths::root())
        .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", OPT_LEVEL)
        .env("CARGO_ENCODED_RUSTFLAGS", rust_flags());
    shell::run(&mut command)?;
    Ok(target.join(TARGET).join(profile).join(format!("{}.wasm", package.replace('-', "_"))))
}

/// Flags for rustc: no path of this machine gets into the module. They also shield the build from
/// flags that are meant for native code (`-C target-cpu=native`).
fn rust_flags() -> String {
    let cargo_home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = || std::env::home_dir().map(|home| home.join(".cargo"));
    let registry = cargo_home.or_else(home).map(|dir| dir.join("registry/src"));
    [(Some(paths::root()), "/halflink"), (registry, "/crates")]
        .into_iter()
        .filter_map(|(from, to)| Some(format!("--remap-path-prefix={}={to}", from?.display())))
        .chain([INLINE, SINK, UNROLL, ROTATE, LOADS].into_iter().chain(FOLD).map(str::to_owned))
        .collect::<Vec<_>>()
        .join("\u{1f}")
}

/// wasm-opt, where npm is there to bring it.
fn optimizer() -> Option<(PathBuf, String)> {
    if !npm::available() {
        eprintln!("    no Node with npm here, so no wasm-opt: the module works, but is larger");
        return None;
    }
    if let Err(error) = npm::ensure() {
        eprintln!("    {error:#}; going on without wasm-opt: the module works, but is larger");
    }
    npm::wasm_opt()
}

/// Optimises a module in place.
fn optimize(script: &Path, wasm: &Path) -> Result<()> {
    announce("optimising the module with wasm-opt (from npm's binaryen)");
    let out = wasm.with_extension("opt.wasm");
    let mut command = Command::new("node");
    command.arg(script).args(WASM_OPT).arg(wasm).arg("-o").arg(&out);
    shell::run(&mut command)?;
    fs::rename(&out, wasm).context("could not put the optimised module in place")
}

/// Packs a module for the embed, its code sorted; `xtask/unpack/` unpacks it there.
fn pack(wasm: &Path, to: &Path, purpose: Purpose) -> Result<()> {
    announce("packing the module with LZMA");
    let whole = fs::read(wasm)?;
    let flaw =
        |flaw| anyhow!("{}: xtask/unpack cannot sort its code: {flaw:?}", paths::shown(wasm));
    let module = halflink_unpack::sorted(&whole).map_err(flaw)?;
    ensure!(
        halflink_unpack::merged(&module).as_deref() == Ok(&whole[..]),
        "{} does not come back as it was from xtask/unpack",
        paths::shown(wasm)
    );
    // As `xz -9e`, for bytes that are aligned to nothing and say little of the next one. Nobody
    // waits for `play`'s on a wire.
    let options = match purpose {
        Purpose::Site => LzmaOptions { lc: 2, pb: 0, nice_len: 273, ..LzmaOptions::with_preset(9) },
        Purpose::Play => LzmaOptions::with_preset(1),
    };
    let dict_size = u32::try_from(module.len().next_power_of_two())?;
    let options = LzmaOptions { dict_size, ..options };
    let mut packed =
        LzmaWriter::new_use_header(Vec::new(), &options, Some(u64::try_from(module.len())?))?;
    packed.write_all(&module)?;
    fs::write(to, packed.finish()?).with_context(|| paths::shown(to))
}

/// The module that unpacks the others.
pub(crate) fn unpacker() -> Result<Vec<u8>> {
    /// It is asked for by the embed and by the npm package.
    static MADE: OnceLock<Vec<u8>> = OnceLock::new();
    if let Some(module) = MADE.get() {
        return Ok(module.clone());
    }
    let raw = compile("halflink-unpack", "", Purpose::Site)?;
    let wasm = paths::wasm_target().join(format!("unpack-{}.wasm", std::process::id()));
    fs::write(&wasm, snip::without_panics(&fs::read(&raw)?)?)?;
    if let Some((script, _)) = optimizer() {
        optimize(&script, &wasm)?;
    }
    let module = fs::read(&wasm)?;
    fs::remove_file(&wasm)?;
    Ok(MADE.get_or_init(|| module).clone())
}

/// What decides how a module becomes pkg/, as text.
fn recipe(bindgen: &str, optimizer: Option<&(PathBuf, String)>) -> String {
    let made = [
        include_str!("bindgen.rs"),
        include_str!("snip.rs"),
        include_str!("../unpack/src/lanes.rs"),
    ]
    .concat();
    let optimizer = optimizer
        .map(|(_, version)| format!("wasm-opt {version} {}", WASM_OPT.join(" ")))
        .unwrap_or_default();
    format!("wasm-bindgen {bindgen}\n{optimizer}\n{made}")
}

impl Module {
    /// What rustc made it of the last time.
    pub(crate) fn built_from(&self) -> PathBuf {
        paths::wasm_target().join(format!("{}-built-from.wasm", self.name))
    }

    /// The module as the embed carries it.
    pub(crate) fn packed(&self) -> PathBuf {
        paths::wasm_target().join(format!("{}_bg.wasm.lzma", self.name))
    }

    /// The module as the npm package carries it: with what an embed does not call.
    pub(crate) fn packed_whole(&self) -> PathBuf {
        paths::wasm_target().join(format!("{}_bg.whole.wasm.lzma", self.name))
    }

    /// The recipe that it was last made by.
    fn built_by(&self) -> PathBuf {
        paths::wasm_target().join(format!("{}-built-by.txt", self.name))
    }

    fn is_built(&self, raw: &Path, recipe: &str, purpose: Purpose) -> bool {
        let same =
            |a: &Path, b: &Path| matches!((fs::read(a), fs::read(b)), (Ok(a), Ok(b)) if a == b);
        let files = self.files().into_iter().map(|name| paths::pkg().join(name));
        let for_npm = (purpose == Purpose::Site).then(|| self.packed_whole());
        files.chain([self.packed()]).chain(for_npm).all(|file| file.exists())
            && fs::read_to_string(self.built_by()).is_ok_and(|last| last == recipe)
            && same(raw, &self.built_from())
    }
}
