//! A Merkle tree over the leaves of a day.
//!
//! Shape: RFC 6962, 2.1: a tree of `n > 1` leaves splits at the largest power of two below `n`; no leaf is doubled. Leaves
//! and nodes are hashed under domains of their own, so that a node cannot be passed off as a leaf.

use samebits_snapshot::{Digest, Hasher};

/// Joins two subtrees.
pub(crate) struct Nodes(Hasher);

impl Nodes {
    pub(crate) fn new() -> Self {
        Self(Hasher::new("samebits 2026 attest node"))
    }

    fn join(&self, left: &Digest, right: &Digest) -> Digest {
        let mut hasher = self.0.clone();
        hasher.part(32, [left.as_bytes().as_slice()]);
        hasher.part(32, [right.as_bytes().as_slice()]);
        hasher.finish()
    }

    /// The root over `leaves`; 32 zero bytes when there is none.
    pub(crate) fn root(&self, leaves: &[Digest]) -> Digest {
        match leaves {
            [] => Digest::default(),
            [one] => *one,
            _ => {
                let (left, right) = leaves.split_at(split(leaves.len() as u64) as usize);
                self.join(&self.root(left), &self.root(right))
            }
        }
    }

    /// The subtrees beside the way from leaf `index` to the root, the lowest first.
    pub(crate) fn path(&self, leaves: &[Digest], index: usize) -> Vec<Digest> {
        if leaves.len() < 2 {
            return Vec::new();
        }
        let at = split(leaves.len() as u64) as usize;
        let (left, right) = leaves.split_at(at);
        let (mut path, beside) = if index < at {
            (self.path(left, index), self.root(right))
        } else {
            (self.path(right, index - at), self.root(left))
        };
        path.push(beside);
        path
    }

    /// The root that `path` leads to from leaf `index` of `count`; `None` when the path is not as long as the tree is
    /// high there, or `index` is not below `count`.
    pub(crate) fn climb(&self, leaf: &Digest, index: u64, count: u64, path: &[Digest]) -> Option<Digest> {
        if index >= count {
            return None;
        }
        if count == 1 {
            return path.is_empty().then_some(*leaf);
        }
        let (beside, below) = path.split_last()?;
        let at = split(count);
        Some(if index < at {
            self.join(&self.climb(leaf, index, at, below)?, beside)
        } else {
            self.join(beside, &self.climb(leaf, index - at, count - at, below)?)
        })
    }
}

/// The largest power of two below `count`, which is at least 2.
fn split(count: u64) -> u64 {
    1 << (count - 1).ilog2()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leaves(count: u64) -> Vec<Digest> {
        (0..count).map(|at| Digest::of("test leaf", &at.to_le_bytes())).collect()
    }

    fn join(left: Digest, right: Digest) -> Digest {
        Digest::of_parts("samebits 2026 attest node", &[left.as_bytes(), right.as_bytes()])
    }

    #[test]
    fn splits() {
        for (count, at) in [(2, 1), (3, 2), (4, 2), (5, 4), (8, 4), (9, 8), (u64::MAX, 1 << 63)] {
            assert_eq!(split(count), at, "{count}");
        }
    }

    /// Seven leaves, written out: ((0 1)(2 3))((4 5) 6).
    #[test]
    fn the_shape_is_that_of_rfc_6962() {
        let l = leaves(7);
        let left = join(join(l[0], l[1]), join(l[2], l[3]));
        assert_eq!(Nodes::new().root(&l), join(left, join(join(l[4], l[5]), l[6])));
        assert_eq!(Nodes::new().root(&l[..3]), join(join(l[0], l[1]), l[2]));
        assert_eq!(Nodes::new().root(&l[..1]), l[0]);
    }

    /// Every leaf of every small tree is proven by its path, and by nothing else.
    #[test]
    fn paths_lead_to_the_root() {
        let nodes = Nodes::new();
        for count in 1..=33_u64 {
            let all = leaves(count);
            let root = nodes.root(&all);
            for index in 0..count {
                let leaf = all[index as usize];
                let path = nodes.path(&all, index as usize);
                let climb =
                    |leaf: &Digest, index, count, path: &[Digest]| nodes.climb(leaf, index, count, path);
                assert_eq!(climb(&leaf, index, count, &path), Some(root), "{index} of {count}");
                let other = Digest::of("test leaf", b"another");
                assert_ne!(climb(&other, index, count, &path), Some(root), "{index} of {count}");
                for wrong in (0..=count).filter(|wrong| *wrong != index) {
                    assert_ne!(
                        climb(&leaf, wrong, count, &path),
                        Some(root),
                        "{index} as {wrong} of {count}"
                    );
                }
                let mut longer = path.clone();
                longer.push(root);
                assert_eq!(climb(&leaf, index, count, &longer), None);
                if let Some((_, shorter)) = path.split_last() {
                    assert_eq!(climb(&leaf, index, count, shorter), None);
                }
            }
        }
        assert_eq!(nodes.climb(&root_of_none(), u64::MAX, u64::MAX, &[]), None);
    }

    fn root_of_none() -> Digest {
        Nodes::new().root(&[])
    }
}
