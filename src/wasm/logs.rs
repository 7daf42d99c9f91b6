//! The logs of a run at any moment, for the second module alone.

use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

use super::{Thrown, micros, thrown, to_js};
use crate::clock::Micros;
use crate::scenario::text;
use crate::timeline::Timeline;
use crate::view::logs::LogsView;

/// What stands in the logs of one group of a run: see [`LogsView`].
#[wasm_bindgen]
pub struct Logs {
    timeline: Timeline,
}

#[wasm_bindgen]
impl Logs {
    /// Of the group of that number in a text's run: nothing is played yet.
    ///
    /// # Errors
    /// What is wrong with the text.
    #[wasm_bindgen(constructor)]
    pub fn new(text: &str, group: u8) -> Thrown<Self> {
        let mut timeline = Timeline::new(text::parse(text).map_err(thrown)?);
        timeline.show(group.into());
        Ok(Self { timeline })
    }

    /// Goes towards that moment by about that much work; true if it is there.
    pub fn approach(&mut self, time_us: f64, work: u32) -> bool {
        self.timeline.approach(micros(time_us), Micros::ZERO, u64::from(work))
    }

    /// The logs at that moment: `most` entries each, from `first` on, or the last ones if that is
    /// 0. What is not approached yet takes as long as it takes.
    #[wasm_bindgen(unchecked_return_type = "LogsView")]
    pub fn at(&mut self, time_us: f64, first: u32, most: u32) -> JsValue {
        let (group, _) = self.timeline.seek(micros(time_us), Micros::ZERO);
        to_js(&LogsView::of(group, first, most))
    }
}
