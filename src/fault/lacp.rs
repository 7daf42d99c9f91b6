//! What LACP makes of a cable with one dead direction: `bond lacp fast`.
//!
//! Each end of a bonded cable says at intervals that it is there. An end that has heard nothing for
//! three intervals is EXPIRED and takes its port out of the bundle; what it says from then on is
//! that it does not collect (IEEE 802.1AX-2020, 6.4). An other end with independent control stops
//! distributing at once, which is what is modelled; one with coupled control, as Linux, stops
//! three intervals later, when the first end is DEFAULTED. So a cable with one dead direction is
//! out in both, and its flows are hashed over what is left.
//!
//! What is modelled is the latest moment: the last message was heard just as the direction died,
//! and the first one after it was healed comes an interval later. LACP's own messages are not
//! modelled as packets: they pass a gray switch, for it is its control plane that answers them, and
//! a cable that loses only a share is never found. A real one that loses most of them would leave
//! the bundle and come back, again and again.
//!
//! The two switches of a rack that pose as one (MLAG, `mlag`) are primary, `a`, and secondary, `b`.
//! They hear each other over their peer link. When the secondary has heard nothing for
//! [`KEEPALIVE`], it takes the other for gone and is primary, too, under an identifier of its
//! own; a primary that hears nothing is primary as before. The peer link itself is in no bundle:
//! it carries what it can, as any cable without LACP.
//! LACP bundles what leads to one system only. Modelled is that servers prefer `a` as long as
//! their cable to it is in its bundle, and go back to it when it is again; Linux (`ad_select
//! stable`) would stay with `b` then. A secondary whose primary is dead is not one of two.
//! What is modelled is a pair without a second way for its keepalive; some vendors' pairs have one,
//! and then the secondary takes its own ports down: the same for a server with both.
//!
//! The reverse of a gray switch is one whose control plane is dead: it forwards every frame and
//! says nothing of LACP, so all its servers take their cables to it out. A bundle that is left with
//! no cable carries nothing, as with Linux's `lacp_strict`; by default Linux goes on with one port.

use super::{ActiveFaults, Which};
use crate::clock::Micros;
use crate::plant::{Bond, Lane, LaneId, Part, PartId, Plant, Rate, ServerAt, Side};

/// How long one of a pair of switches waits for the other (Dell's default; 2 to 15 s), and how long
/// it takes to hear it again.
const KEEPALIVE: [Micros; 2] = [Micros::from_secs(5), Micros::from_secs(1)];

/// A bonded cable on which an end hears nothing, or did not until lately.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Watched {
    /// Its direction up from the server; of a peer link, from the primary.
    pub lane: LaneId,
    /// Of a peer link: the switches that it joins, the primary of the pair and the secondary.
    pair: Option<[PartId; 2]>,
    /// True if one end hears nothing.
    is_deaf: bool,
    /// Since when that is so.
    pub since: Micros,
    /// True if it is out of the bundle.
    is_out: bool,
}

impl Watched {
    /// When it leaves the bundle or comes back; never, if it stays as it is.
    fn due(&self, rate: Rate) -> Micros {
        let [timeout, period] =
            if self.pair.is_some() { KEEPALIVE } else { [rate.timeout(), rate.period()] };
        match (self.is_deaf, self.is_out) {
            (true, false) => Micros(self.since.0 + timeout.0),
            (false, true) => Micros(self.since.0 + period.0),
            (true, true) | (false, false) => Micros::NEVER,
        }
    }
}

impl ActiveFaults {
    /// What LACP watches, and when it changes next.
    pub fn bundles(&self, plant: &Plant) -> impl Iterator<Item = (&Watched, Micros)> {
        let rate = if let Bond::Lacp(rate) = plant.spec.bond { Some(rate) } else { None };
        self.watched.iter().filter_map(move |one| Some((one, one.due(rate?))))
    }

    /// True if LACP has taken a cable, by either direction, out of its bundle.
    pub fn is_out_of_bundle(&self, plant: &Plant, lane: LaneId) -> bool {
        !self.watched.is_empty() && (self.is_unheard(lane) || self.is_of_another(plant, lane))
    }

    /// True if an end of a server's cable has heard nothing for too long.
    pub fn is_unheard(&self, lane: LaneId) -> bool {
        let is_it = |one: &Watched| one.lane == lane || one.lane == lane.reverse();
        self.watched.iter().any(|one| one.is_out && one.pair.is_none() && is_it(one))
    }

    /// True if a cable leads to a switch that poses as the other one no more, and its server still
    /// has a cable to that.
    #[cold]
    fn is_of_another(&self, plant: &Plant, lane: LaneId) -> bool {
        let Lane { from, to } = plant.lanes()[usize::from(lane.0)];
        let both = [(from, to), (to, from)];
        let Some((_, server)) = both.into_iter().find(|&(tor, _)| self.is_on_its_own(tor)) else {
            return false;
        };
        let Part::Server(ServerAt { rack, .. }) = plant.part(server) else { return false };
        let primary = plant.expect(Part::Tor { rack, side: Side::A });
        plant.lane(server, primary).is_some_and(|lane| self.carrier(plant, lane))
    }

    /// True if that switch is the secondary of a pair, hears nothing of a primary that is alive,
    /// and so is primary, too. One that is silent itself can tell nobody.
    pub fn is_on_its_own(&self, switch: PartId) -> bool {
        let is_second = |[first, second]: [PartId; 2]| second == switch && self.alive(first);
        self.watched.iter().any(|one| one.is_out && one.pair.is_some_and(is_second))
            && !self.is_control_dead(switch)
    }

    /// Takes a cable out of its bundle, or puts it back, if that is due now: true if it is out.
    #[cold]
    pub fn change_bundle(&mut self, plant: &Plant, lane: LaneId, now: Micros) -> Option<bool> {
        let place = self.bundles(plant).position(|(one, due)| (one.lane, due) == (lane, now))?;
        let one = &mut self.watched[place];
        one.is_out = one.is_deaf;
        let is_out = one.is_out;
        if !is_out {
            self.watched.remove(place);
        }
        Some(is_out)
    }

    /// True if that switch has nothing to say to its neighbours.
    pub fn is_control_dead(&self, switch: PartId) -> bool {
        self.gray().iter().any(|one| one.switch == switch && one.flows.which == Which::Control)
    }

    /// On which cables an end hears nothing now.
    #[cold]
    pub(super) fn watch_bundles(&mut self, plant: &Plant, now: Micros) {
        for rack in (0..plant.spec.racks).filter(|_| plant.spec.mlag) {
            let pair = Side::BOTH.map(|side| plant.expect(Part::Tor { rack, side }));
            let lane = plant.lane(pair[0], pair[1]).expect("a pair has a peer link");
            // It matters what the secondary hears.
            let is_deaf = self.lane_loss(lane) == 100 || self.is_control_dead(pair[0]);
            self.watch_cable((lane, Some(pair)), is_deaf, now);
        }
        for server in plant.servers() {
            for side in Side::BOTH {
                let [from, to] = [Part::Server(server), Part::Tor { rack: server.rack, side }];
                let tor = plant.expect(to);
                let Some(lane) = plant.lane(plant.expect(from), tor) else { continue };
                let is_cut = [lane, lane.reverse()].iter().any(|&one| self.lane_loss(one) == 100);
                let is_deaf = is_cut || self.is_control_dead(tor);
                self.watch_cable((lane, None), is_deaf, now);
            }
        }
    }

    fn watch_cable(
        &mut self,
        (lane, pair): (LaneId, Option<[PartId; 2]>),
        is_deaf: bool,
        now: Micros,
    ) {
        let place = self.watched.iter().position(|one| one.lane == lane);
        let Some(place) = place else {
            if is_deaf {
                self.watched.push(Watched { lane, pair, is_deaf, since: now, is_out: false });
            }
            return;
        };
        let one = &mut self.watched[place];
        if !is_deaf && !one.is_out {
            self.watched.remove(place);
        } else if is_deaf != one.is_deaf {
            (one.is_deaf, one.since) = (is_deaf, now);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::clock::Micros;
    use crate::fault::{Action, ActiveFaults, Ends, Link};
    use crate::plant::{Bond, Part, Plant, PlantSpec, Rate, ServerAt, Side};

    /// What LACP makes of a cable that is cut and healed at those times, in seconds.
    #[test]
    fn what_is_due_follows_what_is_heard() {
        let mut spec = PlantSpec::new(2, 2, 2);
        spec.bond = Bond::Lacp(Rate::Fast);
        let plant = Plant::new(spec);
        let server = Part::Server(ServerAt { rack: 1, slot: 0 });
        let tor = Part::Tor { rack: 1, side: Side::B };
        let lane = plant.lane(plant.expect(server), plant.expect(tor)).expect("a cable");
        let link = Link { ends: Ends::Lane(tor, server), both: false };
        let (cut, heal) = (Action::Cut { link, percent: 100 }, Action::Heal { link });
        let mut faults = ActiveFaults::none(&plant, 1);
        let due = |faults: &ActiveFaults| {
            faults.bundles(&plant).map(|(_, at)| at).filter(|&at| at < Micros::NEVER).max()
        };
        let at = Micros::from_secs;

        faults.apply(&plant, at(1), &cut);
        assert_eq!(due(&faults), Some(at(4)));
        assert_eq!(faults.change_bundle(&plant, lane, at(3)), None, "not yet");
        faults.apply(&plant, at(2), &heal);
        assert_eq!(due(&faults), None, "healed before it was found");
        assert_eq!(faults.change_bundle(&plant, lane, at(4)), None);

        faults.apply(&plant, at(10), &cut);
        assert_eq!(faults.change_bundle(&plant, lane, at(13)), Some(true));
        assert!(!faults.carrier(&plant, lane) && !faults.carrier(&plant, lane.reverse()));
        assert_eq!(due(&faults), None, "it stays out");
        faults.apply(&plant, at(20), &heal);
        assert!(!faults.carrier(&plant, lane), "nothing was heard yet");
        // It dies again before LACP has heard anything, and is whole again.
        faults.apply(&plant, Micros::from_millis(20_500), &cut);
        assert_eq!(due(&faults), None);
        faults.apply(&plant, at(30), &heal);
        assert_eq!(faults.change_bundle(&plant, lane, at(31)), Some(false));
        assert!(faults.carrier(&plant, lane));
        assert_eq!(due(&faults), None);
    }
}
