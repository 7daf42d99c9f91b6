//! Words folded into one, to see that something has changed.

/// One multiplication that lets every bit of the lower half reach the upper, and back.
#[inline]
pub(crate) const fn fold(word: u64) -> u64 {
    let product = word.wrapping_add(0x9E37_79B9_7F4A_7C15).wrapping_mul(0xD6E8_FEB8_6659_FD93);
    product ^ (product >> 32)
}

/// A digest of words, in order.
#[inline(never)]
pub(crate) fn digest(words: &[u64]) -> u64 {
    words.iter().fold(0, |hash: u64, word| fold(hash.rotate_left(23) ^ word))
}
