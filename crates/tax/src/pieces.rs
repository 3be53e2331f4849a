//! The tax of a year as a function of its short-term and long-term results: linear pieces with exact borders.
//!
//! Notation: `S`, `L` results by bucket after carried losses; `tS`, `tL`, `tO` the rates of `Rates`; `v` what a loss is
//! worth that the year cannot use.

use crate::Error;
use samebits_snapshot::record::{Law, Netting, Rates};
use samebits_units::{Bps, Money};

/// A half-plane: `short S + long L >= at_least`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// Factor of `S`: -1, 0 or 1.
    pub short: i8,
    /// Factor of `L`: -1, 0 or 1.
    pub long: i8,
    /// Right-hand side.
    pub at_least: Money,
}

/// Where the tax is linear, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// What happens there.
    pub name: &'static str,
    /// Rate on `S`.
    pub short_term: Bps,
    /// Rate on `L`.
    pub long_term: Bps,
    /// Added to the rates' products.
    pub constant: Money,
    /// The piece is where all of these hold; none of them follows from the others.
    pub limits: Vec<Limit>,
}

/// The pieces of the year's tax. They cover every `S` and `L` and agree on their borders, up to the rounding of each
/// product; a law without a system has those of the United States.
///
/// | netting | pieces |
/// |---|---|
/// | `ByTerm` | `tS S + tL L`; `tS (S+L)` or `tL (S+L)` where one is a loss; `tO (S+L)` down to the limit, `v` beyond it |
/// | `Single` | `tS (S+L)`, `v (S+L)` below zero |
/// | `Discount` | `tS S + tL L`; `tL (S+L)` where losses exceed gains without discount; `v (S+L)` below zero |
/// | `Exempt` | `tS S + tL (L-E)`, `tS S`, `tS S + v L`; where `S` is a loss: `tL (S+L-E)`, 0, `v (S+L)` |
///
/// Under `Discount` every loss is in `S` (see [`bucket`](crate::bucket)); should `L` be negative all the same, it is taken
/// as a loss like the others: `tS (S+L)`.
///
/// Convex are `Single` and, for `L >= 0`, `Discount` as long as `v` is not above the smallest rate, and `Exempt` with
/// `v` = 0. `ByTerm` is not (IRC 1222 lets a long-term loss save the short-term rate).
///
/// # Errors
/// A constant that does not fit.
pub fn pieces(law: &Law, rates: &Rates, loss_value: Bps) -> Result<Vec<Piece>, Error> {
    match law.system.as_ref().map_or(Netting::ByTerm, |system| system.netting) {
        Netting::ByTerm => by_term(rates, loss_value, law.loss_limit),
        Netting::Single => Ok(single(rates, loss_value)),
        Netting::Discount { .. } => Ok(discount(rates, loss_value)),
        Netting::Exempt { amount } => exempt(rates, loss_value, amount),
    }
}

/// The first piece whose limits hold at `short` and `long`.
#[must_use]
pub fn piece_of(pieces: &[Piece], short: Money, long: Money) -> Option<&Piece> {
    pieces.iter().find(|piece| piece.holds(short, long))
}

/// The year's tax at results `short` and `long`; negative is a benefit.
///
/// # Errors
/// [`Error::NoPiece`] when the pieces do not cover the plane; overflow.
pub fn tax(pieces: &[Piece], short: Money, long: Money) -> Result<Money, Error> {
    piece_of(pieces, short, long).ok_or(Error::NoPiece { short, long })?.tax(short, long)
}

impl Limit {
    /// Whether it holds at `short` and `long`.
    #[must_use]
    pub fn holds(&self, short: Money, long: Money) -> bool {
        let term = |factor: i8, amount: Money| i128::from(factor).saturating_mul(i128::from(amount.micros()));
        let left = term(self.short, short).saturating_add(term(self.long, long));
        left >= i128::from(self.at_least.micros())
    }
}

impl Piece {
    /// Whether the piece is where `short` and `long` are; borders belong to all their pieces.
    #[must_use]
    pub fn holds(&self, short: Money, long: Money) -> bool {
        self.limits.iter().all(|limit| limit.holds(short, long))
    }

    /// The tax by this piece's line. Each product rounds half away from zero; one product on the sum where both rates are
    /// the same.
    ///
    /// # Errors
    /// Overflow.
    pub fn tax(&self, short: Money, long: Money) -> Result<Money, Error> {
        let linear = if self.short_term == self.long_term {
            short.plus(long)?.times(self.short_term)?
        } else {
            short.times(self.short_term)?.plus(long.times(self.long_term)?)?
        };
        Ok(linear.plus(self.constant)?)
    }
}

fn piece(name: &'static str, rates: (Bps, Bps), constant: Money, limits: &[(i8, i8, Money)]) -> Piece {
    let limits = limits.iter().map(|&(short, long, at_least)| Limit { short, long, at_least }).collect();
    Piece { name, short_term: rates.0, long_term: rates.1, constant, limits }
}

const ZERO: Money = Money::ZERO;

/// IRC 1222 (net within a term, then across), 1211(b) (limit against ordinary income).
fn by_term(rates: &Rates, value: Bps, limit: Money) -> Result<Vec<Piece>, Error> {
    let &Rates { short_term, long_term, ordinary } = rates;
    let beyond = limit.times(value)?.minus(limit.times(ordinary)?)?;
    Ok(vec![
        piece("gains of both terms", (short_term, long_term), ZERO, &[(1, 0, ZERO), (0, 1, ZERO)]),
        piece(
            "short-term gain less long-term loss",
            (short_term, short_term),
            ZERO,
            &[(0, -1, ZERO), (1, 1, ZERO)],
        ),
        piece(
            "long-term gain less short-term loss",
            (long_term, long_term),
            ZERO,
            &[(-1, 0, ZERO), (1, 1, ZERO)],
        ),
        piece(
            "net loss against ordinary income",
            (ordinary, ordinary),
            ZERO,
            &[(-1, -1, ZERO), (1, 1, limit.negated()?)],
        ),
        piece("net loss beyond the limit", (value, value), beyond, &[(-1, -1, limit)]),
    ])
}

/// ITA 3(b): one sum.
fn single(rates: &Rates, value: Bps) -> Vec<Piece> {
    let rate = rates.short_term;
    vec![
        piece("net gain", (rate, rate), ZERO, &[(1, 1, ZERO)]),
        piece("net loss carried", (value, value), ZERO, &[(-1, -1, ZERO)]),
    ]
}

/// ITAA 1997 102-5: losses first against gains without discount, then the discount on what is left.
fn discount(rates: &Rates, value: Bps) -> Vec<Piece> {
    let (whole, reduced) = (rates.short_term, rates.long_term);
    vec![
        piece("gains with and without discount", (whole, reduced), ZERO, &[(1, 0, ZERO), (0, 1, ZERO)]),
        piece("losses against discount gains", (reduced, reduced), ZERO, &[(-1, 0, ZERO), (1, 1, ZERO)]),
        piece("net loss carried", (value, value), ZERO, &[(-1, -1, ZERO)]),
        piece("gains without discount less losses", (whole, whole), ZERO, &[(0, -1, ZERO), (1, 1, ZERO)]),
    ]
}

/// Income-tax Act 1961 sections 70, 74 and 112A: set-off first, then the exempt amount.
fn exempt(rates: &Rates, value: Bps, amount: Money) -> Result<Vec<Piece>, Error> {
    let &Rates { short_term, long_term, .. } = rates;
    let free = amount.times(long_term)?.negated()?;
    let nil = Bps::ZERO;
    Ok(vec![
        piece("gains of both terms", (short_term, long_term), free, &[(1, 0, ZERO), (0, 1, amount)]),
        piece(
            "short-term gain, exempt long-term gain",
            (short_term, nil),
            ZERO,
            &[(1, 0, ZERO), (0, 1, ZERO), (0, -1, amount.negated()?)],
        ),
        piece(
            "short-term gain, long-term loss carried",
            (short_term, value),
            ZERO,
            &[(1, 0, ZERO), (0, -1, ZERO)],
        ),
        piece(
            "long-term gain less short-term loss",
            (long_term, long_term),
            free,
            &[(-1, 0, ZERO), (1, 1, amount)],
        ),
        piece(
            "long-term gain less short-term loss, exempt",
            (nil, nil),
            ZERO,
            &[(-1, 0, ZERO), (1, 1, ZERO), (-1, -1, amount.negated()?)],
        ),
        piece("losses carried", (value, value), ZERO, &[(-1, 0, ZERO), (-1, -1, ZERO)]),
    ])
}
