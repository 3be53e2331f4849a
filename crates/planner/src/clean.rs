//! The solver's trades as trades: no dust, nothing oversold, nothing bought and sold at a gain in one period.

use crate::Transition;
use crate::account::Trades;
use samebits_canon::min;

/// Trades below this are none (5 hundredths of a unit in 50 million).
const DUST: f64 = 1e-9;
/// Below this the smaller side of a conflict is the solver's rounding.
const FAINT: f64 = 1e-6;

/// A name that is bought in a period in which losses of it are realised.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Conflict {
    pub(crate) period: usize,
    pub(crate) name: usize,
    pub(crate) bought: f64,
    pub(crate) sold: f64,
}

impl Conflict {
    /// Whether one side is only rounding.
    pub(crate) fn faint(&self) -> bool {
        min(self.bought, self.sold) < FAINT
    }
}

/// Cleans the trades; what is left of buying and selling at a loss in one period is returned as conflicts.
pub(crate) fn clean(transition: &Transition, raw: &[Trades]) -> (Vec<Trades>, Vec<Conflict>) {
    let mut trades = raw.to_vec();
    for (period, own) in trades.iter_mut().enumerate() {
        for buy in &mut own.buys {
            *buy = if *buy < DUST { 0.0 } else { *buy };
        }
        for sale in &mut own.sales {
            *sale = if *sale < DUST { 0.0 } else { *sale };
        }
        net_gains(transition, period, own);
    }
    for (lot, held) in transition.lots.iter().enumerate() {
        let mut left = held.weight;
        for own in &mut trades {
            let sold = min(own.sales[lot], left);
            own.sales[lot] = if sold > 0.0 && left - sold < DUST { left } else { sold };
            left -= own.sales[lot];
        }
    }
    let conflicts = conflicts(transition, &trades);
    (trades, conflicts)
}

/// Takes back what is bought and sold at a gain in one period: the same weights for less tax, gain and cost. The dearest
/// tax first, then the lowest lot.
fn net_gains(transition: &Transition, period: usize, own: &mut Trades) {
    let mut lots: Vec<usize> = (0..transition.lots.len())
        .filter(|l| transition.lots[*l].gain >= 0.0 && own.sales[*l] > 0.0)
        .collect();
    lots.sort_by(|a, b| transition.tax(period, *b).total_cmp(&transition.tax(period, *a)));
    for lot in lots {
        let buy = &mut own.buys[transition.lots[lot].name];
        let both = min(*buy, own.sales[lot]);
        *buy -= both;
        own.sales[lot] -= both;
    }
}

fn conflicts(transition: &Transition, trades: &[Trades]) -> Vec<Conflict> {
    let mut out = Vec::new();
    for (period, own) in trades.iter().enumerate() {
        let mut losses = vec![0.0; transition.names()];
        for (lot, sold) in transition.lots.iter().zip(&own.sales) {
            if lot.gain < 0.0 {
                losses[lot.name] += sold;
            }
        }
        for (name, (sold, bought)) in losses.into_iter().zip(&own.buys).enumerate() {
            if sold > 0.0 && *bought > 0.0 {
                out.push(Conflict { period, name, bought: *bought, sold });
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::two_names;

    #[test]
    fn gains_are_netted_and_losses_are_conflicts() {
        let mut question = two_names(1);
        let raw = |sale: f64, buy: f64| vec![Trades { sales: vec![sale, 0.0], buys: vec![buy, 0.0] }];
        let cases = [
            (0.3, 0.1, 0.3 - 0.1, 0.0),
            (0.1, 0.3, 0.0, 0.3 - 0.1),
            (1e-10, 0.3, 0.0, 0.3),
            (0.9, 0.0, question.lots[0].weight, 0.0),
            (question.lots[0].weight - 1e-10, 0.0, question.lots[0].weight, 0.0),
        ];
        for (sale, buy, sold, bought) in cases {
            let (trades, found) = clean(&question, &raw(sale, buy));
            assert!(found.is_empty());
            assert_eq!((trades[0].sales[0], trades[0].buys[0]), (sold, bought), "{sale} {buy}");
        }
        question.lots[0].gain = -0.2;
        let (_, found) = clean(&question, &raw(0.3, 0.1));
        assert_eq!(found, [Conflict { period: 0, name: 0, bought: 0.1, sold: 0.3 }]);
        assert!(!found[0].faint());
    }
}
