//! Names on one of two sides: a position made larger, or losses of it realised.

use super::{Book, NoBuy, Terms, fifo};
use samebits_snapshot::record::{LotRule, Side};
use samebits_units::rate;
use std::collections::BTreeMap;

/// A group on one of two sides: its position made larger, or its losses realised.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GroupConflict {
    /// Securities that could be bought.
    pub buyable: Vec<usize>,
    /// Lots worth harvesting: (security, rank).
    pub lots: Vec<(usize, usize)>,
    /// Securities that could be sold short.
    pub shortable: Vec<usize>,
    /// Short lots worth covering at a loss: (security, rank).
    pub shorts: Vec<(usize, usize)>,
}

impl GroupConflict {
    /// Only lots beside something that could be bought, and short lots beside something that could be sold short.
    fn settle(&mut self, buyable: Vec<usize>, shortable: Vec<usize>) {
        if !self.lots.is_empty() {
            self.buyable = buyable;
        }
        if self.buyable.is_empty() {
            self.lots.clear();
        }
        if !self.shorts.is_empty() {
            self.shortable = shortable;
        }
        if self.shortable.is_empty() {
            self.shorts.clear();
        }
    }

    /// The security that the conflict is recorded under.
    pub fn first(&self) -> usize {
        self.buyable.first().or(self.shortable.first()).copied().unwrap_or_default()
    }
}

impl Book {
    /// The groups that could be bought or have a loss worth harvesting sold, but not both; by their first security. In a
    /// group of several names any loss lot counts, because a purchase of one name would disallow the loss on another.
    /// Short positions likewise: sold short further, or covered at a loss.
    pub fn conflicts(&self, terms: &Terms<'_>) -> Vec<GroupConflict> {
        let round_trip = rate::factor(terms.policy.buy_cost) + rate::factor(terms.policy.sell_cost);
        let mut groups: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
        for i in 0..self.lots.len() {
            groups.entry(terms.group(i)).or_default().push(i);
        }
        let mut members: Vec<Vec<usize>> = groups.into_values().collect();
        members.sort_unstable_by_key(|group| group[0]);
        let mut found = Vec::new();
        for group in members {
            let shared = group.len() > 1;
            let worth = |tax: f64, gain: f64| tax < -round_trip || (shared && gain < 0.0);
            let mut conflict = GroupConflict::default();
            for &i in &group {
                let lots = self.lots[i].iter().enumerate();
                let kept = lots.filter(|(_, lot)| lot.sellable && worth(lot.tax, lot.gain));
                conflict.lots.extend(kept.map(|(rank, _)| (i, rank)));
                let shorts = self.shorts[i].iter().enumerate();
                let kept = shorts.filter(|(_, lot)| lot.coverable && worth(lot.tax, lot.gain));
                conflict.shorts.extend(kept.map(|(rank, _)| (i, rank)));
            }
            let buyable = group.iter().copied().filter(|&i| self.no_buy[i].is_none());
            let shortable = group.iter().copied().filter(|&i| !self.no_short[i]);
            conflict.settle(buyable.collect(), shortable.collect());
            if !conflict.buyable.is_empty() || !conflict.shortable.is_empty() {
                found.push(conflict);
            }
        }
        found
    }

    /// Bars what the other side of `conflict` would do.
    pub fn take_side(&mut self, conflict: &GroupConflict, side: Side, terms: &Terms<'_>) {
        for &i in conflict.buyable.iter().chain(&conflict.shortable) {
            self.sides[i] = side;
        }
        if side == Side::Sell {
            for &i in &conflict.buyable {
                self.no_buy[i] = Some(NoBuy::Harvest);
            }
            for &i in &conflict.shortable {
                self.no_short[i] = true;
            }
        }
        if side == Side::Buy {
            self.bar_sales(&conflict.lots, terms);
            for &(i, rank) in &conflict.shorts {
                self.shorts[i][rank].coverable = false;
                self.lower[i] = self.lower_bound(i, terms);
            }
        }
    }

    fn bar_sales(&mut self, lots: &[(usize, usize)], terms: &Terms<'_>) {
        for &(i, rank) in lots {
            self.lots[i][rank].sellable = false;
            if terms.lot_rule() == LotRule::Fifo {
                fifo::close(&mut self.lots[i]);
            }
            self.upper[i] = self.upper_bound(i, terms.policy);
        }
    }
}
