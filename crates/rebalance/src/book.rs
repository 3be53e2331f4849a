//! The account in weights: what each lot is worth, what selling it costs in tax, what may be bought and sold.

use crate::{Error, Policy};
use samebits_snapshot::record::{Account, Lot, Market, Side};
use samebits_units::{Money, Qty, rate};

/// A net gain below a hundredth of a cent a share may be a loss when part of the lot is sold: the parts are rounded.
const LOSS_MARGIN_MICROS_PER_SHARE: i64 = 100;

/// The account as the optimisation sees it. Weights are fractions of `nav`.
#[derive(Debug, Clone)]
pub struct Book {
    /// Cash plus holdings.
    pub nav: Money,
    /// Weight held of each security.
    pub held: Vec<f64>,
    /// Weight that one share of each security stands for.
    pub share: Vec<f64>,
    /// Lots by security, in order of disposal: cheapest in tax first, then earliest held, then lowest id.
    pub lots: Vec<Vec<LotView>>,
    /// Why a security may not be bought; `None` where it may.
    pub no_buy: Vec<Option<NoBuy>>,
    /// Harvest side of each security.
    pub sides: Vec<Side>,
    /// Most weight allowed in each security.
    pub upper: Vec<f64>,
}

/// A lot as the optimisation sees it.
#[derive(Debug, Clone, PartialEq)]
pub struct LotView {
    /// Its id.
    pub id: u64,
    /// Index into `Account::lots`.
    pub index: usize,
    /// Shares.
    pub quantity: Qty,
    /// Weight.
    pub weight: f64,
    /// Gain per unit of weight sold, after the cost of the sale: `(value - cost - basis) / value`.
    pub gain: f64,
    /// Tax per unit of weight sold: marginal rate of the term times `gain`, times the tax weight; negative is a benefit.
    pub tax: f64,
    /// Held long-term on the day.
    pub long_term: bool,
    /// Whether it may be sold; a loss may not be while replacement shares were bought in the window before.
    pub sellable: bool,
}

/// A group on one of two sides: bought, or with losses sold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupConflict {
    /// Securities that could be bought.
    pub buyable: Vec<usize>,
    /// Lots worth harvesting: (security, rank).
    pub lots: Vec<(usize, usize)>,
}

/// Why a security may not be bought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum NoBuy {
    /// A wash-sale lock of its group.
    Locked,
    /// The parameter `exclude`.
    Excluded,
    /// The parameter `no_buy`.
    Listed,
    /// A lot of its group is worth harvesting.
    Harvest,
}

impl Book {
    /// Looks at `account` (after the day has opened) under `policy`, every conflict on the sell side (rules 1).
    ///
    /// # Errors
    /// Inputs that contradict each other, and an account without value.
    pub fn new(account: &Account, market: &Market, policy: &Policy) -> Result<Self, Error> {
        let mut book = Self::open(account, market, policy)?;
        for conflict in book.conflicts(market, policy) {
            book.take_side(&conflict, Side::Sell, policy);
        }
        Ok(book)
    }

    /// Looks at `account` with every conflict open: the names may be bought and their losses sold.
    ///
    /// # Errors
    /// Inputs that contradict each other, and an account without value.
    pub fn open(account: &Account, market: &Market, policy: &Policy) -> Result<Self, Error> {
        let n = market.securities.len();
        check_market(market)?;
        let mut lots: Vec<Vec<LotView>> = vec![Vec::new(); n];
        let mut values = vec![Money::ZERO; n];
        for (index, lot) in account.lots.iter().enumerate() {
            let security = lot.security as usize;
            if security >= n {
                let problem = format!("security {security} of {n}");
                return Err(Error::Inconsistent { what: "account.lots", index, problem });
            }
            values[security] = values[security].plus(market.prices[security].value(lot.quantity)?)?;
        }
        let nav = account.cash.plus(Money::total(values.iter().copied())?)?;
        if !nav.is_positive() {
            return Err(Error::NoValue { nav });
        }
        for (index, lot) in account.lots.iter().enumerate() {
            lots[lot.security as usize].push(view(index, lot, account, market, policy, nav)?);
        }
        for own in &mut lots {
            let key = |lot: &LotView| (account.lots[lot.index].held_from, lot.id);
            own.sort_by(|a, b| a.tax.total_cmp(&b.tax).then_with(|| key(a).cmp(&key(b))));
        }
        let share = Qty::from_shares(1)?;
        let unit = market.prices.iter().map(|price| Ok(rate::fraction(price.value(share)?, nav)));
        let mut book = Self {
            nav,
            held: values.iter().map(|value| rate::fraction(*value, nav)).collect(),
            share: unit.collect::<Result<_, Error>>()?,
            lots,
            no_buy: bars(account, market, policy)?,
            sides: vec![Side::Free; n],
            upper: Vec::new(),
        };
        book.upper = (0..n).map(|i| book.upper_bound(i, policy)).collect();
        Ok(book)
    }

    /// The groups that could be bought or have a loss worth harvesting sold, but not both; by their first security. In a
    /// group of several names any loss lot counts, because a purchase of one name would disallow the loss on another.
    pub fn conflicts(&self, market: &Market, policy: &Policy) -> Vec<GroupConflict> {
        let round_trip = rate::factor(policy.buy_cost) + rate::factor(policy.sell_cost);
        let group = |i: usize| market.securities[i].identity_group;
        let mut found = Vec::new();
        for i in 0..self.lots.len() {
            let members: Vec<usize> = (0..self.lots.len()).filter(|&j| group(j) == group(i)).collect();
            if members[0] != i {
                continue;
            }
            let shared = members.len() > 1;
            let worth = |lot: &LotView| lot.sellable && (lot.tax < -round_trip || (shared && lot.gain < 0.0));
            let own = |j: &usize| {
                let ranks = (0..self.lots[*j].len()).filter(|&rank| worth(&self.lots[*j][rank]));
                ranks.map(|rank| (*j, rank)).collect::<Vec<_>>()
            };
            let lots: Vec<(usize, usize)> = members.iter().flat_map(own).collect();
            let buyable: Vec<usize> = members.into_iter().filter(|&j| self.no_buy[j].is_none()).collect();
            if !lots.is_empty() && !buyable.is_empty() {
                found.push(GroupConflict { buyable, lots });
            }
        }
        found
    }

    /// Bars what the other side of `conflict` would do.
    pub fn take_side(&mut self, conflict: &GroupConflict, side: Side, policy: &Policy) {
        for &i in &conflict.buyable {
            self.sides[i] = side;
            if side == Side::Sell {
                self.no_buy[i] = Some(NoBuy::Harvest);
            }
        }
        if side == Side::Buy {
            for &(i, rank) in &conflict.lots {
                self.lots[i][rank].sellable = false;
                self.upper[i] = self.upper_bound(i, policy);
            }
        }
    }

    /// The cap of a name; never below what must be kept because it may not be sold.
    fn upper_bound(&self, i: usize, policy: &Policy) -> f64 {
        let excluded = self.no_buy[i] == Some(NoBuy::Excluded);
        let cap = if excluded { 0.0 } else { policy.weight_cap.unwrap_or(f64::INFINITY) };
        let kept = self.lots[i].iter().filter(|lot| !lot.sellable).fold(0.0, |sum, lot| sum + lot.weight);
        samebits_canon::max(cap, kept)
    }

    /// Weight of security `i` that may be sold.
    pub fn sellable(&self, i: usize) -> f64 {
        self.lots[i].iter().filter(|lot| lot.sellable).fold(0.0, |sum, lot| sum + lot.weight)
    }
}

fn view(
    index: usize,
    lot: &Lot,
    account: &Account,
    market: &Market,
    policy: &Policy,
    nav: Money,
) -> Result<LotView, Error> {
    let value = market.prices[lot.security as usize].value(lot.quantity)?;
    if !lot.quantity.is_positive() || !value.is_positive() {
        let problem = format!("quantity {} worth {value}", lot.quantity);
        return Err(Error::Inconsistent { what: "account.lots", index, problem });
    }
    let long_term = samebits_ledger::is_long_term(lot.held_from, market.as_of, &market.law)?;
    let marginal = if long_term { account.rates.long_term } else { account.rates.short_term };
    let net = value.minus(value.times(policy.sell_cost)?)?.minus(lot.basis)?;
    let gain = rate::fraction(net, value);
    let maybe_loss = net.micros() < lot.quantity.whole_shares().saturating_mul(LOSS_MARGIN_MICROS_PER_SHARE);
    let loss_barred =
        maybe_loss && !policy.loss_sale_with_recent_purchase && recent_purchase(lot, account, market)?;
    Ok(LotView {
        id: lot.id,
        index,
        quantity: lot.quantity,
        weight: rate::fraction(value, nav),
        gain,
        tax: policy.tax_weight * (rate::factor(marginal) * gain),
        long_term,
        sellable: !loss_barred,
    })
}

/// Whether shares of the lot's group were bought within the wash-sale window before the day.
fn recent_purchase(lot: &Lot, account: &Account, market: &Market) -> Result<bool, Error> {
    let group =
        |security: u32| market.securities.get(security as usize).map(|security| security.identity_group);
    let first = market.as_of.plus_days(-market.law.wash_days)?;
    let own = group(lot.security);
    Ok(account.lots.iter().any(|other| group(other.security) == own && other.acquired >= first))
}

fn bars(account: &Account, market: &Market, policy: &Policy) -> Result<Vec<Option<NoBuy>>, Error> {
    let mut bars = vec![None; market.securities.len()];
    for (bar, security) in bars.iter_mut().zip(&market.securities) {
        let locked = |lock: &&samebits_snapshot::record::Lock| {
            lock.group == security.identity_group && market.as_of <= lock.last
        };
        if account.locks.iter().find(locked).is_some() {
            *bar = Some(NoBuy::Locked);
        }
    }
    for (name, list, bar) in
        [("no_buy", &policy.no_buy, NoBuy::Listed), ("exclude", &policy.exclude, NoBuy::Excluded)]
    {
        for ticker in list {
            let found = market.securities.iter().position(|security| security.ticker == *ticker);
            let unknown = || Error::UnknownTicker { name, ticker: ticker.clone(), as_of: market.as_of };
            bars[found.ok_or_else(unknown)?] = Some(bar);
        }
    }
    Ok(bars)
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
