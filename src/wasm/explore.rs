//! What plays a run many times: the smallest sets of faults, and the shortest text. A page calls it
//! in a worker, for it takes as long as it takes.

use js_sys::{Array, Function};
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

use super::{Thrown, micros, thrown, to_js};
use crate::fault_sets::{Faults, Findings, Question, SETS, Space};
use crate::inevitable;
use crate::outcome::Outcome;
use crate::scenario::text;
use crate::shrink::{self, Refusal, Shorter};

/// Every set of a vocabulary, one after the other: see [`crate::fault_sets`].
#[wasm_bindgen]
pub struct Exploration {
    space: Space,
    findings: Findings,
    size: u64,
    number: u64,
}

#[wasm_bindgen]
impl Exploration {
    /// `faults`: "cuts", "parts" or "lies", at most `size` at once, from `at_us` on; `goal` as the
    /// outcomes are called.
    ///
    /// # Errors
    /// What is wrong with the text, or in one word why there is nothing to explore: "groups",
    /// "after", "nothing", "many".
    #[wasm_bindgen(constructor)]
    pub fn new(text: &str, faults: &str, size: u32, goal: &str, at_us: f64) -> Thrown<Self> {
        let scenario = text::parse(text).map_err(thrown)?;
        let named = |one: &Outcome| one.name() == goal;
        let outcomes = [Outcome::Unsafe, Outcome::Stalled, Outcome::Flapping];
        let question = Question {
            faults: Faults::ALL.into_iter().find(|one| one.name() == faults).ok_or("nothing")?,
            size: size.into(),
            goal: outcomes.into_iter().find(named).ok_or("nothing")?,
            at: micros(at_us),
            all: false,
        };
        let space = Space::new(scenario, question, &|| false).map_err(|why| why.name())?;
        if space.all_sets().is_none_or(|sets| sets > SETS) {
            return Err("many".into());
        }
        let mut findings = Findings::of(&space);
        findings.begin(&space, 0);
        Ok(Self { space, findings, size: 0, number: 0 })
    }

    /// How many sets there are to try, if none reaches the goal.
    pub fn sets(&self) -> f64 {
        self.space.all_sets().unwrap_or_default() as f64
    }

    /// What each fault of the vocabulary strikes.
    #[wasm_bindgen(unchecked_return_type = "Struck[]")]
    pub fn strikes(&self) -> JsValue {
        to_js(&self.space.strikes())
    }

    /// Tries the next set; false if there is none.
    pub fn advance(&mut self) -> bool {
        if self.space.sets(self.size) == Some(self.number) {
            if !self.findings.goes_on(&self.space) || self.size == self.space.largest() {
                return false;
            }
            self.size += 1;
            self.number = 0;
            self.findings.begin(&self.space, self.size);
        }
        if let Some(came) = self.space.run(self.size, self.number, &|| false) {
            self.findings.take(&self.space, &came);
        }
        self.number += 1;
        true
    }

    /// What was found so far.
    #[wasm_bindgen(unchecked_return_type = "Explored")]
    pub fn found(&self) -> JsValue {
        to_js(&self.findings.so_far())
    }
}

/// From moments of a run, many that go on: see [`crate::inevitable`].
#[wasm_bindgen]
pub struct Foresight {
    search: inevitable::Search,
}

#[wasm_bindgen]
impl Foresight {
    /// Into the run of that text.
    ///
    /// # Errors
    /// What is wrong with it.
    #[wasm_bindgen(constructor)]
    pub fn new(text: &str) -> Thrown<Self> {
        let scenario = text::parse(text).map_err(thrown)?;
        Ok(Self { search: inevitable::Search::new(scenario.into()) })
    }

    /// How many replays it takes at most.
    pub fn replays(&self) -> f64 {
        self.search.replays() as f64
    }

    /// Makes the next replay; false if there is none.
    pub fn advance(&mut self) -> bool {
        self.search.advance()
    }

    /// What was found so far, by moment.
    #[wasm_bindgen(unchecked_return_type = "Ahead[]")]
    pub fn found(&self) -> JsValue {
        to_js(&self.search.so_far())
    }
}

/// What of a text its outcome needs: see [`crate::shrink`]. `title` is given the outcomes of its
/// groups, and says what it is called; `progress` is given each shorter text on the way, its
/// actions, and how often one was replayed.
///
/// # Errors
/// What is wrong with the text, or "exhausted" if its run ends at a bound on the work.
#[wasm_bindgen(unchecked_return_type = "Shrunk")]
pub fn shrink(
    text: &str,
    #[wasm_bindgen(unchecked_param_type = "TitleOf")] title: &Function,
    #[wasm_bindgen(unchecked_param_type = "OnShorter")] progress: &Function,
) -> Thrown<JsValue> {
    let mut tell = |shorter: Shorter<'_>| {
        let text = shorter.lines.join("\n") + "\n";
        let (actions, replays) = (shorter.actions as u32, shorter.replays as u32);
        // Who listens has no say.
        drop(progress.call3(&JsValue::NULL, &text.into(), &actions.into(), &replays.into()));
    };
    let named = |outcomes: &[Outcome]| {
        let names: Array = outcomes.iter().map(|one| JsValue::from_str(one.name())).collect();
        title.call1(&JsValue::NULL, &names).ok().and_then(|title| title.as_string())
    };
    let title = |outcomes: &[Outcome]| named(outcomes).unwrap_or_default();
    match shrink::shrink(text, &title, &mut tell) {
        Ok(shrunk) => Ok(to_js(&shrunk)),
        Err(Refusal::Unreadable(errors)) => Err(thrown(errors)),
        Err(Refusal::Exhausted(_)) => Err("exhausted".into()),
    }
}
