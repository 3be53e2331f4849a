//! Budgets for gains, and what a used-up one bars.

use super::{Book, Terms, fifo};
use crate::Error;
use samebits_snapshot::record::LotRule;
use samebits_units::{Money, rate};

/// A budget for net realised gains of the tax year.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct GainBudget {
    /// Empty for gains of both terms, else the term.
    pub(crate) name: &'static str,
    /// What short-term and long-term gains count.
    pub(crate) weights: [f64; 2],
    /// What is left of it, as a fraction of net asset value; not negative.
    pub(crate) left: f64,
    /// The budget of the year.
    budget: Money,
    /// Net gains realised so far that count in it.
    used: Money,
}

/// A yearly gain budget that is used up, with no loss to make room in it: its gains may not be realised.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct UsedBudget {
    /// Empty for gains of both terms, else the term.
    pub name: &'static str,
    /// The budget of the year.
    pub budget: Money,
    /// Net gains realised so far that count in it.
    pub used: Money,
    weights: [f64; 2],
}

impl UsedBudget {
    /// Whether it keeps a lot of this gain from being closed.
    pub fn bars(&self, gain: f64, long_bucket: bool) -> bool {
        self.weights[usize::from(long_bucket)] * gain > 0.0
    }
}

/// A budget with less left is used up: no interior point method finds room in it.
const USED_UP: f64 = 1e-7;

/// The budgets of the policy.
pub(crate) fn gain_budgets(terms: &Terms<'_>, nav: Money) -> Result<Vec<GainBudget>, Error> {
    let [short, long] = terms.policy.gain_budget_by_term;
    let realised = terms.account.realised;
    let both = realised.short_term.plus(realised.long_term)?;
    let all = [
        ("", terms.policy.gain_budget, both, [1.0, 1.0]),
        ("short_term", short, realised.short_term, [1.0, 0.0]),
        ("long_term", long, realised.long_term, [0.0, 1.0]),
    ];
    let mut found = Vec::new();
    for (name, budget, used, weights) in all {
        let Some(budget) = budget else { continue };
        let left = rate::fraction(budget.minus(used)?.max(Money::ZERO), nav);
        found.push(GainBudget { name, weights, left, budget, used });
    }
    Ok(found)
}

impl Book {
    /// With a budget used up and no loss to make room in it, its gains may not be realised.
    pub(super) fn close_used_budgets(&mut self, terms: &Terms<'_>) -> Result<(), Error> {
        for budget in gain_budgets(terms, self.nav)? {
            let counted = |gain: f64, long: bool| budget.weights[usize::from(long)] * gain;
            let lots = self.lots.iter().flatten().filter(|lot| lot.sellable);
            let owed = self.shorts.iter().flatten().filter(|lot| lot.coverable);
            let gains = lots.map(|lot| counted(lot.gain, lot.long_bucket));
            let makes_room =
                gains.chain(owed.map(|lot| counted(lot.gain, lot.long_bucket))).any(|gain| gain < 0.0);
            if budget.left >= USED_UP || makes_room {
                continue;
            }
            let GainBudget { name, weights, budget, used, .. } = budget;
            let closed = UsedBudget { name, budget, used, weights };
            for lot in self.lots.iter_mut().flatten() {
                lot.sellable &= !closed.bars(lot.gain, lot.long_bucket);
            }
            if terms.lot_rule() == LotRule::Fifo {
                // A budget of one term leaves lots of the other, which wait behind those that it bars.
                self.lots.iter_mut().for_each(|lots| fifo::close(lots));
            }
            for lot in self.shorts.iter_mut().flatten() {
                lot.coverable &= !closed.bars(lot.gain, lot.long_bucket);
            }
            self.used_budgets.push(closed);
        }
        Ok(())
    }
}
