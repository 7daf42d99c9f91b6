//! What a site's engine does not carry: the words of its own bugs; and an embed's, what only the
//! page calls.
//!
//! A panic ends in a trap. What stands before the trap, in the module, is a message with file and
//! line, and all code that writes it: 10 KB of what a first view loads. The page tells of a trap
//! with the link of the run, and `halflink run LINK` comes to the same bug with its words, so the
//! site's module traps at once. What `cargo xtask play` runs keeps them, for the console.

use anyhow::{Context, Result, ensure};
use walrus::ir::Value;
use walrus::{
    ConstExpr, Data, DataId, DataKind, FunctionBuilder, FunctionId, FunctionKind, Module,
    ModuleConfig,
};

/// Functions that do nothing but end in a panic, or that only a panic calls: their names begin so.
const BEGINNINGS: [&str; 12] = [
    "__rustc::rust_begin_unwind",
    "alloc::raw_vec::capacity_overflow",
    "alloc::raw_vec::handle_error",
    "core::cell::panic_already",
    "core::num::int_log10::panic_for",
    "core::option::expect_failed",
    "core::option::unwrap_failed",
    "core::panicking::",
    "core::result::unwrap_failed",
    "core::slice::index::slice_index_fail",
    "core::str::slice_error_fail",
    // What a page would say of a panic.
    "halflink::wasm::start::",
];

/// The same, of names that end so. Nothing of the engine prints with `{:?}`, but for a panic:
/// `tests/integration/tidy.rs` sees to it.
const ENDINGS: [&str; 2] = [" as core::fmt::Debug>::fmt", "::assert_failed"];

/// A module whose every panic traps at once, without the places in the source that they name.
///
/// # Errors
/// It is no module, or no function of that kind is in it, so their names must have changed.
pub(crate) fn without_panics(wasm: &[u8]) -> Result<Vec<u8>> {
    let mut module = ModuleConfig::new().generate_producers_section(false).parse(wasm)?;
    let found: Vec<_> = module
        .funcs
        .iter_local()
        .map(|(id, _)| id)
        .filter(|id| module.funcs.get(*id).name.as_deref().is_some_and(is_of_panics))
        .collect();
    ensure!(!found.is_empty(), "xtask/src/snip.rs finds no code of panics in the module");
    for id in found {
        trap(&mut module, id);
    }
    blank_places(&mut module);
    Ok(module.emit_wasm())
}

/// What the page alone calls: other seeds and protocols for the run, a text to begin with, a
/// benchmark. `embed::packed` sees to it that no script of an embed calls them.
pub(crate) const OF_THE_PAGE: [&str; 5] =
    ["run_set_seed", "run_set_protocol", "fresh_seed", "smallest", "deliver_all"];

/// A module as wasm-bindgen leaves it, with a trap in the place of these exports: wasm-opt then
/// leaves out all that only they call.
///
/// # Errors
/// It is no module, or does not export one of them.
pub(crate) fn without_exports(wasm: &[u8], names: &[&str]) -> Result<Vec<u8>> {
    let mut module = ModuleConfig::new().generate_producers_section(false).parse(wasm)?;
    for name in names {
        let id = module.exports.get_func(name).with_context(|| format!("{name} is no export"))?;
        trap(&mut module, id);
    }
    Ok(module.emit_wasm())
}

/// Whoever calls it, traps.
fn trap(module: &mut Module, id: FunctionId) {
    let kind = module.types.get(module.funcs.get(id).ty());
    let (takes, gives) = (kind.params().to_vec(), kind.results().to_vec());
    let mut trap = FunctionBuilder::new(&mut module.types, &takes, &gives);
    trap.func_body().unreachable();
    let arguments = takes.iter().map(|kind| module.locals.add(*kind)).collect();
    module.funcs.get_mut(id).kind = FunctionKind::Local(trap.local_func(arguments));
}

/// True for the name of such a function, as the compiler has it.
fn is_of_panics(mangled: &str) -> bool {
    let name = format!("{:#}", rustc_demangle::demangle(mangled));
    BEGINNINGS.iter().any(|begins| name.starts_with(begins))
        || ENDINGS.iter().any(|ends| name.ends_with(ends))
}

/// How long a `core::panic::Location` is: address and length of a file's name, line, column.
const PLACE: usize = 16;

/// What lies in memory from the start, from where on.
struct Segment {
    id: DataId,
    begin: usize,
    bytes: Vec<u8>,
}

/// Nobody reads a place in the source any more, nor the name of its file. Zeros pack to nothing.
fn blank_places(module: &mut Module) {
    let mut memory: Vec<Segment> = module.data.iter().filter_map(segment).collect();
    let mut places: Vec<_> = memory.iter().flat_map(places).collect();
    // Before any name is blanked: the places of one file share it.
    places.retain(|(_, file)| at(&mut memory, *file).is_some_and(|name| name.ends_with(b".rs")));
    for range in places.into_iter().flat_map(|(begin, file)| [(begin, PLACE), file]) {
        at(&mut memory, range).expect("it was found there").fill(0);
    }
    for Segment { id, begin: _, bytes } in memory {
        module.data.get_mut(id).value = bytes;
    }
}

fn segment(data: &Data) -> Option<Segment> {
    match data.kind {
        DataKind::Active { offset: ConstExpr::Value(Value::I32(begin)), .. } => {
            let begin = usize::try_from(begin).ok()?;
            Some(Segment { id: data.id(), begin, bytes: data.value.clone() })
        }
        DataKind::Active { .. } | DataKind::Passive => None,
    }
}

/// What may be places, by the size of their numbers: where each is, and where its file's name.
fn places(segment: &Segment) -> impl Iterator<Item = (usize, (usize, usize))> {
    let Segment { begin, bytes, .. } = segment;
    let aligned = (begin.next_multiple_of(4) - begin..bytes.len()).step_by(4);
    aligned.filter_map(move |offset| {
        let words = bytes.get(offset..offset + PLACE)?.chunks_exact(4);
        let mut words = words.map(|word| u32::from_le_bytes(word.try_into().expect("four")));
        let mut next = || words.next().map_or(0, |word| word as usize);
        let (file, line, column) = ((next(), next()), next(), next());
        let fits = (4..256).contains(&file.1)
            && (1..100_000).contains(&line)
            && (1..1_000).contains(&column);
        fits.then_some((begin + offset, file))
    })
}

/// A range of memory, by where it begins and how long it is, if it lies in one segment.
fn at(memory: &mut [Segment], (begin, length): (usize, usize)) -> Option<&mut [u8]> {
    memory.iter_mut().find_map(|segment| {
        let from = begin.checked_sub(segment.begin)?;
        segment.bytes.get_mut(from..from + length)
    })
}

#[cfg(test)]
mod tests {
    use super::{PLACE, is_of_panics, without_exports, without_panics};
    use walrus::ir::{Instr, Value};
    use walrus::{ConstExpr, DataKind, FunctionBuilder, Module, ValType};

    #[test]
    fn names_of_both_manglings_are_known() {
        for name in [
            "_RNvNtCsgXGp5Oqx2Ny_4core9panicking18panic_bounds_check",
            "_RNvNtNtCsgXGp5Oqx2Ny_4core5slice5index16slice_index_fail",
            "_RNvNtCs5cOc02OMXlo_5alloc7raw_vec12handle_error",
            "_RNvXs5_NtNtCsgXGp5Oqx2Ny_4core3num5errorNtB5_15TryFromIntErrorNtNtB9_3fmt5Debug3fmt",
            "_ZN46_$LT$a..Micros$u20$as$u20$core..fmt..Debug$GT$3fmt17h12ba689692896c05E",
        ] {
            assert!(is_of_panics(name), "{name}");
        }
        for name in [
            "_ZN8halflink5plant5Plant6expect17hdbd4dce3f074ea8dE",
            "_ZN48_$LT$a..Micros$u20$as$u20$core..fmt..Display$GT$3fmt17h1522c04f517b7495E",
        ] {
            assert!(!is_of_panics(name), "{name}");
        }
    }

    /// A module of two functions that give 7, one of them by the name of a panic, and of a place.
    fn small() -> Module {
        let mut module = Module::default();
        for name in ["_RNvNtCsgXGp5Oqx2Ny_4core9panicking5panic", "kept"] {
            let mut seven = FunctionBuilder::new(&mut module.types, &[], &[ValType::I32]);
            seven.func_body().i32_const(7);
            let id = seven.finish(vec![], &mut module.funcs);
            module.funcs.get_mut(id).name = Some(name.to_owned());
            module.exports.add(name, id);
        }
        let memory = module.memories.add_local(false, false, 1, None, None);
        let mut bytes = b"a.rs\0\0\0\0kept".to_vec();
        for word in [1024_u32, 4, 10, 9, 1032, 4, 10, 9] {
            bytes.extend(word.to_le_bytes());
        }
        let offset = ConstExpr::Value(Value::I32(1024));
        module.data.add(DataKind::Active { memory, offset }, bytes);
        module
    }

    #[test]
    fn a_panic_traps_its_place_is_blank_and_all_else_stays() {
        let snipped = without_panics(&small().emit_wasm()).expect("a panic is there");
        let module = Module::from_buffer(&snipped).expect("a module");
        let first = |name: &str| {
            let id = module.exports.get_func(name).expect("it is exported");
            let body = module.funcs.get(id).kind.unwrap_local();
            body.block(body.entry_block()).instrs[0].0.clone()
        };
        assert!(matches!(
            first("_RNvNtCsgXGp5Oqx2Ny_4core9panicking5panic"),
            Instr::Unreachable(_)
        ));
        assert!(matches!(first("kept"), Instr::Const(_)));
        let data = &module.data.iter().next().expect("a segment").value;
        assert_eq!(data[..8], [0; 8], "the name of a file");
        assert_eq!(&data[8..12], b"kept");
        assert_eq!(data[12..12 + PLACE], [0; PLACE], "its place");
        assert_eq!(data[12 + PLACE..][..4], 1032_u32.to_le_bytes(), "what only looks like one");
    }

    #[test]
    fn an_export_traps_and_one_that_is_not_there_is_an_error() {
        let snipped = without_exports(&small().emit_wasm(), &["kept"]).expect("it is exported");
        let module = Module::from_buffer(&snipped).expect("a module");
        let id = module.exports.get_func("kept").expect("it still is");
        let body = module.funcs.get(id).kind.unwrap_local();
        assert!(matches!(body.block(body.entry_block()).instrs[0].0, Instr::Unreachable(_)));
        let error = without_exports(&small().emit_wasm(), &["gone"]).expect_err("it is not");
        assert!(error.to_string().contains("gone"), "{error}");
    }

    #[test]
    fn a_module_without_panics_is_an_error() {
        let error = without_panics(&Module::default().emit_wasm()).expect_err("names have changed");
        assert!(error.to_string().contains("snip.rs"), "{error}");
    }
}
