//! What other tools read of a run. A page calls it in a worker, for it takes as long as it takes.

use std::sync::Arc;

use js_sys::Function;
use serde::Serialize;
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

use super::{Thrown, micros, thrown, to_js};
use crate::export::{Asked, Form, Listener, Refusal, Stretch, Told, take};
use crate::scenario::text;

/// The most lines of JSON Lines and CSV: more of them nobody wants out of a page.
const LINES: usize = 1_000_000;

/// Why there is nothing, as it is thrown.
#[derive(Serialize)]
struct Refused {
    refused: &'static str,
    what: &'static str,
    count: u32,
    most: u32,
    fits_us: Option<u64>,
}

impl Refused {
    fn of(why: Refusal) -> Self {
        match why {
            Refusal::WhichGroup => {
                Self { refused: "group", what: "", count: 0, most: 0, fits_us: None }
            }
            Refusal::Many { what, count, most, fits } => Self {
                refused: "many",
                what,
                count: count as u32,
                most: most as u32,
                fits_us: fits.map(|at| at.0),
            },
        }
    }
}

/// A run in a form of [`crate::export`], and in words why it came to a bound within the stretch, if
/// it did: a pair. `group`: its number, or none for all. `speak` is given a group's number, a room
/// of words and a fact; `watch`, now and then, how much of all is played, in thousandths.
///
/// # Errors
/// What is wrong with the text, or why there is nothing: `{ refused, what, count, most, fits_us }`.
#[wasm_bindgen(unchecked_return_type = "[string, string | null]")]
pub fn take_away(
    text: &str,
    form: &str,
    from_us: f64,
    to_us: f64,
    group: Option<u32>,
    #[wasm_bindgen(unchecked_param_type = "Speak")] speak: &Function,
    #[wasm_bindgen(unchecked_param_type = "(thousandths: number) => void")] watch: &Function,
) -> Thrown<JsValue> {
    let scenario = text::parse(text).map_err(thrown)?;
    let form = Form::ALL.into_iter().find(|one| one.name() == form).ok_or("form")?;
    let stretch = Stretch { from: micros(from_us), to: micros(to_us).min(scenario.until) };
    let group = group.map(|number| number as usize);
    if group.is_some_and(|number| number >= scenario.groups.len()) {
        return Err("group".into());
    }
    let speak = |group: usize, room: &str, told: Told<'_>| {
        let (group, room) = ((group as u32).into(), room.into());
        let said = speak.call3(&JsValue::NULL, &group, &room, &to_js(&told));
        said.ok().and_then(|words| words.as_string()).unwrap_or_default()
    };
    let watch = |thousandths: u64| {
        // Who listens has no say.
        drop(watch.call1(&JsValue::NULL, &(thousandths as u32).into()));
    };
    let listener = Listener { speak: &speak, watch: &watch };
    match take(&Arc::new(scenario), Asked { form, stretch, group, most: LINES }, listener) {
        Ok(taken) => Ok(to_js(&(taken.text, taken.ended))),
        Err(why) => Err(to_js(&Refused::of(why))),
    }
}
