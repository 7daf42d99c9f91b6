//! Requests that are kept until they are executed, by hand and by chance.

use super::*;
use crate::lab::trial::size;
use crate::protocol::forge;
use crate::rng::Rng;

#[test]
fn only_what_clients_asked_for_fits_and_only_once() {
    let mut requests = Requests::default();
    [3, 1, 3, forge(2), 0].into_iter().for_each(|command| requests.add(command));
    assert_eq!(requests.pending(), [3, 1]);
    assert!(requests.fit(&[1, 3]) && requests.fit(&[0, 3]) && requests.fit(&[0]));
    assert!(requests.fit(&[0, 0]), "the other story of a no-op");
    assert!(requests.fit(&[9]), "the client's signature is in the block");
    for nonsense in [&[][..], &[1, 1], &[forge(1)], &[1, 0], &[u32::MAX], &[0, 0, 0], &[0, 0, 1]] {
        assert!(!requests.fit(nonsense), "{nonsense:?}");
    }
    requests.decide(&[0, 3]);
    assert_eq!(requests.pending(), [1]);
    requests.add(3);
    assert!(!requests.fit(&[1, 3]) && requests.pending() == [1]);
}

#[test]
fn the_other_story_told_twice_is_the_first() {
    for block in [&[1][..], &[0, 1], &[2, 1], &[0, 2, 1], &[0], &[0, 0]] {
        let other = other_story(block);
        assert_eq!(*other_story(&other), *block);
        // It is another block, it reads as one, and it can be proposed: a lie that may succeed.
        assert_ne!(hash(7, &other), hash(7, block));
        assert_ne!(name(&other), name(block));
        assert!(Requests::default().fit(&other), "{other:?}");
    }
}

/// Blocks on top of one another, chosen so that they would meet if their hash let them: no-ops,
/// the same few requests again and again, and short and long chains of either.
#[test]
fn no_two_chains_share_an_id() {
    let mut rng = Rng::new(7);
    let mut nodes: Vec<(BlockId, BlockId, u64)> = vec![(0, 0, 0)];
    for _ in 0..size(200_000, 10_000_000) {
        let place = if rng.percent(50) { nodes.len() as u32 } else { nodes.len() as u32 / 2 };
        let recent = nodes.len() as u32 - 1 - rng.below(place.min(64));
        let parent = if rng.percent(90) { recent } else { rng.below(nodes.len() as u32) };
        let parent = nodes[parent as usize].0;
        let mut block = vec![0; rng.below(3) as usize];
        block.extend((0..rng.below(4)).map(|_| 1 + rng.below(6)));
        // Seven commands of four bits at most, and a bit in front of them.
        let content = block.iter().fold(1, |all, &command| all << 4 | u64::from(command));
        nodes.push((hash(parent, &block), parent, content));
    }
    let chains = nodes.len();
    nodes.sort_unstable();
    nodes.dedup();
    let met = nodes.windows(2).find(|pair| pair[0].0 == pair[1].0);
    assert_eq!(met, None, "by induction over parents, a chain is its last block's id");
    println!("{} different chains of {chains}", nodes.len());
    assert!(nodes.len() > chains / 2);
}

#[test]
fn an_id_is_the_same_everywhere_and_always() {
    // Worked out with another program, which gives the test vector of SipHash's paper.
    let first = hash(0, &[0]);
    assert_eq!(first, 0x9CFC_753B_7275_AD7F);
    assert_eq!(hash(first, &[1, 2]), 0x427C_06DA_B353_BF39);
}

#[test]
fn two_quorums_share_an_honest_replica() {
    for replicas in 4..=15 {
        let quorum = two_thirds(replicas);
        let liars = (replicas - 1) / 3;
        assert!(2 * quorum - replicas > liars && quorum <= replicas - liars, "{replicas}");
    }
}
