//! What `www/run/unpack.js` calls: `room` for what is packed, `open`, and `read` until it gives 0.

#![expect(unsafe_code, reason = "the page hands over addresses in this module's memory")]

extern crate alloc;

use alloc::boxed::Box;
use alloc::vec;
use alloc::vec::Vec;
use core::alloc::{GlobalAlloc, Layout};
use core::arch::wasm32::{memory_grow, memory_size, unreachable};
use core::panic::PanicInfo;
use core::ptr::null_mut;
use core::sync::atomic::{AtomicUsize, Ordering};
use lzma_rust2::{LzmaReader, Read as _};

const PAGE: usize = 65_536;

/// What `read` gives when what is packed is damaged.
const DAMAGED: usize = usize::MAX;

type Reader = LzmaReader<&'static [u8]>;

/// Room for some bytes, all zero; for ever.
#[unsafe(no_mangle)]
extern "C" fn room(bytes: usize) -> *mut u8 {
    Vec::leak(vec![0; bytes]).as_mut_ptr()
}

/// Begins with an `.lzma` file that lies in the memory; null if it is none.
///
/// # Safety
/// The bytes are of one `room`, and stay as they are.
#[unsafe(no_mangle)]
unsafe extern "C" fn open(packed: *const u8, bytes: usize) -> *mut Reader {
    // SAFETY: as asked of the caller.
    let packed = unsafe { core::slice::from_raw_parts(packed, bytes) };
    match LzmaReader::new_mem_limit(packed, u32::MAX, None) {
        Ok(reader) => Box::into_raw(Box::new(reader)),
        Err(_) => null_mut(),
    }
}

/// Unpacks the next bytes, at most as many as there is room for: how many they were.
///
/// # Safety
/// The reader is one of `open`, and the room one of `room`.
#[unsafe(no_mangle)]
unsafe extern "C" fn read(reader: *mut Reader, to: *mut u8, room: usize) -> usize {
    // SAFETY: as asked of the caller; nothing else holds either.
    let (reader, to) = unsafe { (&mut *reader, core::slice::from_raw_parts_mut(to, room)) };
    reader.read(to).unwrap_or(DAMAGED)
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
