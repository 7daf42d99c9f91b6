//! What many states share, with its digest.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

pub(super) fn digest(what: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    what.hash(&mut hasher);
    hasher.finish()
}

/// Something that never changes, with its hash: hashed once, and then shared by many states.
#[derive(Debug)]
pub(super) struct Kept<T> {
    pub(super) digest: u64,
    pub(super) what: T,
}

impl<T: Hash> Kept<T> {
    pub(super) fn new(what: T) -> Arc<Self> {
        Arc::new(Self { digest: digest(&what), what })
    }
}

impl<T> Hash for Kept<T> {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        hasher.write_u64(self.digest);
    }
}

/// By the hash alone, as `stateright` knows states.
impl<T> PartialEq for Kept<T> {
    fn eq(&self, other: &Self) -> bool {
        self.digest == other.digest
    }
}
