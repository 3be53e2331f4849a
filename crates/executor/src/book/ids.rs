//! From order ids to places in the node pool.

/// No place.
pub(crate) const NONE: u32 = u32::MAX;
/// Slots of an empty map.
const SMALLEST: usize = 256;

/// An open-addressing map from `u64` to `u32` whose answers depend on nothing but its content.
///
/// Ids that follow each other lie side by side (venues number orders in sequence), blocks of 64 are scattered. It has no
/// iteration, so no order can leak out of it. Removal shifts later entries back: no tombstones, no growth without need.
#[derive(Debug, Clone)]
pub(crate) struct IdMap {
    slots: Vec<(u64, u32)>,
    used: usize,
}

impl IdMap {
    pub(crate) fn new() -> Self {
        Self { slots: vec![(0, NONE); SMALLEST], used: 0 }
    }

    fn home(&self, id: u64) -> usize {
        let block = (id >> 6).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 26;
        ((block << 6 | id & 63) as usize) & (self.slots.len() - 1)
    }

    fn place(&self, id: u64) -> (usize, bool) {
        let mask = self.slots.len() - 1;
        let mut at = self.home(id);
        loop {
            let (key, value) = self.slots[at];
            if value == NONE {
                return (at, false);
            }
            if key == id {
                return (at, true);
            }
            at = (at + 1) & mask;
        }
    }

    /// The value of `id`, or [`NONE`].
    pub(crate) fn get(&self, id: u64) -> u32 {
        let (at, found) = self.place(id);
        if found { self.slots[at].1 } else { NONE }
    }

    /// Sets the value of `id`, which is not [`NONE`].
    pub(crate) fn set(&mut self, id: u64, value: u32) {
        if self.used * 2 >= self.slots.len() {
            self.grow();
        }
        let (at, found) = self.place(id);
        self.slots[at] = (id, value);
        self.used += usize::from(!found);
    }

    /// Takes `id` out; gives its value, or [`NONE`].
    pub(crate) fn remove(&mut self, id: u64) -> u32 {
        let (mut hole, found) = self.place(id);
        if !found {
            return NONE;
        }
        let value = self.slots[hole].1;
        let mask = self.slots.len() - 1;
        let mut at = hole;
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
        value
    }

    fn grow(&mut self) {
        let larger = vec![(0, NONE); self.slots.len() * 2];
        let old = std::mem::replace(&mut self.slots, larger);
        for (id, value) in old.into_iter().filter(|(_, value)| *value != NONE) {
            let (at, _) = self.place(id);
            self.slots[at] = (id, value);
        }
    }

    pub(crate) fn clear(&mut self) {
        self.slots.fill((0, NONE));
        self.used = 0;
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
                prop_assert_eq!(map.used, tree.len());
            }
        }
    }
}
