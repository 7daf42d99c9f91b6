//! How a run came out, as its clients and its replicas would judge it: what was bad, when and how
//! bad, in episodes; and the one word for the worst of it.
//!
//! Nothing here depends on where the run ends, on how often clients write, or on which fault came
//! last. What is bad is found first, over the whole run, as a list of [`Damage`]: a property that
//! broke, a wait that was too long, a leadership that does not settle, a replica that is left out.
//! Then faults and damage are put together into [`Episode`]s for a reader, and the run's word is that
//! of its worst damage.
//!
//! - A client *waits* from the moment it tries a write until the next commit. A write is *served* if it
//!   is committed within the client's patience (5 s unless the text says otherwise:
//!   [`Group::patience`](crate::scenario::Group::patience)); *late* if it is committed after it;
//!   else it is *lost* on that client.
//! - A *long* wait takes three of the longest election timeouts, or the patience if that is longer: so
//!   whoever waits long is not served.
//! - It is *calm* when nothing has happened for five of the longest election timeouts.
//! - Without clients that write, leadership stands for service: a wait is then the time without a
//!   leader that a majority follows.

mod damage;
pub(crate) mod effect;
mod episode;
mod measure;
mod reads;
mod requests;
mod sentence;

use serde::Serialize;

use sentence::Scope;

use crate::clock::Micros;
use crate::fact::Fact;
use crate::history::History;
use crate::scenario::Scenario;

pub use damage::{Damage, Harm};
pub use episode::Episode;
pub use measure::{Measures, Service, Window, longest_wait};
pub use reads::DatabaseReads;
pub use requests::Requests;

/// The one word, worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// A safety property broke.
    Unsafe,
    /// Nobody was served for long, until somebody lifted a fault, or to the end; or nobody at all.
    Stalled,
    /// Leadership changed hands again and again, and did not settle by itself.
    Flapping,
    /// Nobody was served for long, and then again without any help.
    Recovered,
    /// Clients were served, but for long a live replica followed another leader or none, or did not
    /// catch up.
    Parted,
    /// None of these.
    Stable,
}

impl Outcome {
    /// As the command line and the page write it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unsafe => "unsafe",
            Self::Stalled => "stalled",
            Self::Flapping => "flapping",
            Self::Recovered => "recovered",
            Self::Parted => "parted",
            Self::Stable => "stable",
        }
    }
}

/// What became of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// The word of its worst damage.
    pub outcome: Outcome,
    /// What users felt, of the worst damage, in the room `outcome`.
    pub sentence: Fact,
    /// Its episodes, in order.
    pub episodes: Vec<Episode>,
    /// The number of the episode with the worst damage, from 0.
    pub worst: Option<usize>,
}

/// How a run came out. Nothing if it came to a bound, for then it is not known; but what broke
/// before has broken.
pub fn known(scenario: &Scenario, history: &History) -> Option<Outcome> {
    let outcome = judge(scenario, history).outcome;
    (history.exhausted.is_none() || outcome == Outcome::Unsafe).then_some(outcome)
}

/// Judges a run as far as its history goes.
pub fn judge(scenario: &Scenario, history: &History) -> Verdict {
    let damage = damage::find(scenario, history);
    let episodes = episode::group(scenario, history, &damage);
    let worst = damage.iter().min_by_key(|one| (one.outcome(), one.from));
    let place = worst.and_then(|worst| episodes.iter().position(|episode| episode.holds(worst)));
    let time = place.map_or((Micros::ZERO, end(scenario, history)), |place| {
        (episodes[place].from, episodes[place].to)
    });
    let scope = Scope::of(scenario, history, &damage, time).widened(scenario, history);
    let sentence = sentence::sentence(scenario, history, &scope, worst);
    let outcome = worst.map_or(Outcome::Stable, Damage::outcome);
    Verdict { outcome, sentence, episodes, worst: place }
}

/// Too long a wait: an election that goes as it should is over by then, and whoever waits so long is
/// not served.
fn long(scenario: &Scenario) -> Micros {
    Micros(3 * scenario.group().longest_election_timeout().0).max(scenario.group().patience())
}

/// Everything bad in a run as far as its history goes, in no order.
pub fn damage(scenario: &Scenario, history: &History) -> Vec<Damage> {
    damage::find(scenario, history)
}

/// Until when the run is known.
pub fn end(scenario: &Scenario, history: &History) -> Micros {
    history.exhausted.map_or(scenario.until, |exhausted| exhausted.at)
}
