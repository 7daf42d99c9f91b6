//! A module's code, sorted: bytes of one meaning lie together, which LZMA packs a tenth smaller.
//!
//! What an operator is says much about the next operator, and little about the number between the
//! two. So operators, locals, offsets and so on each get a lane of their own. One walk over the
//! code serves both ways: sorting reads the module and writes lanes, merging reads lanes and
//! writes the module. So the two cannot differ in what they take a byte for.
//!
//! A sorted module is a number of bytes for each lane, then the lanes, one after the other. What
//! is no code stands in the first lane as it was, with the section of code as its number of
//! functions only: sizes are what the walk finds. WebAssembly's core specification 2.0, chapter 5,
//! has the format.

use alloc::vec::Vec;

/// Why a module cannot be sorted, or merged again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// It ends in the middle of something.
    Short,
    /// An operator that this walk does not know, with its code.
    Operator(u8),
    /// A number that takes more than its bits.
    Number,
}

/// The sections, but for code.
const OUTSIDE: usize = 0;
/// Operators and alignments: an operator nearly always has the same.
const OPERATOR: usize = 1;
/// Types of blocks.
const BLOCK: usize = 2;
/// Numbers of locals that are set.
const SET: usize = 3;
/// How many blocks a branch leaves: always, and if something is so.
const BRANCH: usize = 4;
const BRANCH_IF: usize = 5;
/// Offsets that are loaded from.
const LOAD: usize = 6;
/// Offsets that are stored to.
const STORE: usize = 7;
/// What locals a function has.
const HEAD: usize = 8;
/// Tables of branches.
const TABLE: usize = 9;
/// Constants of floats.
const FLOAT: usize = 10;
/// Numbers that are rare.
const RARE: usize = 11;
/// Numbers of locals that are read, by the operator that comes next: what is loaded from is no
/// index.
const GET: usize = 12;
/// Functions that are called, by the operator that came before: what is given says much of who
/// gets it.
const CALL: usize = GET + 256;
/// Constants of 64 bits, by the operator that comes next.
const WIDE: usize = CALL + 256;
/// Constants of 32 bits, by the operator that comes next: what is added is no address.
const CONSTANT: usize = WIDE + 256;
const LANES: usize = CONSTANT + 256;

/// The number of the section of code.
const CODE: u8 = 10;
/// What a module begins with, before its sections: magic number and version.
const PREAMBLE: usize = 8;

/// Sorts a module.
///
/// # Errors
/// It is no module, or has operators that nobody has met in ours.
pub fn sorted(module: &[u8]) -> Result<Vec<u8>, Flaw> {
    let mut sorter = Sorter { module, at: 0, lanes: Vec::new() };
    sorter.lanes.resize(LANES, Vec::new());
    sections(&mut sorter)?;
    let mut whole = Vec::new();
    put(&mut whole, module.len());
    for lane in &sorter.lanes {
        put(&mut whole, lane.len());
    }
    whole.extend(sorter.lanes.iter().flatten());
    Ok(whole)
}

/// The module of what [`sorted`] made of it.
///
/// # Errors
/// It is damaged.
pub fn merged(sorted: &[u8]) -> Result<Vec<u8>, Flaw> {
    let mut at = 0;
    let bytes = take(sorted, &mut at)?;
    let mut lanes = Vec::with_capacity(LANES);
    for _ in 0..LANES {
        lanes.push(take(sorted, &mut at)?);
    }
    // From how long each is to where each begins.
    for lane in &mut lanes {
        at += core::mem::replace(lane, at);
    }
    let module = Vec::with_capacity(bytes);
    let mut merger = Merger { sorted, lanes, bytes, module, open: Vec::new() };
    sections(&mut merger)?;
    Ok(merger.module)
}

/// One of the two ways to go through a module.
trait Way {
    /// The next byte, which belongs to that lane; `None` where everything ends.
    fn byte(&mut self, lane: usize) -> Option<u8>;
    /// The operator behind the number of some bytes that comes next.
    fn behind_number(&self) -> Option<u8>;
    /// True behind the last section.
    fn is_over(&self) -> bool;
    /// Begins with something whose size stands before it.
    fn open(&mut self) -> Result<(), Flaw>;
    /// Ends it.
    fn close(&mut self);
}

fn sections(way: &mut impl Way) -> Result<(), Flaw> {
    copy(way, OUTSIDE, PREAMBLE)?;
    while !way.is_over() {
        if byte(way, OUTSIDE)? != CODE {
            let size = number(way, OUTSIDE)?;
            copy(way, OUTSIDE, size)?;
            continue;
        }
        way.open()?;
        for _ in 0..number(way, OUTSIDE)? {
            way.open()?;
            function(way)?;
            way.close();
        }
        way.close();
    }
    Ok(())
}

/// A call of its own for each: a browser puts faster code in place of what it began with between
/// two calls, and never while a loop goes on.
#[inline(never)]
fn function(way: &mut impl Way) -> Result<(), Flaw> {
    for _ in 0..number(way, HEAD)? {
        number(way, HEAD)?;
        byte(way, HEAD)?;
    }
    let (mut depth, mut before) = (1_u32, 0);
    while depth > 0 {
        let operator = byte(way, OPERATOR)?;
        match operator {
            // block, loop, if
            0x02..=0x04 => {
                number(way, BLOCK)?;
                depth += 1;
            }
            // end
            0x0b => depth -= 1,
            _ => instruction(way, before, operator)?,
        }
        before = operator;
    }
    Ok(())
}

/// What stands behind an operator, given the one before it.
fn instruction(way: &mut impl Way, before: u8, operator: u8) -> Result<(), Flaw> {
    match operator {
        // unreachable, nop, else, return, drop, select; comparisons and sums
        0x00 | 0x01 | 0x05 | 0x0f | 0x1a | 0x1b | 0x45..=0xc4 | 0xd1 => Ok(()),
        // br
        0x0c => numbers(way, BRANCH, 1),
        // br_if
        0x0d => numbers(way, BRANCH_IF, 1),
        // br_table
        0x0e => {
            let targets = number(way, TABLE)?;
            numbers(way, TABLE, targets.saturating_add(1))
        }
        // call
        0x10 => numbers(way, CALL + usize::from(before), 1),
        // call_indirect
        0x11 => numbers(way, RARE, 2),
        // local.get
        0x20 => before_next(way, GET),
        // local.set, local.tee
        0x21 | 0x22 => numbers(way, SET, 1),
        // global.get and .set, table.get and .set; memory.size and .grow; ref.null, ref.func
        0x23..=0x26 | 0x3f | 0x40 | 0xd0 | 0xd2 => numbers(way, RARE, 1),
        // loads
        0x28..=0x35 => numbers(way, OPERATOR, 1).and_then(|()| numbers(way, LOAD, 1)),
        // stores
        0x36..=0x3e => numbers(way, OPERATOR, 1).and_then(|()| numbers(way, STORE, 1)),
        // i32.const
        0x41 => before_next(way, CONSTANT),
        // i64.const
        0x42 => before_next(way, WIDE),
        // f32.const, f64.const
        0x43 => copy(way, FLOAT, 4),
        0x44 => copy(way, FLOAT, 8),
        // What is longer than a byte
        0xfc => match number(way, OPERATOR)? {
            // conversions that saturate
            0..=7 => Ok(()),
            // data.drop, memory.fill, elem.drop; table.grow, .size, .fill
            9 | 11 | 13 | 15..=17 => numbers(way, RARE, 1),
            // memory.init, memory.copy, table.init, table.copy
            8 | 10 | 12 | 14 => numbers(way, RARE, 2),
            _ => Err(Flaw::Operator(operator)),
        },
        _ => Err(Flaw::Operator(operator)),
    }
}

/// A number whose lane, of 256, is that of the operator that comes next.
fn before_next(way: &mut impl Way, lanes: usize) -> Result<(), Flaw> {
    let next = way.behind_number().ok_or(Flaw::Short)?;
    numbers(way, lanes + usize::from(next), 1)
}

fn numbers(way: &mut impl Way, lane: usize, count: usize) -> Result<(), Flaw> {
    for _ in 0..count {
        number(way, lane)?;
    }
    Ok(())
}

fn copy(way: &mut impl Way, lane: usize, count: usize) -> Result<(), Flaw> {
    for _ in 0..count {
        byte(way, lane)?;
    }
    Ok(())
}

fn byte(way: &mut impl Way, lane: usize) -> Result<u8, Flaw> {
    way.byte(lane).ok_or(Flaw::Short)
}

/// The next number: seven bits a byte, the lowest first. Of a longer one than an index, its low
/// bits.
fn number(way: &mut impl Way, lane: usize) -> Result<usize, Flaw> {
    read(|| byte(way, lane))
}

/// Reads a number byte by byte.
fn read(mut next: impl FnMut() -> Result<u8, Flaw>) -> Result<usize, Flaw> {
    let mut value = 0_u64;
    for place in 0..10 {
        let byte = next()?;
        value |= u64::from(byte & 0x7f) << (place * 7);
        if byte < 0x80 {
            return Ok(value as u32 as usize);
        }
    }
    Err(Flaw::Number)
}

fn take(bytes: &[u8], at: &mut usize) -> Result<usize, Flaw> {
    read(|| {
        *at += 1;
        bytes.get(*at - 1).copied().ok_or(Flaw::Short)
    })
}

fn put(bytes: &mut Vec<u8>, mut value: usize) {
    while value >= 0x80 {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
}

/// How long the number is that some bytes begin with.
fn length(bytes: &[u8]) -> usize {
    bytes.iter().take_while(|&&byte| byte >= 0x80).count() + 1
}

struct Sorter<'a> {
    module: &'a [u8],
    at: usize,
    lanes: Vec<Vec<u8>>,
}

impl Way for Sorter<'_> {
    fn byte(&mut self, lane: usize) -> Option<u8> {
        let byte = *self.module.get(self.at)?;
        self.at += 1;
        self.lanes[lane].push(byte);
        Some(byte)
    }

    fn behind_number(&self) -> Option<u8> {
        let rest = self.module.get(self.at..)?;
        rest.get(length(rest)).copied()
    }

    fn is_over(&self) -> bool {
        self.at >= self.module.len()
    }

    fn open(&mut self) -> Result<(), Flaw> {
        take(self.module, &mut self.at).map(drop)
    }

    fn close(&mut self) {}
}

struct Merger<'a> {
    sorted: &'a [u8],
    /// Where the next byte of each lane is.
    lanes: Vec<usize>,
    /// How long the module will be.
    bytes: usize,
    module: Vec<u8>,
    /// Where what waits for its size begins: the section of code, and a function in it.
    open: Vec<usize>,
}

impl Way for Merger<'_> {
    fn byte(&mut self, lane: usize) -> Option<u8> {
        let byte = *self.sorted.get(self.lanes[lane])?;
        self.lanes[lane] += 1;
        self.module.push(byte);
        Some(byte)
    }

    fn behind_number(&self) -> Option<u8> {
        self.sorted.get(self.lanes[OPERATOR]).copied()
    }

    fn is_over(&self) -> bool {
        self.module.len() >= self.bytes
    }

    fn open(&mut self) -> Result<(), Flaw> {
        self.open.push(self.module.len());
        Ok(())
    }

    fn close(&mut self) {
        let Some(start) = self.open.pop() else { return };
        let end = self.module.len();
        put(&mut self.module, end - start);
        // Its size goes before it.
        let size = self.module.len() - end;
        self.module[start..].rotate_right(size);
    }
}

#[cfg(test)]
mod tests {
    use super::{Flaw, merged, sorted};
    use alloc::vec::Vec;

    /// A module with one function of that body, which ends by itself, and a section around it.
    fn module(body: &[u8]) -> Vec<u8> {
        let mut bytes = b"\0asm\x01\0\0\0".to_vec();
        bytes.extend([0, 3, 1, b'a', 0xff]);
        bytes.extend([10, body.len() as u8 + 4, 1, body.len() as u8 + 2, 0]);
        bytes.extend(body);
        bytes.push(0x0b);
        bytes.extend([11, 1, 0]);
        bytes
    }

    #[test]
    fn module_comes_back_as_it_was() {
        let bodies: [&[u8]; 8] = [
            &[],
            // Constants of all kinds, the longest ones, and what is added.
            &[0x41, 0xff, 0xff, 0xff, 0xff, 0x07, 0x41, 0x7f, 0x6a, 0x1a],
            &[0x42, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x7f, 0x1a],
            &[0x43, 1, 2, 3, 4, 0x1a, 0x44, 1, 2, 3, 4, 5, 6, 7, 0x0b, 0x1a],
            // Blocks in blocks, branches, a table of two.
            &[0x02, 0x40, 0x03, 0x7f, 0x0c, 1, 0x0d, 0, 0x0e, 2, 0, 1, 0, 0x0b, 0x0b, 0x0f],
            &[0x20, 0x80, 0x01, 0x21, 0, 0x22, 3, 0x28, 2, 0x80, 0x10, 0x36, 2, 4],
            &[0x10, 0x90, 0x02, 0x11, 1, 0, 0x23, 0, 0x3f, 0, 0xd0, 0x6f, 0xd1],
            &[0xfc, 0x00, 0xfc, 0x0a, 0, 0, 0xfc, 0x0b, 0],
        ];
        for body in bodies {
            let module = module(body);
            assert_eq!(merged(&sorted(&module).unwrap()).unwrap(), module, "{body:x?}");
        }
    }

    #[test]
    fn what_is_no_module_is_refused() {
        assert_eq!(sorted(b"\0as"), Err(Flaw::Short));
        assert_eq!(sorted(&module(&[0xfd, 0])), Err(Flaw::Operator(0xfd)));
        let cut = module(&[0x41, 1, 0x1a]);
        assert_eq!(sorted(&cut[..18]), Err(Flaw::Short));
        let endless = module(&[0x10, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80]);
        assert_eq!(sorted(&endless), Err(Flaw::Number));
    }

    #[test]
    fn what_is_cut_short_is_refused() {
        let whole = sorted(&module(&[0x41, 1, 0x41, 2, 0x6a, 0x1a])).unwrap();
        for end in 0..whole.len() {
            assert!(merged(&whole[..end]).is_err(), "{end} of {} bytes", whole.len());
        }
    }
}
