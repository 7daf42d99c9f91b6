//! The page's way in: the only file that knows wasm-bindgen, web-sys, js-sys, serde-wasm-bindgen.

#[cfg(feature = "production")]
mod diagram;
#[cfg(feature = "production")]
pub mod explore;
#[cfg(feature = "production")]
pub mod export;
#[cfg(feature = "production")]
pub mod format;
#[cfg(feature = "production")]
mod ledger;
#[cfg(feature = "production")]
mod logs;

use serde::Serialize;
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

use crate::clock::Micros;
use crate::fact::{Fact, fact};
use crate::fault::ReplicaId;
use crate::protocol::Protocol;
use crate::scenario::diagnostic::{Diagnostic, shown};
use crate::scenario::edit::set_protocol;
use crate::scenario::link::{LinkError, decode, encode};
use crate::scenario::{Scenario, library, text};
use crate::session::{Answer, Session};
use crate::view::{BlastView, CulpritsView, Plan, Strip, ToldView, View, ViolationView};
use crate::view::{OpenedLink, ProtocolEntry, Refusal};

/// What `unchecked_return_type` names below is declared there, by `src/crossing.rs`.
#[wasm_bindgen(typescript_custom_section)]
const FACTS: &str = "import type {
    AccountView, Ahead, BlastView, Diagnostic, Explored, LedgerEntry, LogsView, OpenedLink, Plan,
    ProtocolEntry, Shrunk, Strip, Struck, ToldView, View, ViolationView,
} from './facts.js';
type TitleOf = (outcomes: string[]) => string;
type Speak = (group: number, room: string, fact: unknown) => string;
type OnShorter = (text: string, actions: number, replays: number) => void;";

type Thrown<T> = Result<T, JsValue>;

/// Tells the browser's console where a bug struck, once per page. A site's module does not have it:
/// see xtask/src/snip.rs.
#[wasm_bindgen(start)]
pub fn start() {
    std::panic::set_hook(Box::new(|info| {
        web_sys::console::error_1(&format!("Halflink has a bug: {info}").into());
    }));
}

/// A scenario under a reader's hands.
#[wasm_bindgen]
pub struct Run {
    session: Session,
}

#[wasm_bindgen]
impl Run {
    /// Opens a text; throws a [`Refusal`].
    ///
    /// # Errors
    /// What is wrong with the text.
    #[wasm_bindgen(constructor)]
    pub fn new(text: &str) -> Thrown<Self> {
        text::parse(text).map_err(thrown).and_then(|scenario| require_all(&scenario))?;
        Session::open(text).map(|session| Self { session }).map_err(thrown)
    }

    /// Goes on where a run of another module is: with its [`Self::texts`] and [`Self::place`].
    ///
    /// # Errors
    /// What is wrong with the text.
    pub fn resume(texts: Vec<String>, place: u32) -> Thrown<Self> {
        let session = Session::resume(texts, place as usize);
        session.map(|session| Self { session }).map_err(thrown)
    }

    /// Tells it of shipped texts: what of its notes is about the run of one of those, and not about
    /// this one, [`Self::plan`] tells from then on.
    pub fn know(&mut self, shipped: Vec<String>) {
        self.session.know(&shipped.iter().map(String::as_str).collect::<Vec<_>>());
    }

    /// The texts that undo and redo go through, in order.
    pub fn texts(&self) -> Vec<String> {
        self.session.texts().0
    }

    /// Which of [`Self::texts`] is the present one, from 0.
    pub fn place(&self) -> u32 {
        u32::try_from(self.session.texts().1).expect("undo is bounded")
    }

    /// Looks for the lies behind what broke, for up to `events` more events; true if that is over.
    /// It begins when the run is simulated.
    pub fn seek_blame(&mut self, events: u32) -> bool {
        self.session.seek_blame(u64::from(events))
    }

    /// The first violation of each property, with the lies behind it where they are found: see
    /// [`ViolationView`].
    #[wasm_bindgen(unchecked_return_type = "ViolationView[]")]
    pub fn blame(&self) -> JsValue {
        let views = self.session.blame().iter().map(|(violation, search)| ViolationView {
            culprits: search.found().map(CulpritsView::of),
            ..ViolationView::of(violation)
        });
        to_js(&views.collect::<Vec<_>>())
    }

    /// How much of the work that the present search for lies may take is done, in percent.
    pub fn blame_percent(&self) -> f64 {
        let mut searches = self.session.blame().iter().map(|(_, search)| search);
        let waiting = searches.find(|search| search.found().is_none());
        waiting.map_or(100.0, |search| number(Micros(search.percent())))
    }

    /// What a replica told each other by that time, the latest last: see [`ToldView`]. `null` if it
    /// takes more than that much work: ask again.
    #[wasm_bindgen(unchecked_return_type = "ToldView[] | null")]
    pub fn heard(&mut self, time_us: f64, from: u8, work: u32) -> JsValue {
        match self.session.said(ReplicaId(from), micros(time_us), u64::from(work)) {
            Answer::NotYet => JsValue::NULL,
            Answer::Ready(flights) => to_js(&ToldView::of_latest(&flights)),
        }
    }

    /// See [`Plan`].
    #[wasm_bindgen(unchecked_return_type = "Plan")]
    pub fn plan(&self) -> JsValue {
        to_js(&Plan::of_session(&self.session))
    }

    /// Simulates ahead by up to that much work; true if the whole run is simulated.
    pub fn advance(&mut self, work: u32) -> bool {
        self.session.timeline_mut().advance(u64::from(work))
    }

    /// How far it is simulated, in microseconds.
    pub fn frontier(&self) -> f64 {
        number(self.session.timeline().frontier_at())
    }

    /// Goes towards what [`Self::view`] shows of that time, by up to that much work; true if it is
    /// there, and to show it takes no time.
    pub fn approach(&mut self, time_us: f64, window_us: f64, work: u32) -> bool {
        let (at, window) = (micros(time_us), micros(window_us));
        self.session.timeline_mut().approach(at, window, u64::from(work))
    }

    /// See [`Strip`].
    #[wasm_bindgen(unchecked_return_type = "Strip")]
    pub fn strip(&self) -> JsValue {
        to_js(&Strip::of_session(&self.session))
    }

    /// See [`View`]. Times are microseconds. It shows nothing beyond what is simulated; what is not
    /// approached yet takes as long as it takes.
    #[wasm_bindgen(unchecked_return_type = "View")]
    pub fn view(&mut self, time_us: f64, window_us: f64) -> JsValue {
        let timeline = self.session.timeline_mut();
        let at = micros(time_us).min(timeline.frontier_at());
        to_js(&View::of(timeline, at, micros(window_us)))
    }

    /// What would fall with those parts, by number, if they failed at the moment that
    /// [`Self::view`] last showed. See [`BlastView`].
    #[wasm_bindgen(unchecked_return_type = "BlastView")]
    pub fn blast(&self, parts: &[u16]) -> JsValue {
        to_js(&BlastView::at(self.session.timeline(), parts))
    }

    /// The time of the first event after that time.
    pub fn event_after(&mut self, time_us: f64) -> Option<f64> {
        self.session.timeline_mut().event_after(micros(time_us)).map(number)
    }

    /// The time of the last event before that time; NaN if it takes more than that much work to
    /// find out: ask again.
    pub fn event_before(&mut self, time_us: f64, work: u32) -> Option<f64> {
        match self.session.event_before(micros(time_us), u64::from(work)) {
            Answer::NotYet => Some(f64::NAN),
            Answer::Ready(at) => at.map(number),
        }
    }

    /// The trace hash of all that happened by that time, 16 hex digits.
    pub fn trace_hash(&mut self, time_us: f64) -> String {
        let (world, _) = self.session.timeline_mut().seek(micros(time_us), Micros::ZERO);
        format!("{:016x}", world.trace_hash())
    }

    /// Adds an act, "cut n3 -> n1", and returns the time at which it was placed.
    ///
    /// # Errors
    /// What is wrong with the statement.
    pub fn act(&mut self, time_us: f64, statement: &str) -> Thrown<f64> {
        self.session.act(micros(time_us), statement).map(number).map_err(thrown)
    }

    /// Puts another text in place.
    ///
    /// # Errors
    /// What is wrong with it; the run stays as it was.
    pub fn edit(&mut self, text: &str) -> Thrown<()> {
        if let Ok(scenario) = text::parse(text) {
            require_all(&scenario)?;
        }
        self.session.edit(text).map_err(thrown)
    }

    /// Shows the group of that number: plan, strip and views are of it from now on, and an act
    /// without a group is done in it.
    pub fn show_group(&mut self, number: u32) {
        self.session.show(number as usize);
    }

    /// The same for a glance beside: what is sought for the group that is shown is not given up.
    pub fn peek_group(&mut self, number: u32) {
        self.session.timeline_mut().show(number as usize);
    }

    /// Runs another protocol.
    ///
    /// # Errors
    /// If there is none of that name.
    pub fn set_protocol(&mut self, name: &str) -> Thrown<()> {
        let unknown = || refused(unknown_protocol(name));
        let protocol = Protocol::named(name).ok_or_else(unknown)?;
        require(protocol)?;
        self.session.set_protocol(protocol).map_err(thrown)
    }

    /// Runs with another seed.
    ///
    /// # Errors
    /// None for a text that parses.
    pub fn set_seed(&mut self, seed: u32) -> Thrown<()> {
        self.session.set_seed(seed).map_err(thrown)
    }

    /// Takes back the last change; false if there is none.
    pub fn undo(&mut self) -> bool {
        self.session.undo()
    }

    /// Takes back an undo; false if there is none.
    pub fn redo(&mut self) -> bool {
        self.session.redo()
    }

    /// True if there is something to undo.
    pub fn can_undo(&self) -> bool {
        self.session.can_undo()
    }

    /// True if there is something to redo.
    pub fn can_redo(&self) -> bool {
        self.session.can_redo()
    }

    /// The text.
    pub fn text(&self) -> String {
        self.session.text().to_owned()
    }

    /// "#1.…", the link that replays this run. It has the run's trace hash once all of it is
    /// simulated.
    pub fn link(&self) -> String {
        self.session.link()
    }
}

/// What is wrong with a text: `Diagnostic[]`, empty if nothing is.
#[wasm_bindgen(unchecked_return_type = "Diagnostic[]")]
pub fn check(text: &str) -> JsValue {
    to_js(&text::parse(text).err().unwrap_or_default())
}

/// Runs a text to its end, every check on and nothing kept for seeking, and returns how many
/// messages were delivered: what benches measure.
///
/// # Errors
/// What is wrong with the text.
#[wasm_bindgen]
pub fn deliver_all(text: &str) -> Thrown<f64> {
    let scenario = text::parse(text).map_err(thrown)?;
    let (run, _) = crate::run::to_end(scenario.into());
    Ok(number(Micros(run.world().delivered())))
}

/// What a link holds; throws a [`Refusal`].
///
/// # Errors
/// Why it cannot be read.
#[wasm_bindgen(unchecked_return_type = "OpenedLink")]
pub fn open_link(link: &str) -> Thrown<JsValue> {
    let recorded = decode(link).map_err(|error| {
        let needs = if error == LinkError::Elsewhere { "production" } else { "" };
        to_js(&Refusal { needs, ..Refusal::of(error.fact()) })
    })?;
    Ok(to_js(&OpenedLink::from(recorded)))
}

/// The link of a text, without the trace hash of its run: nothing is simulated.
///
/// # Errors
/// What is wrong with the text.
#[wasm_bindgen]
pub fn link_of(text: &str) -> Thrown<String> {
    text::parse(text).map(|_| encode(text, None)).map_err(thrown)
}

/// The text that the page opens on.
#[wasm_bindgen]
pub fn story() -> String {
    library::STORY.text.to_owned()
}

/// The text that a new one starts from.
#[wasm_bindgen]
pub fn smallest() -> String {
    library::SMALLEST.to_owned()
}

/// Which module has the code of that protocol: see [`Protocol::module`].
#[wasm_bindgen]
pub fn module_of(name: &str) -> String {
    Protocol::named(name).map_or("", Protocol::module).to_owned()
}

/// A text with another protocol for the group of that number, all else as it was written.
///
/// # Errors
/// If there is none of that name.
#[wasm_bindgen]
pub fn with_protocol(text: &str, name: &str, group: Option<u32>) -> Thrown<String> {
    let unknown = || refused(unknown_protocol(name));
    let group = group.unwrap_or_default() as usize;
    Protocol::named(name).map(|protocol| set_protocol(text, group, protocol)).ok_or_else(unknown)
}

/// The protocols of the menu.
#[wasm_bindgen(unchecked_return_type = "ProtocolEntry[]")]
pub fn protocols() -> JsValue {
    to_js(&ProtocolEntry::all())
}

/// A number nobody has chosen, from the browser; the only chance that is not the scenario's.
///
/// # Errors
/// If the browser has none to give.
#[wasm_bindgen]
pub fn fresh_seed() -> Thrown<u32> {
    getrandom::u32().map_err(|_| refused("no-chance".into()))
}

fn to_js<T: Serialize + ?Sized>(value: &T) -> JsValue {
    let serializer = serde_wasm_bindgen::Serializer::new()
        .serialize_missing_as_null(true)
        .serialize_maps_as_objects(true);
    value.serialize(&serializer).expect("views are plain data")
}

/// What JavaScript catches: see [`Refusal`].
fn thrown(errors: Vec<Diagnostic>) -> JsValue {
    to_js(&Refusal::from(errors))
}

/// Thrown for something wrong that has no place in a text.
fn refused(fact: Fact) -> JsValue {
    to_js(&Refusal::of(fact))
}

/// The same of what each group runs.
fn require_all(scenario: &Scenario) -> Thrown<()> {
    scenario.groups.iter().try_for_each(|group| require(group.protocol))
}

/// Throws `{ errors, needs }` if this module cannot run that scenario, and another can.
fn require(protocol: Protocol) -> Thrown<()> {
    if protocol.is_here() {
        return Ok(());
    }
    let needs = protocol.module();
    Err(to_js(&Refusal { needs, ..Refusal::of("other-module".into()) }))
}

fn unknown_protocol(name: &str) -> Fact {
    fact!("unknown-protocol", name = shown(name))
}

/// JavaScript's numbers are exact up to 2^53 microseconds, 285 years; the cast saturates.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
const fn micros(number: f64) -> Micros {
    Micros(number.max(0.0).min(9e15) as u64)
}

#[expect(clippy::cast_precision_loss)]
const fn number(time: Micros) -> f64 {
    time.0 as f64
}
