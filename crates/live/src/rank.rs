//! Queue models by how well they explain live fills.

use crate::align::{Reconciled, Tolerances, reconcile};
use crate::fill::Fill;

/// A model and what it leaves unexplained.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ranked {
    /// Its name.
    pub model: String,
    /// The alignment of its fills.
    pub reconciled: Reconciled,
    /// Lots by which it differs from the live fills.
    pub lots_off: i128,
    /// Sum of absolute differences in time over matched and different fills, ns.
    pub time_off: i128,
}

/// Orders models: least lots off first, then least time off, then by name.
pub fn rank(live: &[Fill], models: Vec<(String, Vec<Fill>)>, tolerances: &Tolerances) -> Vec<Ranked> {
    let mut all: Vec<Ranked> = models
        .into_iter()
        .map(|(model, replayed)| {
            let reconciled = reconcile(live, &replayed, tolerances);
            let pairs = reconciled.matched.iter().chain(&reconciled.different);
            let time_off = pairs.map(|pair| i128::from(pair.time.unsigned_abs())).sum();
            Ranked { model, lots_off: reconciled.lots_off(), time_off, reconciled }
        })
        .collect();
    all.sort_by(|a, b| (a.lots_off, a.time_off, &a.model).cmp(&(b.lots_off, b.time_off, &b.model)));
    all
}
