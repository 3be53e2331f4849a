//! Inputs of the corpus, changed at random from a fixed seed: what `cargo xtask fuzz` does for long and with an eye on the
//! code, for a few seconds a target, on any machine and with any compiler.

use crate::corpus::inputs;
use samebits_hostile::{TARGETS, Target};

/// Changed inputs of a target; fewer where reading one takes longer.
const TRIES: usize = 20_000;
const FEW_TRIES: usize = 1_000;
const SLOW: [&str; 1] = ["store"];
/// Longest input, bytes.
const LONGEST: usize = 4_096;
/// Numbers at which readers change their minds.
const EDGES: [u64; 12] =
    [0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff, 1 << 63, u64::MAX];

/// Numbers of a fixed sequence (splitmix64).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `count`; 0 when that is 0.
    fn below(&mut self, count: usize) -> usize {
        self.next().checked_rem(count as u64).unwrap_or(0) as usize
    }

    /// A part of something of this length, often short.
    fn range(&mut self, length: usize) -> std::ops::Range<usize> {
        let from = self.below(length + 1);
        let most = if self.below(2) == 0 { 8 } else { length };
        from..from + self.below((length - from).min(most) + 1)
    }
}

/// One change; `other` is another input of the target.
fn change(bytes: &mut Vec<u8>, other: &[u8], random: &mut Random) {
    let at = random.below(bytes.len());
    match random.below(9) {
        0 | 1 => {
            if let Some(byte) = bytes.get_mut(at) {
                *byte ^= 1 << random.below(8);
            }
        }
        2 => {
            if let Some(byte) = bytes.get_mut(at) {
                *byte = random.next() as u8;
            }
        }
        3 | 4 => {
            let edge = EDGES[random.below(EDGES.len())].to_le_bytes();
            let width = 1 << random.below(4);
            for (byte, new) in bytes[at..].iter_mut().zip(&edge[..width]) {
                *byte = *new;
            }
        }
        5 => drop(bytes.drain(random.range(bytes.len()))),
        6 => {
            let part = bytes[random.range(bytes.len())].to_vec();
            bytes.splice(at..at, part);
        }
        7 => {
            let part = other[random.range(other.len())].to_vec();
            let place = random.range(bytes.len());
            bytes.splice(place, part);
        }
        _ => bytes.truncate(at),
    }
    bytes.truncate(LONGEST);
}

fn mutate(target: &Target) {
    let seeds = inputs(target.name);
    let mut random = Random(target.name.bytes().fold(17, |seed, byte| seed * 31 + u64::from(byte)));
    let tries = if SLOW.contains(&target.name) { FEW_TRIES } else { TRIES };
    for number in 0..tries {
        let mut bytes = seeds[random.below(seeds.len())].1.clone();
        for _ in 0..=random.below(4) {
            let other = &seeds[random.below(seeds.len())].1;
            change(&mut bytes, other, &mut random);
        }
        let survived = std::panic::catch_unwind(|| (target.run)(&bytes)).is_ok();
        assert!(survived, "{}, input {number}: {bytes:02x?}", target.name);
    }
}

#[test]
fn changed_inputs_are_survived() {
    for target in TARGETS {
        mutate(target);
    }
}

/// The changes are changes, and the same ones every time.
#[test]
fn the_sequence_is_fixed() {
    let sequence = |seed: u64| {
        let mut random = Random(seed);
        let mut bytes = b"some bytes".to_vec();
        (0..200).for_each(|_| change(&mut bytes, b"others", &mut random));
        bytes
    };
    assert_eq!(sequence(1), sequence(1));
    assert_ne!(sequence(1), sequence(2));
}
