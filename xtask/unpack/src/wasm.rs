//! What `www/run/unpack.js` calls: `room` for what is packed, `open`, `read` until it gives 0,
//! and `merge`.

#![expect(unsafe_code, reason = "the page hands over addresses in this module's memory")]

use crate::{Lzma, merged};
use alloc::boxed::Box;
use alloc::vec;
use alloc::vec::Vec;
use core::alloc::{GlobalAlloc, Layout};
use core::arch::wasm32::{memory_grow, memory_size, unreachable};
use core::panic::PanicInfo;
use core::ptr::null_mut;
use core::sync::atomic::{AtomicUsize, Ordering};

const PAGE: usize = 65_536;

/// The longest module that is opened, in bytes: far more than ours.
const MOST: usize = 1 << 26;

/// What `read` and `merge` give when what is packed is damaged.
const DAMAGED: usize = usize::MAX;

/// A module that is being unpacked.
struct Unpacking {
    sorted: Lzma<'static>,
    merged: Vec<u8>,
}

/// Room for some bytes, all zero; for ever.
#[unsafe(no_mangle)]
extern "C" fn room(bytes: usize) -> *mut u8 {
    Vec::leak(vec![0; bytes]).as_mut_ptr()
}

/// Begins with an `.lzma` file that lies in the memory; null if it is none, or does not say how
/// long is what it holds.
///
/// # Safety
/// The bytes are of one `room`, and stay as they are.
#[unsafe(no_mangle)]
unsafe extern "C" fn open(packed: *const u8, bytes: usize) -> *mut Unpacking {
    // SAFETY: as asked of the caller.
    let packed = unsafe { core::slice::from_raw_parts(packed, bytes) };
    match Lzma::new(packed, MOST) {
        Some(sorted) => Box::into_raw(Box::new(Unpacking { sorted, merged: Vec::new() })),
        None => null_mut(),
    }
}

/// Unpacks some more bytes: how many they were.
///
/// # Safety
/// The module is one of `open`.
#[unsafe(no_mangle)]
unsafe extern "C" fn read(module: *mut Unpacking, some: usize) -> usize {
    // SAFETY: as asked of the caller; nothing else holds it.
    let module = unsafe { &mut *module };
    module.sorted.read(some).unwrap_or(DAMAGED)
}

/// Merges what has all been read: how long the module is.
///
/// # Safety
/// The module is one of `open`.
#[unsafe(no_mangle)]
unsafe extern "C" fn merge(module: *mut Unpacking) -> usize {
    // SAFETY: as asked of the caller; nothing else holds it.
    let module = unsafe { &mut *module };
    match merged(module.sorted.bytes()) {
        Ok(bytes) => module.merged = bytes,
        Err(_) => return DAMAGED,
    }
    module.merged.len()
}

/// Where the module lies.
///
/// # Safety
/// The module is one of `open`.
#[unsafe(no_mangle)]
unsafe extern "C" fn merged_at(module: *const Unpacking) -> *const u8 {
    // SAFETY: as asked of the caller.
    unsafe { (*module).merged.as_ptr() }
}

/// Gives, and never takes back.
struct Bump {
    top: AtomicUsize,
}

#[global_allocator]
static MEMORY: Bump = Bump { top: AtomicUsize::new(0) };

// SAFETY: what it gives lies behind all that it gave, and inside the memory.
unsafe impl GlobalAlloc for Bump {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let all = memory_size(0) * PAGE;
        // All that the linker has laid out lies below the first end of the memory.
        let top = match self.top.load(Ordering::Relaxed) {
            0 => all,
            top => top,
        };
        let start = top.next_multiple_of(layout.align());
        let end = start + layout.size();
        if end > all && memory_grow(0, (end - all).div_ceil(PAGE)) == DAMAGED {
            return null_mut();
        }
        self.top.store(end, Ordering::Relaxed);
        start as *mut u8
    }

    unsafe fn dealloc(&self, _: *mut u8, _: Layout) {}
}

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    unreachable()
}
