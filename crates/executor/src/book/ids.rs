//! From order ids to places in the node pool.

/// No place.
pub(crate) const NONE: u32 = u32::MAX;
/// Slots of an empty map.
const SMALLEST: usize = 256;
/// Ids in one block: their values fill one cache line.
const BLOCK: usize = 16;

/// A map from `u64` to `u32` whose answers depend on nothing but its content.
///
/// Ids that follow each other share a block of 16 (venues number orders in sequence); blocks are found by open
/// addressing. It has no iteration, so no order can leak out of it. An empty block is given back, and later entries shift
/// into its place: no tombstones, no growth without need.
#[derive(Debug, Clone)]
pub(crate) struct IdMap {
    /// (block number, place of the block).
    slots: Vec<(u64, u32)>,
    blocks: Vec<[u32; BLOCK]>,
    live: Vec<u8>,
    free: Vec<u32>,
    used: usize,
    /// Largest id ever set: a venue's next id is larger, and needs no search to be unknown.
    highest: u64,
    /// The block set last, if it is still there.
    recent: (u64, u32),
}

impl IdMap {
    pub(crate) fn new() -> Self {
        Self::with_capacity(0)
    }

    /// Room for `ids` live ids of which every eighth or more of those handed out is live.
    pub(crate) fn with_capacity(ids: usize) -> Self {
        let blocks = ids / 8;
        let slots = (2 * blocks).next_power_of_two();
        Self {
            slots: vec![(0, NONE); if slots > SMALLEST { slots } else { SMALLEST }],
            blocks: vec![[NONE; BLOCK]; blocks],
            live: vec![0; blocks],
            free: (0..blocks as u32).rev().collect(),
            used: 0,
            highest: 0,
            recent: (0, NONE),
        }
    }

    fn home(&self, block: u64) -> usize {
        (block.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32) as usize & (self.slots.len() - 1)
    }

    /// Slot of a block, or the free one where it belongs.
    fn seek(&self, block: u64) -> usize {
        let mask = self.slots.len() - 1;
        let mut at = self.home(block);
        while self.slots[at].1 != NONE && self.slots[at].0 != block {
            at = (at + 1) & mask;
        }
        at
    }

    /// The value of `id`, or [`NONE`].
    #[inline]
    pub(crate) fn get(&self, id: u64) -> u32 {
        if id > self.highest {
            return NONE;
        }
        let place = self.slots[self.seek(id >> 4)].1;
        if place == NONE { NONE } else { self.blocks[place as usize][(id & 15) as usize] }
    }

    /// Sets the value of `id`, which is not [`NONE`].
    pub(crate) fn set(&mut self, id: u64, value: u32) {
        let block = id >> 4;
        self.highest = if id > self.highest { id } else { self.highest };
        if self.recent.0 != block || self.recent.1 == NONE {
            self.recent = (block, self.open(block));
        }
        let place = self.recent.1 as usize;
        let before = std::mem::replace(&mut self.blocks[place][(id & 15) as usize], value);
        self.live[place] += u8::from(before == NONE);
    }

    /// Place of a block, made if it is not there.
    fn open(&mut self, block: u64) -> u32 {
        let mut at = self.seek(block);
        if self.slots[at].1 == NONE {
            if self.used * 2 >= self.slots.len() {
                self.grow();
                at = self.seek(block);
            }
            let place = self.free.pop().unwrap_or_else(|| {
                self.blocks.push([NONE; BLOCK]);
                self.live.push(0);
                (self.blocks.len() - 1) as u32
            });
            self.slots[at] = (block, place);
            self.used += 1;
        }
        self.slots[at].1
    }

    /// Takes `id` out; gives its value, or [`NONE`].
    pub(crate) fn remove(&mut self, id: u64) -> u32 {
        let at = self.seek(id >> 4);
        let place = self.slots[at].1;
        if place == NONE {
            return NONE;
        }
        let value = std::mem::replace(&mut self.blocks[place as usize][(id & 15) as usize], NONE);
        if value != NONE {
            self.live[place as usize] -= 1;
            if self.live[place as usize] == 0 {
                self.free.push(place);
                self.recent.1 = if self.recent.1 == place { NONE } else { self.recent.1 };
                self.close(at);
            }
        }
        value
    }

    /// Frees a slot and shifts later entries into the hole.
    fn close(&mut self, at: usize) {
        let mask = self.slots.len() - 1;
        let (mut hole, mut at) = (at, at);
        loop {
            at = (at + 1) & mask;
            let entry = self.slots[at];
            if entry.1 == NONE {
                break;
            }
            let distance = at.wrapping_sub(self.home(entry.0)) & mask;
            if distance >= (at.wrapping_sub(hole) & mask) {
                self.slots[hole] = entry;
                hole = at;
            }
        }
        self.slots[hole].1 = NONE;
        self.used -= 1;
    }

    fn grow(&mut self) {
        let larger = vec![(0, NONE); self.slots.len() * 2];
        let old = std::mem::replace(&mut self.slots, larger);
        for entry in old.into_iter().filter(|entry| entry.1 != NONE) {
            let at = self.seek(entry.0);
            self.slots[at] = entry;
        }
    }

    pub(crate) fn clear(&mut self) {
        *self = Self::new();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    proptest! {
        #[test]
        fn agrees_with_a_tree(
            steps in prop::collection::vec((0_u8..3, 0_u64..400, 0_u32..6), 0..600),
            stride in prop::sample::select(vec![1_u64, 64, 4096, 1 << 40]),
        ) {
            let (mut map, mut tree) = (IdMap::new(), BTreeMap::new());
            for (what, id, value) in steps {
                let id = id * stride;
                match what {
                    0 => prop_assert_eq!(map.remove(id), tree.remove(&id).unwrap_or(NONE)),
                    1 => { map.set(id, value); tree.insert(id, value); }
                    _ => prop_assert_eq!(map.get(id), tree.get(&id).copied().unwrap_or(NONE)),
                }
                let blocks: std::collections::BTreeSet<u64> = tree.keys().map(|id| id >> 4).collect();
                prop_assert_eq!(map.used, blocks.len());
            }
        }
    }
}
