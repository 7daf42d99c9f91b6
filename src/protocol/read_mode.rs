//! Reads, as clients ask a leader for them.

/// How a leader makes sure, before it answers a read, that it still leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ReadMode {
    /// It does not.
    Local,
    /// It asks a majority.
    Quorum,
    /// A majority has promised lately to elect nobody else for a while.
    Lease,
}

impl ReadMode {
    /// All of them. A link encodes one by its place here.
    pub const ALL: [Self; 3] = [Self::Local, Self::Quorum, Self::Lease];

    /// As the scenario text writes it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Local => "local",
            Self::Quorum => "quorum",
            Self::Lease => "lease",
        }
    }

    /// The one of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reading| reading.name() == name)
    }
}
