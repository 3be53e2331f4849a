//! Lots as the optimisation sees them.

use super::{Book, Terms, fifo};
use crate::{Error, Rules};
use samebits_snapshot::record::{Lot, LotRule, ShortLot, WashRule};
use samebits_units::{Bps, Date, Money, Qty, rate};
use std::collections::BTreeMap;

/// A net gain below a hundredth of a cent a share may be a loss when part of the lot is sold: the parts are rounded.
const LOSS_MARGIN_MICROS_PER_SHARE: i64 = 100;

/// Where a purchase, or a short sale, was made that a loss beside it is deferred by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// In the account.
    Account,
    /// In another account of the holder: index into `Account::outside`.
    Outside(usize),
}

/// A loss that the wash-sale rule of the law would defer, at least in part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deferral {
    /// The last day within the window before on which shares of the group were bought, or for a short lot sold short.
    pub day: Date,
    /// Where that was; the account itself before others of the holder.
    pub place: Place,
    /// The loss counts nothing today: the lot's tax is zero in the place of a benefit.
    pub uncounted: bool,
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
    /// Gain of the whole lot, after the cost of the sale: `value - cost - basis`.
    pub net: Money,
    /// Gain per unit of weight sold: `net / value`.
    pub gain: f64,
    /// Tax per unit of weight sold: marginal rate of the bucket times `gain`, times the tax weight; negative is a benefit.
    pub tax: f64,
    /// Held long-term on the day.
    pub long_term: bool,
    /// Its result counts as long-term.
    pub long_bucket: bool,
    /// The recent purchase that defers its loss, where it may be a loss.
    pub deferral: Option<Deferral>,
    /// Whether it may be sold; under rules before the third a deferred loss may not be.
    pub sellable: bool,
}

/// A short lot as the optimisation sees it.
#[derive(Debug, Clone, PartialEq)]
pub struct ShortView {
    /// Its id.
    pub id: u64,
    /// Index into `Account::shorts`.
    pub index: usize,
    /// Shares owed.
    pub quantity: Qty,
    /// Weight of the shares owed, positive.
    pub weight: f64,
    /// Gain of the whole lot, after the cost of the purchase.
    pub net: Money,
    /// Gain per unit of weight covered: `net / value`.
    pub gain: f64,
    /// Tax per unit of weight covered.
    pub tax: f64,
    /// Its result counts as long-term.
    pub long_bucket: bool,
    /// The recent short sale that defers its loss, where it may be a loss.
    pub deferral: Option<Deferral>,
    /// Whether it may be covered; under rules before the third a deferred loss may not be.
    pub coverable: bool,
}

/// Lots by security, in order of disposal.
type BySecurity<T> = Vec<Vec<T>>;

/// Lots and short lots by security, in order of disposal.
pub(super) fn views(
    terms: &Terms<'_>,
    nav: Money,
) -> Result<(BySecurity<LotView>, BySecurity<ShortView>), Error> {
    let n = terms.market.securities.len();
    let (account, recent) = (terms.account, Recent::new(terms)?);
    let mut lots: Vec<Vec<LotView>> = vec![Vec::new(); n];
    for (index, lot) in account.lots.iter().enumerate() {
        lots[lot.security as usize].push(view(terms, index, lot, nav, &recent)?);
    }
    for own in &mut lots {
        if terms.lot_rule() == LotRule::Fifo {
            own.sort_by_key(|lot| (account.lots[lot.index].acquired, lot.id));
            fifo::envelope(own);
        } else {
            let room = |lot: &LotView| terms.marginal.room(lot.gain, lot.long_bucket);
            let key = |lot: &LotView| (account.lots[lot.index].held_from, lot.id);
            let tied =
                |a: &LotView, b: &LotView| room(b).total_cmp(&room(a)).then_with(|| key(a).cmp(&key(b)));
            own.sort_by(|a, b| a.tax.total_cmp(&b.tax).then_with(|| tied(a, b)));
        }
    }
    let mut shorts: Vec<Vec<ShortView>> = vec![Vec::new(); n];
    for (index, lot) in account.shorts.iter().enumerate() {
        shorts[lot.security as usize].push(short_view(terms, index, lot, nav, &recent)?);
    }
    for own in &mut shorts {
        let room = |lot: &ShortView| terms.marginal.room(lot.gain, lot.long_bucket);
        let key = |lot: &ShortView| (account.shorts[lot.index].opened, lot.id);
        let tied =
            |a: &ShortView, b: &ShortView| room(b).total_cmp(&room(a)).then_with(|| key(a).cmp(&key(b)));
        own.sort_by(|a, b| a.tax.total_cmp(&b.tax).then_with(|| tied(a, b)));
    }
    Ok((lots, shorts))
}

impl Book {
    /// Ranks of the lots of security `i` that may be closed, long and short, in order of disposal: by tax plus the price of
    /// the gain budgets times the gain, then what leads into the piece of the tax, then start of holding, then id; first in, first out where the law says so.
    pub(crate) fn disposal(&self, i: usize, terms: &Terms<'_>, gain_prices: [f64; 2]) -> [Vec<usize>; 2] {
        let price = |tax: f64, gain: f64, long: bool| tax + gain_prices[usize::from(long)] * gain;
        let lots = &self.lots[i];
        let mut long: Vec<usize> = (0..lots.len()).filter(|&rank| lots[rank].sellable).collect();
        if terms.lot_rule() != LotRule::Fifo {
            let key = |rank: usize| price(lots[rank].tax, lots[rank].gain, lots[rank].long_bucket);
            let room = |rank: usize| terms.marginal.room(lots[rank].gain, lots[rank].long_bucket);
            let tie = |rank: usize| (terms.account.lots[lots[rank].index].held_from, lots[rank].id);
            let tied = |a: usize, b: usize| room(b).total_cmp(&room(a)).then_with(|| tie(a).cmp(&tie(b)));
            long.sort_by(|&a, &b| key(a).total_cmp(&key(b)).then_with(|| tied(a, b)));
        }
        let owed = &self.shorts[i];
        let mut short: Vec<usize> = (0..owed.len()).filter(|&rank| owed[rank].coverable).collect();
        let key = |rank: usize| price(owed[rank].tax, owed[rank].gain, owed[rank].long_bucket);
        let room = |rank: usize| terms.marginal.room(owed[rank].gain, owed[rank].long_bucket);
        let tie = |rank: usize| (terms.account.shorts[owed[rank].index].opened, owed[rank].id);
        let tied = |a: usize, b: usize| room(b).total_cmp(&room(a)).then_with(|| tie(a).cmp(&tie(b)));
        short.sort_by(|&a, &b| key(a).total_cmp(&key(b)).then_with(|| tied(a, b)));
        [long, short]
    }
}

/// The last purchase, or short sale, of each group within the wash-sale window before the day.
struct Recent {
    bought: BTreeMap<u32, (Date, Place)>,
    shorted: BTreeMap<u32, (Date, Place)>,
}

impl Recent {
    fn new(terms: &Terms<'_>) -> Result<Self, Error> {
        let first = terms.market.as_of.plus_days(-terms.law.wash_days)?;
        let account = terms.account;
        let here = |security: u32, day: Date| (security, day, Place::Account);
        let lots = account.lots.iter().map(|lot| here(lot.security, lot.acquired));
        // Average-cost lots keep the day of their first purchase; later ones are in `recent`.
        let pooled = account.recent.iter().map(|bought| here(bought.security, bought.acquired));
        let outside = account.outside.iter().enumerate();
        let outside = outside.map(|(at, bought)| (bought.security, bought.acquired, Place::Outside(at)));
        let shorts = account.shorts.iter().map(|lot| here(lot.security, lot.opened));
        Ok(Self {
            bought: last(terms, first, lots.chain(pooled).chain(outside)),
            shorted: last(terms, first, shorts),
        })
    }
}

/// The last of `trades` from `first` on, by group; of one day the earlier in the list.
fn last(
    terms: &Terms<'_>,
    first: Date,
    trades: impl Iterator<Item = (u32, Date, Place)>,
) -> BTreeMap<u32, (Date, Place)> {
    let mut found: BTreeMap<u32, (Date, Place)> = BTreeMap::new();
    for (security, day, place) in trades.filter(|trade| trade.1 >= first) {
        let Some(security) = terms.market.securities.get(security as usize) else { continue };
        let known = found.entry(security.identity_group).or_insert((day, place));
        if day > known.0 {
            *known = (day, place);
        }
    }
    found
}

/// Whether a loss beside a purchase is of any harm under the law.
fn washes(terms: &Terms<'_>) -> bool {
    terms.law.system.as_ref().is_none_or(|system| system.wash != WashRule::None)
}

fn view(terms: &Terms<'_>, index: usize, lot: &Lot, nav: Money, recent: &Recent) -> Result<LotView, Error> {
    let Terms { market, policy, law, .. } = *terms;
    let security = lot.security as usize;
    let value = market.prices[security].value(lot.quantity)?;
    if !lot.quantity.is_positive() || !value.is_positive() {
        let problem = format!("quantity {} worth {value}", lot.quantity);
        return Err(Error::Inconsistent { what: "account.lots", index, problem });
    }
    let long_term = samebits_ledger::is_long_term(lot.held_from, market.as_of, law)?;
    let proceeds = value.minus(value.times(policy.sell_cost)?)?;
    let net = proceeds.minus(samebits_ledger::counted_basis(lot, value, law)?)?;
    let gain = rate::fraction(net, value);
    let maybe_loss = net.micros() < lot.quantity.whole_shares().saturating_mul(LOSS_MARGIN_MICROS_PER_SHARE);
    let beside = recent.bought.get(&terms.group(security)).filter(|_| maybe_loss && washes(terms));
    let long_bucket = samebits_tax::bucket(law, long_term, net);
    let mut tax = rate::factor(marginal(terms, long_bucket)) * gain;
    if let Some(saved) = waiting(terms, lot, gain, long_term)? {
        tax += saved;
    }
    let (tax, deferral) = worth_now(terms, tax, beside);
    Ok(LotView {
        id: lot.id,
        index,
        quantity: lot.quantity,
        weight: rate::fraction(value, nav),
        net,
        gain,
        tax: policy.tax_weight * tax,
        long_term,
        long_bucket,
        deferral,
        sellable: deferral.is_none() || may_defer(terms),
    })
}

/// Whether a lot may be sold although its loss would be disallowed. Under the third rules it always may: cash has to be
/// raised, and gross limits kept, when every lot is a recent one at a loss.
fn may_defer(terms: &Terms<'_>) -> bool {
    terms.rules >= Rules::Third || terms.policy.loss_sale_with_recent_purchase
}

/// What `tax` counts today beside a recent purchase. A loss is disallowed, at least in part, and comes back with the
/// replacement: under the third rules it is worth nothing today. The rules before count it in full.
fn worth_now(terms: &Terms<'_>, tax: f64, beside: Option<&(Date, Place)>) -> (f64, Option<Deferral>) {
    let Some(&(day, place)) = beside else { return (tax, None) };
    let third = terms.rules >= Rules::Third;
    let deferral = Deferral { day, place, uncounted: third && tax < 0.0 };
    (if third { samebits_canon::max(tax, 0.0) } else { tax }, Some(deferral))
}

fn marginal(terms: &Terms<'_>, long_bucket: bool) -> Bps {
    if long_bucket { terms.marginal.long_term } else { terms.marginal.short_term }
}

/// What waiting for the long-term rate would save, per unit of weight, when it is near: the step of the rate on the gain
/// less the cost of waiting so long. Nothing for losses, and under rules before the third.
fn waiting(terms: &Terms<'_>, lot: &Lot, gain: f64, long_term: bool) -> Result<Option<f64>, Error> {
    let Terms { law, policy, market, .. } = *terms;
    let averaged = terms.lot_rule() == LotRule::Average;
    if terms.rules < Rules::Third || long_term || averaged || gain <= 0.0 {
        return Ok(None);
    }
    // A year has at least 365 days: far from its term a lot needs no calendar.
    let least = i64::from(law.long_term_years) * 365 + 1 - i64::from(market.as_of.days_since(lot.held_from));
    if law.long_term_years > 0 && least > policy.wait_days {
        return Ok(None);
    }
    let first_long = lot.held_from.plus_years(law.long_term_years)?.plus_days(1)?;
    let days = i64::from(first_long.days_since(market.as_of));
    if days > policy.wait_days {
        return Ok(None);
    }
    let step = rate::factor(terms.marginal.short_term) - rate::factor(terms.marginal.long_term);
    let saved = step * gain - rate::factor(policy.wait_cost) * days as f64;
    Ok((saved > 0.0).then_some(saved))
}

fn short_view(
    terms: &Terms<'_>,
    index: usize,
    lot: &ShortLot,
    nav: Money,
    recent: &Recent,
) -> Result<ShortView, Error> {
    let Terms { market, policy, law, .. } = *terms;
    let security = lot.security as usize;
    let value = market.prices[security].value(lot.quantity)?;
    if !lot.quantity.is_positive() || !value.is_positive() {
        let problem = format!("quantity {} worth {value}", lot.quantity);
        return Err(Error::Inconsistent { what: "account.shorts", index, problem });
    }
    let paid = value.plus(value.times(policy.buy_cost)?)?;
    let net = lot.proceeds.minus(paid)?;
    let gain = rate::fraction(net, value);
    let maybe_loss = net.micros() < lot.quantity.whole_shares().saturating_mul(LOSS_MARGIN_MICROS_PER_SHARE);
    let beside = recent.shorted.get(&terms.group(security)).filter(|_| maybe_loss && washes(terms));
    let long_bucket = samebits_tax::bucket(law, lot.against_long_term && net.is_negative(), net);
    let tax = rate::factor(marginal(terms, long_bucket)) * gain;
    let (tax, deferral) = worth_now(terms, tax, beside);
    Ok(ShortView {
        id: lot.id,
        index,
        quantity: lot.quantity,
        weight: rate::fraction(value, nav),
        net,
        gain,
        tax: policy.tax_weight * tax,
        long_bucket,
        deferral,
        coverable: deferral.is_none() || may_defer(terms),
    })
}
