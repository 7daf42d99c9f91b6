//! Seeded chance, integers only, the same stream on every target.
//!
//! The generator is named (xoshiro256++), because `rand`'s `SmallRng` is another one on 32-bit
//! targets, and there are no floats, because `ln` and `exp` differ in the last bit between native
//! and wasm. The stream is part of the engine's semantics: see [`crate::SEMANTICS`].

use rand::RngExt;
use rand::SeedableRng;
use rand_xoshiro::Xoshiro256PlusPlus;

use crate::clock::Micros;

/// The one source of chance of a run.
#[derive(Clone, Debug)]
pub struct Rng(Xoshiro256PlusPlus);

impl Rng {
    /// The stream that belongs to `seed`.
    pub fn new(seed: u32) -> Self {
        Self(Xoshiro256PlusPlus::seed_from_u64(u64::from(seed)))
    }

    /// A span drawn evenly from `from..=to`.
    #[inline]
    pub fn span(&mut self, from: Micros, to: Micros) -> Micros {
        from + self.up_to(to - from)
    }

    /// A span drawn evenly from zero to `most`, which is under 2^32 microseconds (71 minutes).
    #[inline]
    pub fn up_to(&mut self, most: Micros) -> Micros {
        let most = u32::try_from(most.0).expect("spans are bounded by Bounds::SPAN_MAX");
        Micros(u64::from(self.0.random_range(0..=most)))
    }

    /// An integer drawn evenly from `0..bound`.
    pub fn below(&mut self, bound: u32) -> u32 {
        self.0.random_range(0..bound)
    }

    /// True in `percent` of 100 draws.
    pub fn percent(&mut self, percent: u8) -> bool {
        self.below(100) < u32::from(percent)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The stream is a promise to every link ever shared: if this changes, so must `SEMANTICS`.
    #[test]
    fn the_stream_is_pinned() {
        let mut rng = Rng::new(2020);
        let drawn: Vec<u32> = (0..6).map(|_| rng.below(1000)).collect();
        let spans: Vec<u64> =
            (0..3).map(|_| rng.span(Micros(1_000_000), Micros(2_000_000)).0).collect();
        assert_eq!(drawn, [272, 552, 792, 730, 4, 957]);
        assert_eq!(spans, [1_248_013, 1_578_514, 1_131_490]);
    }
}
