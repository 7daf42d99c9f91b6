//! The words of a scenario: titles and notes, letter by letter.
//!
//! Each bit of each byte is guessed from the one, two, three and four bytes before it, and the
//! guesses are weighted by how often their context was seen. A notes-sized text teaches too little
//! for that, so the model reads [`LESSON`] first: the words that scenarios are made of.
//! The lesson is part of the link format, as is every number here.

use crate::scenario::link::range::{Coder, Odds};

const LESSON: &str = "etcd\0A switch that half failed\0https://blog.cloudflare.com/a-byzantine-\
failure-in-the-real-world/\0https://decentralizedthoughts.github.io/\0https://github.com/\0Server 1 \
stops hearing its leader. Server 2 hears it fine.\0The switch still answers its neighbours, so nothing \
fails over. It no longer forwards packets between n1 and n3.\0n3 leads. Everybody hears it, and \
every write is committed.\0n1 has heard nothing for a whole election timeout. It asks for votes in a \
new term, and n2 tells the old leader that it is no longer the leader.\0The link is cut in one \
direction only: packets from n3 to n1 die, packets from n1 to n3 arrive.\0The leader can send but \
not receive. Its followers still believe in it, but no write is committed, because it does not \
hear that they have them.\0The rack loses power. The server crashes, restarts and follows again. \
Two disks of one mirror pair fail: the replica stops. The switch recovers by itself: all servers \
agree on one leader again. With pre-vote and check-quorum the others would keep their leader.\0";

/// Each context length has that many odds; those of one byte need exactly as many.
const SLOTS: usize = 1 << 16;
const ORDERS: usize = 4;

/// What is learned about words.
pub(super) struct Words {
    odds: Vec<Odds>,
    /// The last four bytes, the latest lowest.
    before: u32,
}

impl Words {
    /// A model that has read the lesson.
    pub(super) fn new() -> Self {
        let mut words = Self { odds: vec![Odds::EVEN; SLOTS * ORDERS], before: 0 };
        for byte in LESSON.bytes() {
            words.byte(&mut Lesson, byte);
        }
        words.before = 0;
        words
    }

    /// Codes a text without zeros of at most `bound` bytes; `None` if what is read is none.
    pub(super) fn text(
        &mut self,
        coder: &mut impl Coder,
        text: &str,
        bound: usize,
    ) -> Option<String> {
        let mut known = text.bytes();
        let mut bytes = Vec::new();
        loop {
            match self.byte(coder, known.next().unwrap_or(0)) {
                0 => return String::from_utf8(bytes).ok(),
                _ if bytes.len() == bound => return None,
                byte => bytes.push(byte),
            }
        }
    }

    fn byte(&mut self, coder: &mut impl Coder, byte: u8) -> u8 {
        let mut contexts = [0; ORDERS];
        for (order, context) in contexts.iter_mut().enumerate() {
            let seen = self.before & (u32::MAX >> (24 - 8 * order));
            // Knuth's multiplicative hash; a context of one byte is exact.
            *context = if order == 0 {
                seen << 8
            } else {
                (seen ^ order as u32).wrapping_mul(2_654_435_761)
            };
        }
        let mut node = 1_u32;
        for bit in (0..8).rev() {
            let slots = std::array::from_fn(|order| slot(order, contexts[order], node));
            let yes = coder.choice(byte >> bit & 1 == 1, self.guess(&slots));
            for slot in slots {
                self.odds[slot].learn(yes, 24);
            }
            node = node * 2 + u32::from(yes);
        }
        self.before = self.before << 8 | node & 0xff;
        (node & 0xff) as u8
    }

    /// Longer contexts and those seen more often count more; those never seen hardly at all.
    fn guess(&self, slots: &[usize; ORDERS]) -> u32 {
        let (mut sum, mut weights) = (0, 0);
        for (order, slot) in slots.iter().enumerate() {
            let odds = self.odds[*slot];
            let weight =
                WEIGHTS[order] * (1 + u64::from(odds.seen().min(8)) * 16) * odds.certainty();
            sum += u64::from(odds.no()) * weight;
            weights += weight;
        }
        u32::try_from(sum / weights.max(1)).unwrap_or(1 << 15).clamp(64, 65_472)
    }
}

const WEIGHTS: [u64; ORDERS] = [1, 3, 8, 20];

fn slot(order: usize, context: u32, node: u32) -> usize {
    let within = if order == 0 {
        context | node
    } else {
        (context ^ node.wrapping_mul(0x9e37_79b1)).wrapping_mul(0x85eb_ca6b) >> 16
    };
    order * SLOTS + (within as usize & (SLOTS - 1))
}

/// Neither writes nor reads: for learning alone.
struct Lesson;

impl Coder for Lesson {
    fn choice(&mut self, yes: bool, _no_odds: u32) -> bool {
        yes
    }

    fn uniform(&mut self, number: u32, _bound: u32) -> u32 {
        number
    }
}
