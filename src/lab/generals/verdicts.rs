//! Whole runs beside a twin of OM(m) and SM(m) that is written from the paper and shares no code
//! with the room: what everyone does, and whether IC1 and IC2 hold, for every traitor that the
//! simulator offers.

use super::*;

/// One kind of lie, and who is told it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tampering {
    Equivocate,
    Silent,
    Replay,
    /// So late that it counts for nothing.
    Late,
    /// Late, and yet in its round.
    Tardy,
}

const LIES: [Tampering; 5] = [
    Tampering::Equivocate,
    Tampering::Silent,
    Tampering::Replay,
    Tampering::Late,
    Tampering::Tardy,
];

/// A commander, his lieutenants, and those who lie: each in one way, to some.
#[derive(Clone, Debug)]
struct Army {
    oral: bool,
    n: u8,
    m: u8,
    order: u32,
    /// By general: what he does, and to whom, a bit for each.
    liars: Vec<Option<(Tampering, u16)>>,
}

/// A message of SM(m): a value and who signed it, the commander first.
type Letter = (u32, Vec<u8>);

impl Army {
    fn byzantine(&self, from: u8, to: u8) -> Option<Tampering> {
        let (lie, toward) = self.liars[usize::from(from)]?;
        (toward >> to & 1 == 1).then_some(lie)
    }

    /// The other story that the simulator's liars tell.
    fn other(value: u32, to: u8) -> u32 {
        let others: Vec<u32> = [1, 2, 3].into_iter().filter(|one| *one != value).collect();
        let (first, second) = (others[0], others[1]);
        if to.is_multiple_of(3) { second } else { first }
    }

    /// What `to` gets of a value that `from` has, orally.
    fn told(&self, from: u8, to: u8, value: Option<u32>) -> Option<u32> {
        match self.byzantine(from, to) {
            None | Some(Tampering::Replay | Tampering::Tardy) => value,
            Some(Tampering::Equivocate) => value.map(|value| Self::other(value, to)),
            Some(Tampering::Silent | Tampering::Late) => None,
        }
    }

    /// OM(m), section 3: what each of `lieutenants` comes out with.
    fn om(&self, m: u8, commander: u8, lieutenants: &[u8], value: Option<u32>) -> Vec<u32> {
        // (1) "The commander sends his value to every lieutenant."
        let got: Vec<_> = lieutenants.iter().map(|&i| self.told(commander, i, value)).collect();
        // (2) Each "uses the value he receives from the commander, or RETREAT if he receives no
        // value", and passes it on by OM(m - 1).
        let own: Vec<u32> = got.iter().map(|got| got.unwrap_or(2)).collect();
        if m == 0 {
            return own;
        }
        let mut vectors: Vec<Vec<u32>> = own.iter().map(|&own| vec![own]).collect();
        for (place, &i) in lieutenants.iter().enumerate() {
            let others: Vec<u8> = lieutenants.iter().copied().filter(|&j| j != i).collect();
            let came_out = self.om(m - 1, i, &others, got[place]);
            for (j, value) in others.iter().zip(came_out) {
                let at = lieutenants.iter().position(|one| one == j).unwrap();
                vectors[at].push(value);
            }
        }
        // (3) "Lieutenant i uses the value majority(v_1, ..., v_(n-1))."
        let majority = |vector: &Vec<u32>| {
            let count = |value: u32| vector.iter().filter(|&&one| one == value).count();
            (1..=3).find(|&value| 2 * count(value) > vector.len()).unwrap_or(2)
        };
        vectors.iter().map(majority).collect()
    }

    /// SM(m), section 4, a round after the other: V_i by lieutenant, and choice(V_i).
    fn sm(&self) -> Vec<u32> {
        let mut sets: Vec<Vec<Letter>> = vec![Vec::new(); usize::from(self.n)];
        let mut sent: Vec<(u8, u8, Letter)> = Vec::new();
        for to in 1..self.n {
            // (1) A commander may sign another order, too.
            let value = match self.byzantine(0, to) {
                Some(Tampering::Equivocate) => Self::other(self.order, to),
                None
                | Some(
                    Tampering::Silent | Tampering::Replay | Tampering::Late | Tampering::Tardy,
                ) => self.order,
            };
            sent.push((0, to, (value, vec![0])));
        }
        for round in 1..=usize::from(self.m) + 1 {
            let mut next = Vec::new();
            for (from, to, (value, chain)) in std::mem::take(&mut sent) {
                let lost =
                    matches!(self.byzantine(from, to), Some(Tampering::Silent | Tampering::Late));
                let proper =
                    chain.len() == round && !chain.contains(&to) && chain.last() == Some(&from);
                // (2) v is added if it is "not in the set Vi".
                let set = &mut sets[usize::from(to)];
                if !lost && proper && set.iter().all(|(known, _)| *known != value) {
                    set.push((value, chain));
                }
            }
            for i in 1..self.n {
                let set = &sets[usize::from(i)];
                for (value, chain) in set.iter().filter(|(_, chain)| chain.len() == round) {
                    for to in (1..self.n).filter(|to| *to != i && !chain.contains(to)) {
                        let signed = |chain: &Vec<u8>| [chain.clone(), vec![i]].concat();
                        // Another order he can only show if he has one.
                        let mut others: Vec<_> = set.iter().filter(|one| one.0 != *value).collect();
                        others.sort_by_key(|(value, chain)| (chain.len(), chain.clone(), *value));
                        let letter = match (self.byzantine(i, to), others.first()) {
                            (Some(Tampering::Equivocate), Some((other, by))) => {
                                (*other, signed(by))
                            }
                            _ => (*value, signed(chain)),
                        };
                        next.push((i, to, letter));
                    }
                }
            }
            sent = next;
        }
        // (3) choice: the one order there is; else RETREAT.
        let choice = |set: &Vec<Letter>| if let [(only, _)] = &set[..] { *only } else { 2 };
        sets[1..].iter().map(choice).collect()
    }

    /// What the paper makes of it: by lieutenant, and whether IC1 and IC2 are broken.
    fn expected(&self) -> (Vec<u32>, bool, bool) {
        let lieutenants: Vec<u8> = (1..self.n).collect();
        let done =
            if self.oral { self.om(self.m, 0, &lieutenants, Some(self.order)) } else { self.sm() };
        let loyal = |id: usize| self.liars[id].is_none();
        let of_loyal: Vec<u32> =
            (1..).zip(&done).filter(|(id, _)| loyal(*id)).map(|(_, &done)| done).collect();
        let ic1 = of_loyal.iter().any(|one| *one != of_loyal[0]);
        let ic2 = loyal(0) && of_loyal.iter().any(|one| *one != self.order);
        (done, ic1, ic2)
    }

    fn scenario(&self) -> Scenario {
        let protocol = if self.oral { Protocol::GeneralsOm } else { Protocol::GeneralsSm };
        let servers: Vec<_> = (1..=self.n).map(|id| format!("r{id}.s1")).collect();
        let text = format!(
            "halflink 1\ntitle \"t\"\nplant {} racks of 1 server, 2 disks each\n\
             cluster c: {protocol} on {}\ntiming heartbeat 100ms, election 1s..2s\ntolerate {}\n\
             network hop 1ms, jitter 0ms\nseed 1\nrun 900ms\n",
            self.n,
            servers.join(" "),
            self.m
        );
        let mut scenario = parse(&text).unwrap_or_else(|wrong| panic!("{wrong:?}\n{text}"));
        for (replica, liar) in (0..).map(ReplicaId).zip(&self.liars) {
            let Some((lie, toward)) = *liar else { continue };
            let (behaviour, by) = match lie {
                Tampering::Equivocate => (Behaviour::Equivocate, 0),
                Tampering::Silent => (Behaviour::SilentTo, 0),
                Tampering::Replay => (Behaviour::Replay, 0),
                Tampering::Late => (Behaviour::Delay, 2_000),
                Tampering::Tardy => (Behaviour::Delay, 50),
            };
            let byzantine = ByzantineBehaviour {
                behaviour,
                toward: ReplicaSet(toward),
                by: Micros::from_millis(by),
            };
            scenario.actions.push((Micros::ZERO, Action::Betray { replica, byzantine }));
        }
        scenario.actions.push((Micros::from_millis(100), Action::Order(self.order)));
        scenario
    }

    fn judge(&self) {
        let (run, history) = to_end(Arc::new(self.scenario()));
        let broken = |property| history.violations.iter().any(|one| one.property == property);
        let done: Vec<u32> = decisions(&run)[1..].iter().map(|decided| decided[0]).collect();
        let seen = (done, broken(Property::SameOrder), broken(Property::LoyalOrder));
        assert_eq!(seen, self.expected(), "{self:?}");
    }
}

/// Everything that a general can do to the others, loyalty first.
fn roles(n: u8, id: u8) -> Vec<Option<(Tampering, u16)>> {
    let some = (1..1u16 << n).filter(|toward| toward >> id & 1 == 0);
    let byzantine = some.flat_map(|toward| LIES.map(|lie| Some((lie, toward))));
    std::iter::once(None).chain(byzantine).collect()
}

/// Armies of n with up to `most` traitors of every kind, each `step`th.
fn judge_armies(n: u8, most: usize, step: usize) -> u32 {
    let mut armies = vec![vec![]];
    for id in 0..n {
        let longer = |liars: &Vec<_>| {
            let liars: Vec<Option<(Tampering, u16)>> = liars.clone();
            let roles = roles(n, id);
            roles.into_iter().map(move |role| [liars.clone(), vec![role]].concat())
        };
        armies = armies.iter().flat_map(longer).collect();
        armies.retain(|liars| liars.iter().flatten().count() <= most);
    }
    let mut count = 0;
    for (place, liars) in armies.into_iter().enumerate().filter(|(place, _)| place % step == 0) {
        for oral in [true, false] {
            for m in 1..=n - 2 {
                let order = 1 + (place % 3) as u32;
                Army { oral, n, m, order, liars: liars.clone() }.judge();
                count += 1;
            }
        }
    }
    count
}

#[test]
fn every_traitor_among_three_and_four_is_as_the_paper_has_it() {
    let (three, four) = if is_large() { ((3, 1), (2, 1)) } else { ((2, 1), (2, 17)) };
    let of_three = judge_armies(3, three.0, three.1);
    let of_four = judge_armies(4, four.0, four.1);
    println!("{of_three} armies of three, {of_four} of four");
    assert!(of_three > 500 && of_four > 500, "{of_three}, {of_four}");
}

#[test]
fn random_traitors_among_up_to_seven_are_as_the_paper_has_them() {
    let mut broken = 0;
    let count = if is_large() { 5_000 } else { 300 };
    for seed in 0..count {
        let mut rng = Rng::new(seed ^ 0x0382);
        let n = 3 + rng.below(5) as u8;
        let m = 1 + rng.below(u32::from(n - 2).min(3)) as u8;
        let mut liars = vec![None; usize::from(n)];
        for _ in 0..rng.below(u32::from(n)) {
            let id = rng.below(u32::from(n)) as u8;
            let roles = roles(n, id);
            // With a round more, what is sent twice in one round would come in another order.
            let fits = |role: &Option<(Tampering, u16)>| {
                m == 1 || !matches!(role, Some((Tampering::Replay, _)))
            };
            let roles: Vec<_> = roles.into_iter().filter(fits).collect();
            liars[usize::from(id)] = roles[rng.below(roles.len() as u32) as usize];
        }
        let army = Army { oral: rng.percent(50), n, m, order: 1 + rng.below(3), liars };
        army.judge();
        let (_, ic1, ic2) = army.expected();
        broken += u32::from(ic1 || ic2);
    }
    println!("{count} armies, {broken} with a broken condition");
    assert!(broken > 0 && broken < count);
}

/// A lieutenant who is told nothing retreats, and that breaks IC1 when another attacks.
#[test]
fn who_was_told_nothing_is_judged_as_well() {
    let liars =
        vec![Some((Tampering::Silent, 0b0110)), None, None, Some((Tampering::Silent, 0b0010))];
    let army = Army { oral: false, n: 4, m: 1, order: ATTACK, liars };
    assert_eq!(army.expected(), (vec![RETREAT, ATTACK, ATTACK], true, false));
    army.judge();
}

/// n2 retreats and n3 attacks: IC1. The commander is loyal and ordered to attack: IC2.
#[test]
fn each_condition_is_judged_by_itself() {
    let rest = "tolerate 1\nat 1s traitor n4 silent-to n2 n5\n\
                at 1s traitor n5 equivocate to n1 n2 n3\nat 2s order attack\nrun 8s\n";
    let (_, history) = run(Protocol::GeneralsOm, 5, rest);
    let broken: Vec<_> = history.violations.iter().map(|one| one.property).collect();
    assert!(broken.contains(&Property::SameOrder) && broken.contains(&Property::LoyalOrder));
    let text = "halflink 1\ntitle \"Told nothing\"\nplant 4 racks of 1 server, 2 disks each\n\
                cluster a: generals-sm on r1.s1 r2.s1 r3.s1 r4.s1\ntolerate 1\n\
                timing heartbeat 500ms, election 1s..2s\nseed 1\n\
                at 1s traitor n1 silent-to n2 n3\nat 1s traitor n4 silent-to n2\n\
                at 2s order attack\nrun 20s\n";
    let (run, history) = to_end(Arc::new(parse(text).unwrap()));
    let broken: Vec<_> = history.violations.iter().map(|one| one.property).collect();
    assert_eq!(broken, [Property::SameOrder]);
    assert_eq!((&decisions(&run)[1], &decisions(&run)[2]), (&vec![RETREAT], &vec![ATTACK]));
}
