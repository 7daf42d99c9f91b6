//! The paper's figures and message counts, and both algorithms beside a slow twin that is written
//! straight from the paper, under every set of traitors and every lie.

mod clocks;
mod model;
mod verdicts;
mod runs;

use std::collections::BTreeMap;
use std::sync::Arc;

use super::*;
use crate::check::Property;
use crate::clock::Micros;
use crate::fault::{Action, Behaviour, ByzantineBehaviour};
use crate::history::History;
use crate::outcome::Outcome;
use crate::protocol::{self, Protocol};
use crate::rng::Rng;
use crate::run::{Run, to_end};
use crate::scenario::Scenario;
use crate::scenario::text::parse;
use crate::words::told;

const ATTACK: Command = 1;
const HOLD: Command = 3;

/// What liars say. The same question always gets the same answer; answers are gone through one
/// after the other like the figures of an odometer, or drawn.
struct Lies {
    /// By place: the answer, and how many there are.
    figures: Vec<(u32, u32)>,
    asked: BTreeMap<(Vec<u8>, Command, u8), u32>,
    drawn: Option<Rng>,
}

impl Lies {
    fn all() -> Self {
        Self { figures: Vec::new(), asked: BTreeMap::new(), drawn: None }
    }

    fn drawn(seed: u32) -> Self {
        Self { drawn: Some(Rng::new(seed)), ..Self::all() }
    }

    /// One of so many answers, about a value that goes by a path to a receiver.
    fn answer(&mut self, (path, value, to): (&[u8], Command, u8), count: u32) -> u32 {
        let place = self.asked.len();
        let (figures, drawn) = (&mut self.figures, &mut self.drawn);
        *self.asked.entry((path.to_vec(), value, to)).or_insert_with(|| {
            if place == figures.len() {
                figures.push((drawn.as_mut().map_or(0, |rng| rng.below(count)), count));
            }
            figures[place].0
        })
    }

    /// Turns to the next answers; false if all have been given.
    fn turn(&mut self) -> bool {
        self.figures.truncate(self.asked.len());
        self.asked.clear();
        while let Some((figure, count)) = self.figures.pop() {
            if figure + 1 < count {
                self.figures.push((figure + 1, count));
                return true;
            }
        }
        false
    }
}

/// Generals and who of them lie, and the commander's order.
#[derive(Clone, Copy, Debug)]
struct Case {
    mode: Mode,
    generals: u8,
    liars_max: u8,
    traitors: ReplicaSet,
    order: Command,
    /// How many different things an oral liar may say: the last of three is nothing.
    stories: u32,
}

impl Case {
    fn loyal(&self) -> impl Iterator<Item = u8> + use<> {
        let Self { generals, traitors, .. } = *self;
        (1..generals).filter(move |&id| !traitors.contains(ReplicaId(id)))
    }

    fn lies(&self, general: u8) -> bool {
        self.traitors.contains(ReplicaId(general))
    }

    /// The lie of `path`'s last general to `to`.
    fn oral_lie(&self, lies: &mut Lies, path: &[u8], to: u8) -> Option<Command> {
        match lies.answer((path, 0, to), self.stories) {
            0 => Some(ATTACK),
            1 => Some(RETREAT),
            _ => None,
        }
    }
}

/// State machines that are told everything by hand, a round at a time.
struct Hall {
    case: Case,
    generals: Vec<Generals>,
    /// Under way: to whom, what.
    letters: Vec<(u8, Message)>,
    /// What traitors hold under SM, and in which round they got it.
    held: Vec<(u8, Message)>,
}

impl Hall {
    fn new(case: Case) -> Self {
        let identity = |id| Identity {
            id: ReplicaId(id),
            replicas: case.generals,
            tolerated: case.liars_max,
            heartbeat: Micros::from_millis(100),
            election: Micros(1)..=Micros(2),
        };
        let generals =
            (0..case.generals).map(|id| Generals::new(identity(id), case.mode)).collect();
        Self { case, generals, letters: Vec::new(), held: Vec::new() }
    }

    /// One order, from its beginning to its end.
    fn run(case: Case, lies: &mut Lies) -> Self {
        let mut hall = Self::new(case);
        hall.announce(1, case.order);
        for _ in 0..=case.liars_max {
            hall.tick(lies);
            hall.deliver();
        }
        hall.tick(lies);
        assert!(hall.letters.is_empty(), "{case:?}");
        hall
    }

    fn announce(&mut self, number: Epoch, value: Command) {
        for (id, general) in (0..).map(ReplicaId).zip(&mut self.generals) {
            let told = Due { number, value }.told_to(id);
            general.step(Input::Propose(told), &mut Vec::new());
        }
    }

    /// Every clock ticks. The loyal say what their machines say, the traitors what they like.
    fn tick(&mut self, lies: &mut Lies) {
        let case = self.case;
        for id in 0..case.generals {
            let mut effects = Vec::new();
            self.generals[usize::from(id)].step(Input::Timeout(Timer::Round), &mut effects);
            for effect in effects {
                let Effect::Send { to, message: protocol::Message::Generals(said), .. } = effect
                else {
                    continue;
                };
                if !case.lies(id) {
                    self.letters.push((to.0, said));
                }
            }
        }
        for traitor in (0..case.generals).filter(|&id| case.lies(id)) {
            match case.mode {
                Mode::Oral => self.lie(traitor, lies),
                Mode::Signed => self.sign(traitor, lies),
            }
        }
        self.letters.sort_by_key(|&(to, said)| (to, said));
    }

    /// Every path that may end with the traitor in this round, whatever it has heard.
    fn lie(&mut self, traitor: u8, lies: &mut Lies) {
        let Some(round) = self.round() else { return };
        for path in paths(self.case.generals, round).filter(|path| path.last() == Some(&traitor)) {
            for to in self.case.loyal().filter(|to| !path.contains(to)) {
                let value = self.case.oral_lie(lies, &path, to);
                let said = |value| Message { order: 1, path: as_path(&path), value, signed: false };
                self.letters.extend(value.map(|value| (to, said(value))));
            }
        }
    }

    /// What the traitor has got in the last round goes on to whom it likes; a commander may sign
    /// either order, or both.
    fn sign(&mut self, traitor: u8, lies: &mut Lies) {
        let commands = traitor == 0 && self.round() == Some(1);
        let own = [ATTACK, RETREAT].into_iter().filter(|_| commands).map(|value| Message {
            order: 1,
            path: Path::of(COMMANDER),
            value,
            signed: true,
        });
        let held = self.held.iter().filter(|(holder, _)| *holder == traitor);
        let relays =
            held.map(|(_, held)| Message { path: held.path.then(ReplicaId(traitor)), ..*held });
        for said in own.chain(relays).collect::<Vec<_>>() {
            let path: Vec<u8> = said.path.generals().iter().map(|id| id.0).collect();
            for to in (1..self.case.generals).filter(|to| !path.contains(to)) {
                // What a traitor gets it may keep to itself.
                if self.case.lies(to) || lies.answer((&path, said.value, to), 2) == 1 {
                    self.letters.push((to, said));
                }
            }
        }
        self.held.retain(|(holder, _)| *holder != traitor);
    }

    /// The round that begins: traitors keep the commander's time, whose machine runs in any case.
    fn round(&self) -> Option<u8> {
        Some(self.generals[0].round).filter(|&round| round > 0)
    }

    fn deliver(&mut self) {
        for (to, message) in std::mem::take(&mut self.letters) {
            let from = message.path.last();
            if self.case.lies(to) && message.path.length() <= self.case.liars_max {
                self.held.push((to, message));
            }
            self.generals[usize::from(to)]
                .step(Input::Deliver { from, message: &message }, &mut Vec::new());
        }
    }

    fn decided(&self, id: u8) -> Option<Command> {
        self.generals[usize::from(id)].log.get(1).map(|entry| entry.command)
    }
}

/// All paths of different generals of that length, the commander first.
fn paths(generals: u8, length: u8) -> impl Iterator<Item = Vec<u8>> {
    let mut paths = vec![vec![0]];
    for _ in 1..length {
        let longer = |path: &Vec<u8>| {
            let path = path.clone();
            let fits = (1..generals).filter(|id| !path.contains(id)).collect::<Vec<_>>();
            fits.into_iter().map(move |id| [path.clone(), vec![id]].concat())
        };
        paths = paths.iter().flat_map(longer).collect();
    }
    paths.into_iter()
}

fn as_path(path: &[u8]) -> Path {
    path[1..].iter().fold(Path::of(COMMANDER), |path, &id| path.then(ReplicaId(id)))
}

/// OM(m) as the paper puts it (section 3): what each of `lieutenants` comes out with when the last
/// of `path` is the commander and holds `value`.
fn om(
    (case, lies): (&Case, &mut Lies),
    m: u8,
    path: &[u8],
    lieutenants: &[u8],
    value: Command,
) -> BTreeMap<u8, Command> {
    let commander = path[path.len() - 1];
    // (1) The commander sends his value to every lieutenant; what is not received is RETREAT.
    let mut received = BTreeMap::new();
    for &i in lieutenants {
        let sent = match (case.lies(commander), case.lies(i)) {
            // What a traitor is told does not matter: it says what it likes.
            (true, true) => None,
            (true, false) => case.oral_lie(lies, path, i),
            (false, _) => Some(value),
        };
        received.insert(i, sent.unwrap_or(RETREAT));
    }
    if m == 0 {
        return received;
    }
    // (2) Each lieutenant i acts as the commander in OM(m - 1), to the n - 2 others.
    let mut told = BTreeMap::new();
    for &i in lieutenants {
        let others: Vec<u8> = lieutenants.iter().copied().filter(|&j| j != i).collect();
        let longer = [path, &[i]].concat();
        told.insert(i, om((case, &mut *lies), m - 1, &longer, &others, received[&i]));
    }
    // (3) Lieutenant i uses the majority of v_1 to v_(n-1).
    let value_of = |i: u8| {
        let vector = lieutenants.iter().map(|j| if *j == i { received[j] } else { told[j][&i] });
        let vector: Vec<Command> = vector.collect();
        let times = |value| vector.iter().filter(|&&one| one == value).count();
        [ATTACK, RETREAT, HOLD].into_iter().find(|&one| 2 * times(one) > vector.len())
    };
    lieutenants.iter().map(|&i| (i, value_of(i).unwrap_or(RETREAT))).collect()
}

/// SM(m) as the paper puts it (section 4), asked backwards: did this get there?
struct Signed<'a> {
    case: &'a Case,
    lies: &'a mut Lies,
}

impl Signed<'_> {
    /// True if v with that chain of signatures is sent to i.
    fn sent(&mut self, value: Command, chain: &[u8], i: u8) -> bool {
        let (&signer, before) = chain.split_last().expect("the commander signs");
        if chain.contains(&i) || chain.len() > usize::from(self.case.liars_max) + 1 {
            return false;
        }
        match (before.is_empty(), self.case.lies(signer)) {
            (true, false) => value == self.case.order,
            (true, true) => self.tells(value, chain, i),
            (false, true) => self.sent(value, before, signer) && self.tells(value, chain, i),
            // v is passed on when it is new: nothing came before. Of what comes at once, the least.
            (false, false) => self.first(value, signer, before.len()).as_deref() == Some(before),
        }
    }

    fn tells(&mut self, value: Command, chain: &[u8], i: u8) -> bool {
        self.case.lies(i) || self.lies.answer((chain, value, i), 2) == 1
    }

    /// The chain of at most so many signatures by which v first comes to i.
    fn first(&mut self, value: Command, i: u8, longest: usize) -> Option<Vec<u8>> {
        let mut chains = (1..=longest).flat_map(|length| paths(self.case.generals, length as u8));
        chains.find(|chain| self.sent(value, chain, i))
    }

    fn choice(&mut self, i: u8) -> Command {
        let set = [ATTACK, RETREAT]
            .into_iter()
            .filter(|&value| self.first(value, i, usize::from(self.case.liars_max) + 1).is_some());
        match set.collect::<Vec<_>>()[..] {
            [only] => only,
            _ => RETREAT,
        }
    }
}

/// What the twin makes of a case, by loyal lieutenant.
fn twin(case: &Case, lies: &mut Lies) -> BTreeMap<u8, Command> {
    let lieutenants: Vec<u8> = (1..case.generals).collect();
    match case.mode {
        Mode::Oral => {
            let all = om((case, lies), case.liars_max, &[0], &lieutenants, case.order);
            all.into_iter().filter(|(id, _)| !case.lies(*id)).collect()
        }
        Mode::Signed => {
            let mut signed = Signed { case, lies };
            case.loyal().map(|id| (id, signed.choice(id))).collect()
        }
    }
}

/// Machines and twin side by side, and what the paper promises.
fn judge(case: &Case, lies: &mut Lies) {
    let hall = Hall::run(*case, lies);
    let expected = twin(case, lies);
    for id in case.loyal() {
        let decided = hall.decided(id);
        assert_eq!(decided, Some(expected[&id]), "n{} of {case:?}, {:?}", id + 1, lies.asked);
    }
    let enough = match case.mode {
        Mode::Oral => case.generals > 3 * case.liars_max,
        Mode::Signed => true,
    };
    if case.traitors.len() > case.liars_max || !enough {
        return;
    }
    let mut decisions = expected.values();
    let first = decisions.next();
    assert!(decisions.all(|other| Some(other) == first), "IC1, {case:?}, {:?}", lies.asked);
    let disobeys = !case.lies(0) && first.is_some_and(|first| *first != case.order);
    assert!(!disobeys, "IC2, {case:?}, {:?}", lies.asked);
    for id in case.loyal() {
        let caught = hall.generals[usize::from(id)].belief().caught;
        assert!(
            caught.iter().all(|liar| case.traitors.contains(liar)),
            "{case:?}, {:?}",
            lies.asked
        );
    }
}

/// Every set of traitors that leaves somebody to be judged.
fn traitor_sets(generals: u8) -> impl Iterator<Item = ReplicaSet> {
    let lieutenants = (1u16 << generals) - 2;
    (0..1u16 << generals).filter(move |set| set & lieutenants != lieutenants).map(ReplicaSet)
}

fn is_large() -> bool {
    std::env::var("HALFLINK_LARGE").is_ok_and(|value| value == "1")
}

/// How many questions there are for liars to answer, if every one of them is asked.
fn questions(case: &Case) -> u32 {
    let of_length = |length| {
        let liars = paths(case.generals, length).filter(|path| case.lies(path[path.len() - 1]));
        liars.map(|path| case.loyal().filter(|id| !path.contains(id)).count() as u32).sum::<u32>()
    };
    let values = if case.mode == Mode::Signed && case.lies(0) { 2 } else { 1 };
    values * (1..=case.liars_max + 1).map(of_length).sum::<u32>()
}

/// Every lie, where there are at most two to the power of `bound`; else so many that are drawn.
fn judge_all(generals: u8, liars_max: u8, mode: Mode, (bound, draws): (u32, u32)) {
    let (mut complete, mut drawn) = (0, 0);
    for traitors in traitor_sets(generals) {
        for order in [ATTACK, RETREAT] {
            let mut case = Case { mode, generals, liars_max, traitors, order, stories: 2 };
            let questions = questions(&case);
            if case.lies(0) && order == RETREAT {
                continue;
            }
            if questions * 8 <= bound * 5 {
                case.stories = 3;
            }
            if questions > bound {
                (0..draws).for_each(|seed| judge(&case, &mut Lies::drawn(seed)));
                drawn += draws;
                continue;
            }
            let mut lies = Lies::all();
            loop {
                judge(&case, &mut lies);
                complete += 1;
                if !lies.turn() {
                    break;
                }
            }
        }
    }
    println!("{mode:?}, n = {generals}, m = {liars_max}: {complete} lies, {drawn} drawn");
    assert!(complete > 0);
}

const SMALL: [(u8, u8); 3] = [(3, 1), (4, 1), (4, 2)];

#[test]
fn both_are_as_the_paper_has_them_under_every_lie() {
    for mode in [Mode::Oral, Mode::Signed] {
        for (generals, liars_max) in SMALL {
            judge_all(generals, liars_max, mode, (12, 0));
        }
        let size = if is_large() { (16, 2_000) } else { (11, 40) };
        for liars_max in 1..=3 {
            judge_all(5, liars_max, mode, size);
        }
    }
}

/// Beyond: two traitors among seven, three among ten.
#[test]
fn larger_armies_are_as_the_paper_has_them_under_many_lies() {
    let count = if is_large() { 2_000 } else { 20 };
    for seed in 0..count {
        for (mode, generals, liars_max) in
            [(Mode::Oral, 7, 2), (Mode::Oral, 10, 3), (Mode::Signed, 6, 2)]
        {
            let mut rng = Rng::new(seed);
            let traitors: ReplicaSet =
                (0..liars_max).map(|_| ReplicaId(rng.below(u32::from(generals)) as u8)).collect();
            let case = Case { mode, generals, liars_max, traitors, order: ATTACK, stories: 3 };
            judge(&case, &mut Lies::drawn(seed));
        }
    }
}

/// A scenario for so many generals.
fn scenario(protocol: Protocol, generals: u8, rest: &str) -> Scenario {
    let servers: Vec<_> =
        (0..generals).map(|id| format!("r{}.s{}", id % 5 + 1, id / 5 + 1)).collect();
    let text = format!(
        "halflink 1\ntitle \"t\"\nplant 5 racks of 3 servers, 2 disks each\n\
         cluster c: {protocol} on {}\ntiming heartbeat 100ms, election 1s..2s\nseed 1\n{rest}",
        servers.join(" ")
    );
    parse(&text).unwrap_or_else(|wrong| panic!("{wrong:?}\n{text}"))
}

fn run(protocol: Protocol, generals: u8, rest: &str) -> (Run, History) {
    to_end(Arc::new(scenario(protocol, generals, rest)))
}

fn decisions(run: &Run) -> Vec<Vec<Command>> {
    let log = |id| run.group().replica(id).log().from(1, usize::MAX);
    let commands = |id| log(id).iter().map(|entry| entry.command).collect();
    run.group().replicas().map(commands).collect()
}

fn vector(run: &Run, id: u8) -> Vec<String> {
    let vector = run.group().replica(ReplicaId(id)).vector();
    vector.iter().map(|(_, value)| told("value", value)).collect()
}
