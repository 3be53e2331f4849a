//! The account in weights: what each lot is worth, what selling it costs in tax, what may be bought and sold.

mod bars;
mod budgets;
mod conflicts;
mod fifo;
mod lots;

pub use bars::NoBuy;
pub use budgets::UsedBudget;
pub(crate) use budgets::gain_budgets;
pub use conflicts::GroupConflict;
pub use lots::{Deferral, LotView, Place, ShortView};

use crate::{Error, Policy, Rules};
use samebits_snapshot::record::{Account, Law, LotRule, Market, Side};
use samebits_units::{Bps, Money, Qty, rate};

/// The account as the optimisation sees it. Weights are fractions of `nav`.
#[derive(Debug, Clone)]
pub struct Book {
    /// Cash plus holdings less what is owed.
    pub nav: Money,
    /// Weight held of each security, negative where it is owed.
    pub held: Vec<f64>,
    /// Weight that one share of each security stands for.
    pub share: Vec<f64>,
    /// Lots by security, in order of disposal: cheapest in tax first, then what leads into the piece of the tax, then
    /// earliest held, then lowest id.
    pub lots: Vec<Vec<LotView>>,
    /// Short lots by security, in order of covering.
    pub shorts: Vec<Vec<ShortView>>,
    /// Why a security may not be bought; `None` where it may.
    pub no_buy: Vec<Option<NoBuy>>,
    /// Whether a new short position may not be opened.
    pub no_short: Vec<bool>,
    /// Gain budgets that are used up: lots whose gain one of them [`UsedBudget::bars`] may not be closed.
    pub used_budgets: Vec<UsedBudget>,
    /// Harvest side of each security.
    pub sides: Vec<Side>,
    /// Least weight allowed in each security: zero, or minus the largest short position.
    pub lower: Vec<f64>,
    /// Most weight allowed in each security.
    pub upper: Vec<f64>,
}

/// What a further unit of gain is taxed at, and where it leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Marginal {
    /// In the short-term bucket.
    pub short_term: Bps,
    /// In the long-term bucket.
    pub long_term: Bps,
    /// What a unit of gain in either bucket adds to the room within the limits of the piece of the tax. Of lots that cost
    /// the same the one that adds most goes first: where a gain counts nothing, the limits would else be met by trading
    /// one such lot for another, in more than one way.
    pub inward: [i8; 2],
}

impl Marginal {
    /// What `gain` adds to that room; no negative zero, which orders before zero.
    pub(crate) fn room(&self, gain: f64, long_bucket: bool) -> f64 {
        f64::from(self.inward[usize::from(long_bucket)]) * gain + 0.0
    }
}

/// The account, its market and under which terms it is seen.
#[derive(Debug, Clone, Copy)]
pub struct Terms<'a> {
    /// The account after the day has opened.
    pub account: &'a Account,
    /// The market of the day.
    pub market: &'a Market,
    /// The law of the account.
    pub law: &'a Law,
    /// The parameters.
    pub policy: &'a Policy,
    /// Version of the rules.
    pub rules: Rules,
    /// Rates of the piece of the year's tax that is looked at.
    pub marginal: Marginal,
}

impl Terms<'_> {
    pub(crate) fn lot_rule(&self) -> LotRule {
        self.law.system.as_ref().map_or(LotRule::Specific, |system| system.lots)
    }

    fn group(&self, security: usize) -> u32 {
        self.market.securities[security].identity_group
    }
}

impl Book {
    /// Looks at the account with every conflict open: the names may be bought and their losses sold.
    ///
    /// # Errors
    /// Inputs that contradict each other, and an account without value.
    pub fn open(terms: &Terms<'_>) -> Result<Self, Error> {
        let market = terms.market;
        let n = market.securities.len();
        check_market(market)?;
        let mut values = vec![Money::ZERO; n];
        let positions = [
            ("account.lots", terms.account.lots.iter().map(|lot| (lot.security, lot.quantity)).collect()),
            ("account.shorts", terms.account.shorts.iter().map(|lot| (lot.security, lot.quantity)).collect()),
        ];
        for (what, lots) in positions {
            add_values(&mut values, market, what, lots)?;
        }
        let nav = terms.account.cash.plus(Money::total(values.iter().copied())?)?;
        if !nav.is_positive() {
            return Err(Error::NoValue { nav });
        }
        let (lots, shorts) = lots::views(terms, nav)?;
        let share = Qty::from_shares(1)?;
        let unit = market.prices.iter().map(|price| Ok(rate::fraction(price.value(share)?, nav)));
        let no_buy = bars::bars(terms)?;
        let excluded = |bar: &Option<NoBuy>| *bar == Some(NoBuy::Excluded);
        let barred = bars::no_short(terms)?.into_iter().zip(&no_buy);
        let no_short = barred.map(|(barred, bar)| barred || excluded(bar)).collect();
        let mut book = Self {
            nav,
            held: values.iter().map(|value| rate::fraction(*value, nav)).collect(),
            share: unit.collect::<Result<_, Error>>()?,
            lots,
            shorts,
            no_short,
            no_buy,
            used_budgets: Vec::new(),
            sides: vec![Side::Free; n],
            lower: vec![0.0; n],
            upper: Vec::new(),
        };
        if terms.rules >= Rules::Third {
            book.close_used_budgets(terms)?;
        }
        book.upper = (0..n).map(|i| book.upper_bound(i, terms.policy)).collect();
        book.lower = (0..n).map(|i| book.lower_bound(i, terms)).collect();
        Ok(book)
    }

    /// The cap of a name; never below what must be kept because it may not be sold.
    fn upper_bound(&self, i: usize, policy: &Policy) -> f64 {
        let excluded = self.no_buy[i] == Some(NoBuy::Excluded);
        let cap = if excluded { 0.0 } else { policy.weight_cap.unwrap_or(f64::INFINITY) };
        let glides = policy.weight_cap_glide && !excluded;
        let must_stay = |lot: &&LotView| glides || !lot.sellable;
        let kept = self.lots[i].iter().filter(must_stay).fold(0.0, |sum, lot| sum + lot.weight);
        samebits_canon::max(cap, kept)
    }

    /// Minus the largest short position; never above what must stay short because it may not be covered. A name that is not
    /// and may not be short has no bound under the third rules: its lots end at zero, and a bound on top of them would make
    /// every name that is sold out degenerate.
    fn lower_bound(&self, i: usize, terms: &Terms<'_>) -> f64 {
        if self.shorts[i].is_empty() {
            return match (self.no_short[i], terms.rules < Rules::Third) {
                (true, true) => 0.0,
                (true, false) => f64::NEG_INFINITY,
                (false, _) => -terms.policy.short_cap,
            };
        }
        let excluded = self.no_buy[i] == Some(NoBuy::Excluded);
        let cap = if excluded { 0.0 } else { -terms.policy.short_cap };
        let kept = self.shorts[i].iter().filter(|lot| !lot.coverable).fold(0.0, |sum, lot| sum - lot.weight);
        samebits_canon::min(cap, kept)
    }

    /// Weight of security `i` that may be sold.
    pub fn sellable(&self, i: usize) -> f64 {
        self.lots[i].iter().filter(|lot| lot.sellable).fold(0.0, |sum, lot| sum + lot.weight)
    }

    /// Whether security `i` is owed.
    pub fn is_short(&self, i: usize) -> bool {
        !self.shorts[i].is_empty()
    }
}

fn add_values(
    values: &mut [Money],
    market: &Market,
    what: &'static str,
    lots: Vec<(u32, Qty)>,
) -> Result<(), Error> {
    let n = values.len();
    for (index, (security, quantity)) in lots.into_iter().enumerate() {
        let security = security as usize;
        if security >= n {
            return Err(Error::Inconsistent { what, index, problem: format!("security {security} of {n}") });
        }
        let value = market.prices[security].value(quantity)?;
        values[security] = if what == "account.shorts" {
            values[security].minus(value)?
        } else {
            values[security].plus(value)?
        };
    }
    Ok(())
}

fn check_market(market: &Market) -> Result<(), Error> {
    let n = market.securities.len();
    for (what, found) in [
        ("market.prices", market.prices.len()),
        ("market.benchmark.weights", market.benchmark.weights.len()),
        ("market.borrow", market.borrow.len()),
    ] {
        if found != n {
            return Err(Error::Shape { what, found, expected: n });
        }
    }
    if let Some(index) = market.prices.iter().position(|price| !price.is_positive()) {
        let problem = format!("price {} is not positive", market.prices[index]);
        return Err(Error::Inconsistent { what: "market.prices", index, problem });
    }
    let sectors = market.sectors.len();
    if let Some(index) = market.securities.iter().position(|security| security.sector as usize >= sectors) {
        let problem = format!("sector {} of {sectors}", market.securities[index].sector);
        return Err(Error::Inconsistent { what: "market.securities", index, problem });
    }
    Ok(())
}
