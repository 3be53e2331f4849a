//! The Run as a problem again, and what every answer reads of it.

use crate::{Backend, Error};
use samebits_canon::Isa;
use samebits_qp::{Settings, Solver};
use samebits_rebalance::{Book, GainRow, Model, Seen, Slopes, Variable, see};
use samebits_snapshot::record::{LotRule, RowKind, Run, TradeSide};
use samebits_units::{Money, Qty, rate};

/// The Run as a problem again.
pub(crate) struct View<'a> {
    pub(crate) run: &'a Run,
    pub(crate) seen: Seen,
    /// The problem with every trade admitted that the policy knows: the terms of what was barred. Its rows are those of
    /// the recorded problem.
    pub(crate) wide: Model,
    pub(crate) slopes: Slopes,
    /// Price of a unit of gain by term, of gain budgets and of the piece of the year's tax.
    pub(crate) gain_prices: [f64; 2],
    pub(crate) kinds: Vec<RowKind>,
    /// Limits of the piece of the year's tax.
    pub(crate) gains: Vec<GainRow>,
    /// The Run's own solver.
    pub(crate) solver: Box<dyn Solver>,
    pub(crate) settings: Settings,
}

impl<'a> View<'a> {
    pub(crate) fn new(run: &'a Run, isa: Isa) -> Result<Self, Error> {
        let seen = see(&run.inputs, &run.method.rules, &run.outcome)?;
        let rows = seen.model.rows.iter().zip(&seen.model.problem.rows);
        let gains: Vec<GainRow> = rows
            .filter(|(tag, _)| tag.kind == RowKind::Netting)
            .map(|(tag, row)| {
                let [short, long] = tag.gains.unwrap_or_default();
                GainRow { name: tag.name.clone(), short: short as i8, long: long as i8, at_least: row.lower }
            })
            .collect();
        let terms = seen.terms(&run.inputs);
        let wide = Model::new(&run.inputs, &terms, &admitted(&seen), &gains)?;
        let slopes = Slopes::new(isa, &terms, &seen.model, &run.outcome)?;
        let mut gain_prices = [0.0; 2];
        for (tag, row) in seen.model.rows.iter().zip(&run.outcome.rows) {
            if let Some([short, long]) = tag.gains {
                gain_prices[0] += short * row.multiplier;
                gain_prices[1] += long * row.multiplier;
            }
        }
        Ok(Self {
            kinds: seen.model.rows.iter().map(|tag| tag.kind).collect(),
            solver: Backend::cpu(isa).solver(&run.method.solver, 1)?,
            settings: seen.rules.settings(&run.method),
            run,
            seen,
            wide,
            slopes,
            gain_prices,
            gains,
        })
    }

    pub(crate) fn ticker(&self, security: usize) -> &str {
        &self.run.inputs.market.securities[security].ticker
    }

    /// The security of this ticker.
    pub(crate) fn find(&self, ticker: &str) -> Result<usize, Error> {
        let names = self.run.inputs.market.securities.iter();
        let found = names.map(|security| &security.ticker).position(|own| own.eq_ignore_ascii_case(ticker));
        found.ok_or_else(|| Error::UnknownTicker { ticker: ticker.to_owned() })
    }

    pub(crate) fn group(&self, security: usize) -> u32 {
        self.run.inputs.market.securities[security].identity_group
    }

    pub(crate) fn lot_rule(&self) -> LotRule {
        self.seen.law.system.as_ref().map_or(LotRule::Specific, |system| system.lots)
    }

    /// Tax of a lot plus the prices of its gain: the key of the order of disposal.
    pub(crate) fn key(&self, tax: f64, gain: f64, long_bucket: bool) -> f64 {
        tax + self.gain_prices[usize::from(long_bucket)] * gain
    }

    /// The trades that lower a position of security `i` towards zero, in order of disposal.
    pub(crate) fn closing(&self, i: usize) -> Vec<Variable> {
        let (book, account) = (&self.seen.book, &self.seen.opened);
        if book.is_short(i) {
            let lots = &book.shorts[i];
            let mut ranks: Vec<usize> = (0..lots.len()).filter(|&rank| lots[rank].coverable).collect();
            let key = |rank: usize| self.key(lots[rank].tax, lots[rank].gain, lots[rank].long_bucket);
            let tie = |rank: usize| (account.shorts[lots[rank].index].opened, lots[rank].id);
            ranks.sort_by(|&a, &b| key(a).total_cmp(&key(b)).then_with(|| tie(a).cmp(&tie(b))));
            return ranks.into_iter().map(|rank| Variable::Cover { security: i, rank }).collect();
        }
        let lots = &book.lots[i];
        let mut ranks: Vec<usize> = (0..lots.len()).filter(|&rank| lots[rank].sellable).collect();
        if self.lot_rule() != LotRule::Fifo {
            let key = |rank: usize| self.key(lots[rank].tax, lots[rank].gain, lots[rank].long_bucket);
            let tie = |rank: usize| (account.lots[lots[rank].index].held_from, lots[rank].id);
            ranks.sort_by(|&a, &b| key(a).total_cmp(&key(b)).then_with(|| tie(a).cmp(&tie(b))));
        }
        ranks.into_iter().map(|rank| Variable::Sell { security: i, rank }).collect()
    }

    fn lot_weight(&self, variable: Variable) -> f64 {
        let book = &self.seen.book;
        match variable {
            Variable::Sell { security, rank } => book.lots[security][rank].weight,
            Variable::Cover { security, rank } => book.shorts[security][rank].weight,
            Variable::Buy { .. } | Variable::Short { .. } => f64::INFINITY,
        }
    }

    /// A change of weight of security `i` as trades: what closes in order of disposal, the rest opens.
    pub(crate) fn spread(&self, i: usize, change: f64) -> Vec<(Variable, f64)> {
        let short = self.seen.book.is_short(i);
        let mut left = samebits_canon::abs(change);
        let mut parts = Vec::new();
        if (change > 0.0) == short {
            for variable in self.closing(i) {
                let taken = samebits_canon::min(left, self.lot_weight(variable));
                parts.push((variable, taken));
                left -= taken;
            }
        }
        let opening =
            if change > 0.0 { Variable::Buy { security: i } } else { Variable::Short { security: i } };
        if left > 0.0 {
            parts.push((opening, left));
        }
        parts
    }

    /// Shares of security `i` that the decision ordered, purchases positive.
    pub(crate) fn ordered(&self, i: usize) -> Result<Qty, Error> {
        let outcome = &self.run.outcome;
        let signed = |side: TradeSide, quantity: Qty| {
            if side.pays() { Ok(quantity) } else { Qty::ZERO.minus(quantity) }
        };
        let mine = |security: u32| security as usize == i;
        let parts = if let Some(executed) = &outcome.execution {
            let fills = executed.fills.iter().filter(|fill| mine(fill.security));
            fills.map(|fill| signed(fill.side, fill.ordered)).collect::<Result<Vec<_>, _>>()?
        } else {
            let trades = outcome.trades.iter().filter(|trade| mine(trade.security));
            trades.map(|trade| signed(trade.side, trade.quantity)).collect::<Result<Vec<_>, _>>()?
        };
        Ok(Qty::total(parts)?)
    }

    /// Final weights, from the account before trading and the Run's trades.
    pub(crate) fn final_weights(&self) -> Vec<f64> {
        let mut weights = self.seen.book.held.clone();
        let prices = &self.run.inputs.market.prices;
        for trade in &self.run.outcome.trades {
            let i = trade.security as usize;
            let value = prices[i].value(trade.quantity).unwrap_or(Money::ZERO);
            let change = rate::fraction(value, self.seen.book.nav);
            weights[i] += if trade.side.pays() { change } else { -change };
        }
        weights
    }

    pub(crate) fn tracking_error_bp(&self, weights: &[f64]) -> f64 {
        let problem = &self.seen.model.problem;
        samebits_canon::max(problem.variance(&problem.active(weights)), 0.0).sqrt() * 1e4
    }
}

/// The book with nothing barred.
fn admitted(seen: &Seen) -> Book {
    let mut book = seen.book.clone();
    book.no_buy.fill(None);
    book.lots.iter_mut().flatten().for_each(|lot| lot.sellable = true);
    book.shorts.iter_mut().flatten().for_each(|lot| lot.coverable = true);
    if seen.policy.short_gross_max.is_some() {
        book.no_short.fill(false);
    }
    book
}
