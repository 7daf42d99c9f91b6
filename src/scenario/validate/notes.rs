//! Captions: how many, in order and within the run; and whether what they wait for can happen.

use super::actions::{Setting, flaws_of_act, stranger};
use super::{Found, Subject, bounded};
use crate::clock::Micros;
use crate::fact::fact;
use crate::plant::PlantSpec;
use crate::scenario::note::{Condition, Cue, Note, When};
use crate::scenario::{Bounds, Scenario};

impl Found {
    /// All that is wrong with captions but their words.
    #[inline(never)]
    pub(super) fn notes(&mut self, scenario: &Scenario, spec: PlantSpec) {
        let times: Vec<Micros> = scenario.notes.iter().filter_map(Note::time).collect();
        let place = |number| Subject::Note(number, 0);
        self.times(&times, scenario.until, Bounds::NOTES, "notes", place);
        let most = times.len() + Bounds::NOTES_WHEN;
        if scenario.notes.len() > most {
            let fact = bounded("times", Bounds::NOTES_WHEN).with("what", "notes-when");
            self.add(place(most), fact);
        }
        for (number, note) in scenario.notes.iter().enumerate().skip(times.len()) {
            if let Cue::When(when) = &note.cue {
                self.when(scenario, spec, number, when);
            }
        }
        for (number, note) in scenario.notes.iter().enumerate() {
            self.group = note.group(scenario);
            let setting = Setting { plant: spec, ..Setting::of(scenario, self.group) };
            for (which, act) in note.step.iter().flat_map(|step| &step.focus).enumerate() {
                for (_, fact) in flaws_of_act(act, setting) {
                    self.add(Subject::Focus(number, which), fact);
                }
            }
        }
        self.group = 0;
    }

    fn when(&mut self, scenario: &Scenario, spec: PlantSpec, number: usize, when: &When) {
        if when.is_open(scenario) {
            let names: Vec<String> =
                scenario.groups.iter().map(|group| group.name.clone()).collect();
            self.add(Subject::Note(number, 0), fact!("which-group", names));
        }
        if when.is_of_none() {
            self.add(Subject::Note(number, 4), "not-of-a-group");
        }
        let Some(group) = when.number(scenario) else {
            let name = when.group.clone().unwrap_or_default();
            self.add(Subject::Note(number, 4), fact!("no-group", name));
            return;
        };
        let setting = Setting { plant: spec, ..Setting::of(scenario, group) };
        self.group = group;
        let flaw = when.event.replica().and_then(|id| stranger(id, setting.replicas));
        if let Some(fact) = flaw {
            self.add(Subject::Note(number, 0), fact);
        }
        let until = scenario.until;
        for (word, span) in [(2, when.event.lasts().unwrap_or_default()), (3, when.after)] {
            if span > until {
                self.add(Subject::Note(number, word), fact!("after-the-end", until));
            }
        }
        if let Condition::Done(act) = &when.event {
            for (word, fact) in flaws_of_act(act, setting) {
                self.add(Subject::NoteAction(number, word), fact);
            }
        }
    }
}
