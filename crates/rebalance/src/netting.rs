//! The tax of the year, piece by piece (rules 3).
//!
//! The tax `T(S, L)` of a year's short-term and long-term results is linear on each of a few pieces of the plane
//! (`samebits_tax`). On one piece the problem of the day is the usual one with the rates of the piece and with rows that
//! keep the year's results inside it; the decision is the best over all pieces that the day can reach. That is exact
//! whatever the shape of `T`: netting of losses against gains of the other term, a limited deduction, an exempt amount.

use crate::book::{Book, Marginal, Terms};
use crate::{Error, Policy};
use samebits_snapshot::record::{Account, Law};
use samebits_tax::Piece;
use samebits_units::{Bps, Money, rate};

/// `short` times the short-term gain of the day plus `long` times the long-term one is at least `at_least`, a fraction of
/// net asset value.
#[derive(Debug, Clone, PartialEq)]
pub struct GainRow {
    /// The piece that the row belongs to.
    pub name: String,
    /// -1, 0 or 1.
    pub short: i8,
    /// -1, 0 or 1.
    pub long: i8,
    /// The limit.
    pub at_least: f64,
}

/// A piece that the day can reach.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Reachable {
    pub(crate) name: String,
    pub(crate) marginal: Marginal,
    /// Tax of the piece at the year's results before the day, less the tax there: what the linear tax of the piece leaves
    /// out, as a fraction of net asset value.
    pub(crate) offset: f64,
    /// The limits of the piece that the day could leave.
    pub(crate) rows: Vec<GainRow>,
    /// The results before the day lie in the piece.
    pub(crate) holds_now: bool,
}

impl Reachable {
    /// Prices for the rows of this piece, as multipliers of the problem, that turn its tax into that of `other` where that
    /// can be done with prices of the right sign (the tax is convex across their border); zero where it cannot. With them
    /// the bound over this piece is the bound over the other one.
    pub(crate) fn prices_beside(&self, other: &Self, policy: &Policy) -> Vec<f64> {
        let rates =
            |marginal: &Marginal| [rate::factor(marginal.short_term), rate::factor(marginal.long_term)];
        let ([short, long], [beside_short, beside_long]) = (rates(&self.marginal), rates(&other.marginal));
        let step = [short - beside_short, long - beside_long];
        let mut prices = vec![0.0; self.rows.len()];
        for (price, row) in prices.iter_mut().zip(&self.rows) {
            let along = [f64::from(row.short), f64::from(row.long)];
            let size = along[0] * along[0] + along[1] * along[1];
            let y = (step[0] * along[0] + step[1] * along[1]) / size;
            let left = [step[0] - y * along[0], step[1] - y * along[1]];
            if y > 0.0 && left.iter().all(|left| samebits_canon::abs(*left) < 1e-12) {
                // A price of a lower limit is negative.
                *price = -(policy.tax_weight * y);
                break;
            }
        }
        prices
    }
}

/// The results of the year before the day by term: realised and declared outside, less losses carried into it.
pub(crate) fn results(account: &Account) -> Result<[Money; 2], Error> {
    let outside = account.holder.as_ref().map(|holder| holder.outside).unwrap_or_default();
    let (realised, carry) = (&account.realised, &account.carry);
    Ok([
        realised.short_term.plus(outside.short_term)?.minus(carry.short_term)?,
        realised.long_term.plus(outside.long_term)?.minus(carry.long_term)?,
    ])
}

/// Every piece of the account's tax under `law`.
pub(crate) fn pieces(account: &Account, law: &Law) -> Result<Vec<Piece>, Error> {
    let loss_value = account.holder.as_ref().map_or(Bps::ZERO, |holder| holder.loss_value);
    Ok(samebits_tax::pieces(law, &account.rates, loss_value)?)
}

impl From<&Piece> for Marginal {
    fn from(piece: &Piece) -> Self {
        Self { short_term: piece.short_term, long_term: piece.long_term, inward: [0; 2] }
    }
}

/// The pieces that sales and covers of the day can reach: first the one of the results so far, alone when no trade leaves
/// it, then the others in the order of the law. `book` has every conflict open.
pub(crate) fn reachable(
    account: &Account,
    law: &Law,
    book: &Book,
    policy: &Policy,
) -> Result<Vec<Reachable>, Error> {
    let [short, long] = results(account)?;
    let all = pieces(account, law)?;
    let now = samebits_tax::tax(&all, short, long)?;
    let mut found = Vec::new();
    for piece in &all {
        let Some((rows, holds_now)) = rows(piece, [short, long], book)? else { continue };
        let here = piece.tax(short, long)?;
        found.push(Reachable {
            name: piece.name.to_owned(),
            marginal: Marginal { inward: inward(&rows), ..piece.into() },
            offset: policy.tax_weight * rate::fraction(here.minus(now)?, book.nav),
            rows,
            holds_now,
        });
    }
    if let Some(now) = found.iter().position(|piece| piece.holds_now) {
        let piece = found.remove(now);
        if piece.rows.is_empty() {
            return Ok(vec![piece]);
        }
        found.insert(0, piece);
    }
    Ok(found)
}

/// What a unit of gain adds to the left sides of `rows` together, by bucket.
fn inward(rows: &[GainRow]) -> [i8; 2] {
    rows.iter().fold([0; 2], |[short, long], row| [short + row.short, long + row.long])
}

/// The rows of a piece, and whether it holds now; `None` when no trade can reach it.
fn rows(
    piece: &Piece,
    [short, long]: [Money; 2],
    book: &Book,
) -> Result<Option<(Vec<GainRow>, bool)>, Error> {
    let (mut rows, mut holds_now) = (Vec::new(), true);
    for limit in &piece.limits {
        let base = signed(short, limit.short)?.plus(signed(long, limit.long)?)?.minus(limit.at_least)?;
        let weights = [f64::from(limit.short), f64::from(limit.long)];
        let [least, most] = reach(book, weights);
        let now = rate::fraction(base, book.nav);
        holds_now &= !base.is_negative();
        if now + most < 0.0 {
            return Ok(None);
        }
        if now + least < 0.0 {
            let (short, long) = (limit.short, limit.long);
            rows.push(GainRow { name: piece.name.to_owned(), short, long, at_least: -now });
        }
    }
    Ok(Some((rows, holds_now)))
}

fn signed(amount: Money, sign: i8) -> Result<Money, Error> {
    Ok(match sign {
        0 => Money::ZERO,
        1.. => amount,
        _ => amount.negated()?,
    })
}

/// The least and the most that the day's gains, weighted, can come to.
fn reach(book: &Book, [short, long]: [f64; 2]) -> [f64; 2] {
    let lots = book.lots.iter().flatten().filter(|lot| lot.sellable);
    let sales = lots.map(|lot| (lot.long_bucket, lot.gain * lot.weight));
    let owed = book.shorts.iter().flatten().filter(|lot| lot.coverable);
    let covers = owed.map(|lot| (lot.long_bucket, lot.gain * lot.weight));
    sales.chain(covers).fold([0.0, 0.0], |[least, most], (in_long, gain)| {
        let part = if in_long { long * gain } else { short * gain };
        if part < 0.0 { [least + part, most] } else { [least, most + part] }
    })
}

/// The marginal rates of the piece of this name, as a Run records it.
pub(crate) fn marginal_of(account: &Account, law: &Law, name: &str) -> Result<Marginal, Error> {
    let all = pieces(account, law)?;
    let found = all.iter().find(|piece| piece.name == name);
    let unknown = || Error::UnknownPiece { law: law.id.clone(), piece: name.to_owned() };
    found.map(Marginal::from).ok_or_else(unknown)
}

/// The terms of the account under the rates of a piece.
pub(crate) fn under<'a>(terms: &Terms<'a>, marginal: Marginal) -> Terms<'a> {
    Terms { marginal, ..*terms }
}
