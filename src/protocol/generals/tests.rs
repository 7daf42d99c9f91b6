//! The paper's figures and message counts, and both algorithms beside a slow twin that is written
//! straight from the paper, under every set of traitors and every lie.

mod clocks;
mod model;
mod verdicts;

use std::collections::BTreeMap;
use std::sync::Arc;

use super::*;
use crate::check::Property;
use crate::clock::Micros;
use crate::fault::{Act, Deed};
use crate::history::History;
use crate::outcome::Outcome;
use crate::protocol::{self, Protocol};
use crate::rng::Rng;
use crate::run::{Run, to_end};
use crate::scenario::Scenario;
use crate::scenario::text::parse;

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
    let log = |id| run.world().replica(id).log().from(1, usize::MAX);
    let commands = |id| log(id).iter().map(|entry| entry.command).collect();
    run.world().replicas().map(commands).collect()
}

fn vector(run: &Run, id: u8) -> Vec<String> {
    run.world().replica(ReplicaId(id)).vector().into_iter().map(|(_, value)| value).collect()
}

/// facts.md 6.1: OM(1) of 4, OM(2) of 7 and OM(3) of 10 take 9, 156 and 3,609 messages.
#[test]
fn as_many_messages_as_the_paper_counts() {
    for (generals, expected) in [(4, 9), (7, 156), (10, 3_609)] {
        let (run, history) = run(Protocol::GeneralsOm, generals, "at 1s order attack\nrun 3s\n");
        assert_eq!(run.world().delivered(), expected);
        assert_eq!(decisions(&run), vec![vec![ATTACK]; usize::from(generals)]);
        assert!(history.violations.is_empty());
    }
    // Loyal generals have nothing new to say after the second round.
    let tolerant = "tolerate 3\nat 1s order attack\nrun 3s\n";
    let (run, _) = run(Protocol::GeneralsSm, 10, tolerant);
    assert_eq!(run.world().delivered(), 9 + 9 * 8);
}

/// Section 4: with signatures no number of traitors up to m matters, here three of five, the
/// commander among them.
#[test]
fn signatures_hold_where_majorities_do_not() {
    let rest = "tolerate 3\nat 500ms traitor n1 equivocate to n3 n5\n\
                at 500ms traitor n2 silent-to n4\nat 500ms traitor n3 silent-to n5\n\
                at 1s order attack\nrun 3s\n";
    let (run, history) = run(Protocol::GeneralsSm, 5, rest);
    assert!(history.violations.is_empty(), "{:?}", history.violations);
    let decisions = decisions(&run);
    assert_eq!(decisions[3], decisions[4]);
    assert!(run.world().replica(ReplicaId(4)).belief().caught.contains(COMMANDER));
}

/// IC1 and IC2, named by the checks where more lie than OM is set up for.
#[test]
fn one_traitor_too_many_breaks_both_conditions() {
    let rest = "at 500ms traitor n4 equivocate to n2\nat 500ms traitor n3 equivocate to n2\n\
                at 1s order attack\nrun 3s\n";
    let (run1, history) = run(Protocol::GeneralsOm, 4, rest);
    let broken: Vec<_> = history.violations.iter().map(|one| one.property).collect();
    assert_eq!(
        (broken, vector(&run1, 1).join(" ").as_str()),
        (vec![Property::LoyalOrder], "attack retreat retreat")
    );
    let rest = "at 500ms traitor n4 equivocate to n2\nat 500ms traitor n1 equivocate to n3\n\
                at 1s order attack\nrun 3s\n";
    let (run2, history) = run(Protocol::GeneralsOm, 4, rest);
    let broken: Vec<_> = history.violations.iter().map(|one| one.property).collect();
    assert_eq!(broken, [Property::SameOrder], "{:?}", decisions(&run2));
}

/// A lieutenant to whom the commander says nothing hears of the order from the others.
#[test]
fn a_silent_commander_is_retreat_and_rounds_are_known_by_their_paths() {
    let rest = "at 500ms traitor n1 silent-to n3\nat 1s order attack\nat 1s order hold\nrun 3s\n";
    let (run1, _) = run(Protocol::GeneralsOm, 4, rest);
    assert_eq!(decisions(&run1)[1..], vec![vec![ATTACK, HOLD]; 3]);
    let rest = "at 500ms traitor n1 silent-to n2 n3 n4\nat 1s order attack\n\
                at 1500ms loyal n1\nat 2s order attack\nrun 3s\n";
    let (run2, _) = run(Protocol::GeneralsOm, 4, rest);
    assert_eq!(decisions(&run2)[1..], vec![vec![RETREAT, ATTACK]; 3]);
}

/// A random army: its traitors say what they like to whom they like, late, twice or not at all.
fn army(number: u32, traitors_more: u8) -> Scenario {
    let mut rng = Rng::new(number ^ 0x1982);
    let oral = rng.percent(50);
    let protocol = if oral { Protocol::GeneralsOm } else { Protocol::GeneralsSm };
    let sizes = if oral { [4, 5, 7] } else { [3, 4, 6] };
    let generals = sizes[rng.below(3) as usize];
    let mut scenario = scenario(protocol, generals, "run 6s\n");
    let most = (generals - 2).min(3);
    let liars = if oral { scenario.tolerated() } else { 1 + rng.below(u32::from(most)) as u8 };
    scenario.tolerate = Some(liars);
    scenario.seed = number;
    for _ in 0..liars + traitors_more {
        let replica = ReplicaId(rng.below(u32::from(generals)) as u8);
        for _ in 0..1 + rng.below(2) {
            let others = (0..u32::from(generals)).map(|id| ReplicaId(id as u8));
            let toward = others.filter(|&id| id != replica && rng.percent(50)).collect();
            let behaviour =
                [Behaviour::Equivocate, Behaviour::SilentTo, Behaviour::Replay, Behaviour::Delay]
                    [rng.below(4) as usize];
            let late = u64::from(rng.below(400) + 1) * 1_000;
            let by = if behaviour == Behaviour::Delay { Micros(late) } else { Micros::ZERO };
            let deed = Deed { behaviour, toward, by };
            let at = Micros::from_millis(u64::from(rng.below(3) * 1_000));
            scenario.acts.push((at, Act::Betray { replica, deed }));
        }
    }
    for _ in 0..1 + rng.below(6) {
        let at = Micros::from_millis(u64::from(500 + rng.below(3_000)));
        scenario.acts.push((at, Act::Order(1 + rng.below(3))));
    }
    scenario.acts.sort_by_key(|(at, _)| *at);
    assert_eq!(scenario.flaws(), []);
    scenario
}

/// How many of so many random armies break IC1 or IC2; each is played twice.
fn broken(count: u32, traitors_more: u8) -> u32 {
    let mut broken = 0;
    for number in 0..count {
        let scenario = Arc::new(army(number, traitors_more));
        let (run, history) = to_end(Arc::clone(&scenario));
        let (again, _) = to_end(Arc::clone(&scenario));
        assert_eq!(run.world().trace_hash(), again.world().trace_hash(), "{scenario}");
        broken += u32::from(!history.violations.is_empty());
        let safe = history.violations.is_empty() || traitors_more > 0;
        let is_made = Mistake::SmallQuorum.is_made();
        assert!(safe || is_made, "{number}: {:?}\n{scenario}", history.violations);
        let world = run.world();
        for id in world.replicas().filter(|&id| world.is_honest(id) && safe && !is_made) {
            let caught = world.replica(id).belief().caught;
            let wronged = caught.iter().find(|&liar| world.is_honest(liar));
            assert!(wronged.is_none() || traitors_more > 0, "{wronged:?}\n{scenario}");
        }
    }
    broken
}

#[test]
fn no_army_is_misled_by_as_many_traitors_as_it_is_set_up_for() {
    assert_eq!(broken(if is_large() { 20_000 } else { 300 }, 0), 0);
}

#[test]
fn more_traitors_mislead_an_army() {
    assert!(broken(100, 2) > 0);
}

#[test]
fn a_majority_that_is_one_too_small_is_found_out() {
    let found = crate::protocol::mistake::tests::with(Mistake::SmallQuorum, || broken(100, 0));
    println!("{found} of 100");
    assert!(found > 0);
}

/// What cannot have come that way is not taken in, and nothing makes a general panic.
#[test]
fn nonsense_is_not_heard() {
    for mode in [Mode::Oral, Mode::Signed] {
        let case = Case {
            mode,
            generals: 4,
            liars_max: 1,
            traitors: ReplicaSet::NOBODY,
            order: ATTACK,
            stories: 2,
        };
        let signed = mode == Mode::Signed;
        let mut hall = Hall::new(case);
        hall.announce(1, ATTACK);
        let n3 = &mut hall.generals[2];
        n3.step(Input::Timeout(Timer::Round), &mut Vec::new());
        let before = n3.clone();
        let good = Message { order: 1, path: as_path(&[0, 1]), value: ATTACK, signed };
        let nonsense = [
            (2, good),
            (0, good),
            (1, Message { order: 0, ..good }),
            (1, Message { order: u32::MAX, ..good }),
            (1, Message { value: 0, ..good }),
            (1, Message { value: 9, ..good }),
            (1, Message { signed: !signed, ..good }),
            (1, Message { path: Path::of(ReplicaId(1)), ..good }),
            (1, Message { path: as_path(&[0, 1, 0, 1]), ..good }),
            (1, Message { path: as_path(&[0, 3, 1]), ..good }),
            (1, Message { path: as_path(&[0, 2, 1]), ..good }),
            (9, Message { path: as_path(&[0, 9]), ..good }),
        ];
        for (from, message) in nonsense {
            n3.step(Input::Deliver { from: ReplicaId(from), message: &message }, &mut Vec::new());
            assert_eq!(*n3, before, "{message:?}");
        }
        // What comes early waits for its round.
        n3.step(Input::Deliver { from: ReplicaId(1), message: &good }, &mut Vec::new());
        assert_eq!((n3.phase().as_deref(), &n3.heard), (Some("round 1 of 2"), &vec![good]));
        n3.step(Input::Timeout(Timer::Round), &mut Vec::new());
        assert_eq!(n3.phase().as_deref(), Some("round 2 of 2"));
        // The commander's own word comes too late now.
        let late = Message { path: Path::of(COMMANDER), ..good };
        n3.step(Input::Deliver { from: COMMANDER, message: &late }, &mut Vec::new());
        assert_eq!(n3.heard, [good]);
    }
}

#[test]
fn a_liar_signs_with_its_own_name_only() {
    let case = Case {
        mode: Mode::Signed,
        generals: 4,
        liars_max: 2,
        traitors: ReplicaSet::NOBODY,
        order: ATTACK,
        stories: 2,
    };
    let mut hall = Hall::new(case);
    let of_commander = Message { order: 1, path: Path::of(COMMANDER), value: ATTACK, signed: true };
    let to = ReplicaId(3);
    let own = hall.generals[0].lie(Behaviour::Equivocate, to, Some(&of_commander));
    assert_eq!(own, Lie::Instead(Message { value: HOLD, ..of_commander }));
    hall.announce(1, ATTACK);
    let n2 = &mut hall.generals[1];
    n2.step(Input::Timeout(Timer::Round), &mut Vec::new());
    n2.step(Input::Deliver { from: COMMANDER, message: &of_commander }, &mut Vec::new());
    let relayed = Message { path: as_path(&[0, 1]), ..of_commander };
    assert_eq!(n2.lie(Behaviour::Equivocate, to, Some(&relayed)), Lie::Truth);
    // Another order that it holds it may show instead.
    let other = Message { path: Path::of(COMMANDER), value: RETREAT, ..of_commander };
    let twin = Message { path: as_path(&[0, 2]), ..other };
    n2.step(Input::Timeout(Timer::Round), &mut Vec::new());
    n2.step(Input::Deliver { from: ReplicaId(2), message: &twin }, &mut Vec::new());
    let shown = Message { path: as_path(&[0, 2, 1]), ..other };
    assert_eq!(n2.lie(Behaviour::Equivocate, to, Some(&relayed)), Lie::Instead(shown));
}

#[test]
fn bounds_are_named() {
    let servers = |count: u8| {
        (0..count)
            .map(|id| format!("r{}.s{}", id % 5 + 1, id / 5 + 1))
            .collect::<Vec<_>>()
            .join(" ")
    };
    let wrong = |protocol: &str, generals, rest: &str| {
        let text = format!(
            "halflink 1\ntitle \"t\"\nplant 5 racks of 3 servers, 2 disks each\n\
             cluster c: {protocol} on {}\ntiming heartbeat 100ms, election 1s..2s\nseed 1\n{rest}run 9s\n",
            servers(generals)
        );
        let flaws = parse(&text).err().unwrap_or_default();
        flaws.into_iter().map(|flaw| flaw.message()).collect::<Vec<_>>().join("; ")
    };
    assert!(wrong("generals-om", 2, "").contains("takes 3 to 10 generals, this cluster has 2"));
    assert!(wrong("generals-sm", 11, "").contains("takes 3 to 10 generals, this cluster has 11"));
    assert!(wrong("generals-om", 10, "tolerate 4\n").contains("at most 3 liars"));
    assert!(wrong("generals-sm", 4, "tolerate 3\n").contains("at most 2 liars"));
    assert!(wrong("generals-sm", 4, "tolerate 0\n").contains("at least 1 liar"));
    assert!(wrong("generals-om", 4, "write every 300ms\n").contains("takes orders, no writes"));
    assert!(wrong("generals-om", 4, "at 1s traitor n2 double-vote\n").contains("do not vote"));
    assert!(wrong("raft", 3, "at 1s order attack\n").contains("no commander"));
    assert_eq!(wrong("generals-om", 10, "tolerate 3\n"), "");
}

/// Whoever stops is no loyal general: nobody asks what it does when it comes back, and those who
/// did not stop agree without it.
#[test]
fn a_general_who_stops_counts_as_a_traitor() {
    let rest = "at 500ms crash r3.s1\nat 1s order attack\nat 2s restart r3.s1\n\
                at 3s order hold\nrun 5s\n";
    let (run1, history) = run(Protocol::GeneralsOm, 4, rest);
    assert!(history.violations.is_empty(), "{:?}", history.violations);
    let decided = decisions(&run1);
    assert_eq!((&decided[1], &decided[3]), (&vec![ATTACK, HOLD], &vec![ATTACK, HOLD]));
    assert_eq!(decided[2], [RETREAT, HOLD]);
}

/// A lieutenant who is told nothing retreats. While that is one failure he counts as the one who
/// failed; with a traitor besides it is too much, and he is as loyal as the others.
#[test]
fn whoever_hears_nothing_retreats() {
    let cut = "at 500ms cut n1 -> n3\nat 500ms cut n2 -> n3\nat 500ms cut n4 -> n3\n";
    let outcome = |more: &str| {
        let rest = format!("{cut}{more}at 1s order attack\nrun 3s\n");
        let scenario = scenario(Protocol::GeneralsOm, 4, &rest);
        let (run, history) = to_end(Arc::new(scenario.clone()));
        assert_eq!(decisions(&run)[2], [RETREAT]);
        let broken: Vec<_> = history.violations.iter().map(|one| one.property).collect();
        (crate::outcome::judge(&scenario, &history).outcome, broken)
    };
    assert_eq!(outcome(""), (Outcome::Stable, vec![]));
    let both = vec![Property::LoyalOrder; 2];
    assert_eq!(outcome("at 500ms traitor n4 equivocate to n2\n"), (Outcome::Unsafe, both));
}
