//! The slow, obvious reference of corporate actions: one long position after another in fractions of whole numbers, cut off
//! or rounded only where `docs/actions.md` says so.
//!
//! Beside each position it keeps what the position would be if nothing were ever cut off, and how far the cutting may have
//! taken it from there.

use samebits_snapshot::record::{Action, ActionKind};
use samebits_units::{Date, Price};
use std::collections::BTreeMap;

/// A fraction, always reduced, the denominator positive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ratio(i128, i128);

impl Ratio {
    pub(crate) fn new(top: i128, bottom: i128) -> Self {
        let (mut a, mut b) = (top.abs(), bottom.abs());
        while b != 0 {
            (a, b) = (b, a % b);
        }
        let sign = if bottom < 0 { -1 } else { 1 };
        Self(sign * top / a.max(1), sign * bottom / a.max(1))
    }

    pub(crate) fn whole(value: i128) -> Self {
        Self(value, 1)
    }

    fn plus(self, other: Self) -> Self {
        Self::new(self.0 * other.1 + other.0 * self.1, self.1 * other.1)
    }

    pub(crate) fn minus(self, other: Self) -> Self {
        self.plus(Self(-other.0, other.1))
    }

    fn times(self, other: Self) -> Self {
        let (left, right) = (Self::new(self.0, other.1), Self::new(other.0, self.1));
        Self::new(left.0 * right.0, left.1 * right.1)
    }

    fn floor(self) -> i128 {
        self.0.div_euclid(self.1)
    }

    /// To the nearest whole number, a half away from zero.
    fn nearest(self) -> i128 {
        let size = Self(2 * self.0.abs() + self.1, 2 * self.1).floor();
        if self.0 < 0 { -size } else { size }
    }

    pub(crate) fn within(self, bound: Self) -> bool {
        self.0.abs() * bound.1 <= bound.0 * self.1
    }
}

/// A lot; shares and money in millionths.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RefLot {
    pub(crate) security: u32,
    pub(crate) quantity: i128,
    pub(crate) basis: i128,
    pub(crate) acquired: Date,
    pub(crate) held_from: Date,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Reference {
    /// In the order in which they came.
    pub(crate) lots: Vec<RefLot>,
    pub(crate) cash: i128,
    pub(crate) short: i128,
    pub(crate) long: i128,
    /// Shares a security would have without any cutting, and by how much cutting may have moved them, in millionths.
    pub(crate) exact: BTreeMap<u32, (Ratio, Ratio)>,
}

impl Reference {
    pub(crate) fn new(lots: Vec<RefLot>) -> Self {
        let mut exact = BTreeMap::new();
        for security in 0..3 {
            let shares = lots.iter().filter(|lot| lot.security == security).map(|lot| lot.quantity).sum();
            exact.insert(security, (Ratio::whole(shares), Ratio::whole(0)));
        }
        Self { lots, exact, ..Self::default() }
    }

    fn book(&mut self, lot: &RefLot, day: Date, gain: i128) {
        if day > lot.held_from.plus_years(1).unwrap() { self.long += gain } else { self.short += gain }
    }

    /// Shares of each lot of `security` at `ratio`: cut off for the position, what is new in the running total to each lot.
    fn parts(&self, security: u32, ratio: Ratio) -> Vec<(usize, i128)> {
        let mut parts = Vec::new();
        for (at, lot) in self.lots.iter().enumerate() {
            if lot.security == security {
                let up_to = |end: usize| {
                    let mine = self.lots[..end].iter().filter(|lot| lot.security == security);
                    Ratio::whole(mine.map(|lot| lot.quantity).sum()).times(ratio).floor()
                };
                let part = up_to(at + 1) - up_to(at);
                let own = Ratio::whole(lot.quantity).times(ratio);
                assert!(own.minus(Ratio::whole(part)).within(Ratio::whole(1)));
                parts.push((at, part));
            }
        }
        parts
    }

    /// The exact shares of `into` grow by those of `from` at `ratio`; of `from` itself they become that.
    fn follow(&mut self, from: u32, into: u32, ratio: Ratio) {
        let (shares, slack) = self.exact[&from];
        let (shares, slack) = (shares.times(ratio), slack.times(ratio).plus(Ratio::whole(1)));
        let before = if from == into { (Ratio::whole(0), Ratio::whole(0)) } else { self.exact[&into] };
        self.exact.insert(into, (before.0.plus(shares), before.1.plus(slack)));
    }

    /// Sells the fraction of a share in the lots of `security` from place `first` on.
    fn pay_fraction(&mut self, security: u32, first: usize, price: Price, day: Date) {
        let mut order: Vec<usize> =
            (first..self.lots.len()).filter(|at| self.lots[*at].security == security).collect();
        let mut left = order.iter().map(|at| self.lots[*at].quantity).sum::<i128>() % 1_000_000;
        let sold = Ratio::whole(left);
        order.sort_by_key(|at| (self.lots[*at].acquired, *at));
        while left > 0 {
            let at = order.pop().unwrap();
            let lot = self.lots[at].clone();
            let count = left.min(lot.quantity);
            let basis = Ratio::new(lot.basis * count, lot.quantity).floor();
            let proceeds = worth(price, count);
            self.cash += proceeds;
            self.book(&lot, day, proceeds - basis);
            (self.lots[at].quantity, self.lots[at].basis) = (lot.quantity - count, lot.basis - basis);
            left -= count;
        }
        let (shares, slack) = self.exact[&security];
        self.exact.insert(security, (shares.minus(sold), slack));
    }

    pub(crate) fn act(&mut self, action: &Action, day: Date, prices: &[Price], cash_in_lieu: bool) {
        let from = action.security;
        match &action.kind {
            ActionKind::Split { new, old } => {
                let ratio = Ratio::new((*new).into(), (*old).into());
                for (at, part) in self.parts(from, ratio) {
                    self.lots[at].quantity = part;
                }
                self.follow(from, from, ratio);
                let gone: Vec<RefLot> = self.lots.iter().filter(|lot| lot.quantity == 0).cloned().collect();
                for lot in &gone {
                    self.book(lot, day, -lot.basis);
                }
                self.lots.retain(|lot| lot.quantity > 0);
                if cash_in_lieu {
                    self.pay_fraction(from, 0, prices[from as usize], day);
                }
            }
            ActionKind::Dividend { amount, .. } => {
                let held = self.lots.iter().filter(|lot| lot.security == from).map(|lot| lot.quantity).sum();
                self.cash += worth(*amount, held);
            }
            ActionKind::ReturnOfCapital { amount } => {
                for at in 0..self.lots.len() {
                    let lot = self.lots[at].clone();
                    if lot.security == from {
                        let paid = worth(*amount, lot.quantity);
                        self.cash += paid;
                        self.lots[at].basis = (lot.basis - paid).max(0);
                        self.book(&lot, day, (paid - lot.basis).max(0));
                    }
                }
            }
            ActionKind::SpinOff { into, new, old, basis, value } => {
                let ratio = Ratio::new((*new).into(), (*old).into());
                let rate = Ratio::new(basis.hundredths().into(), 1_000_000);
                self.spin_off(from, *into, (ratio, rate), *value, day);
            }
            ActionKind::Merger { into, new, old, cash, value } => {
                let ratio = (*new > 0).then(|| Ratio::new((*new).into(), (*old).into()));
                self.merger(from, *into, ratio, (*cash, *value), day);
            }
            ActionKind::SymbolChange { .. } => {}
        }
        self.lots.retain(|lot| lot.quantity > 0);
    }

    fn spin_off(
        &mut self,
        from: u32,
        into: Option<u32>,
        (ratio, rate): (Ratio, Ratio),
        value: Price,
        day: Date,
    ) {
        let first = self.lots.len();
        for (at, part) in self.parts(from, ratio).into_iter().filter(|part| part.1 > 0) {
            let lot = self.lots[at].clone();
            let moved = Ratio::whole(lot.basis).times(rate).nearest();
            self.lots[at].basis -= moved;
            if let Some(security) = into {
                self.lots.push(RefLot { security, quantity: part, basis: moved, ..lot });
            } else {
                self.cash += worth(value, part);
                self.book(&lot, day, worth(value, part) - moved);
            }
        }
        if let Some(security) = into {
            self.follow(from, security, ratio);
            self.pay_fraction(security, first, value, day);
        }
    }

    fn merger(
        &mut self,
        from: u32,
        into: Option<u32>,
        ratio: Option<Ratio>,
        (cash, value): (Price, Price),
        day: Date,
    ) {
        let first = self.lots.len();
        for (at, part) in self.parts(from, ratio.unwrap_or(Ratio::whole(0))) {
            let lot = self.lots[at].clone();
            let (boot, shares) = (worth(cash, lot.quantity), worth(value, part));
            self.cash += boot;
            if let Some(security) = into.filter(|_| part > 0) {
                let recognised = (boot + shares - lot.basis).clamp(0, boot);
                self.book(&lot, day, recognised);
                let basis = lot.basis - boot + recognised;
                self.lots.push(RefLot { security, quantity: part, basis, ..lot });
            } else {
                self.cash += shares;
                self.book(&lot, day, boot + shares - lot.basis);
            }
            self.lots[at].quantity = 0;
        }
        if let (Some(security), Some(ratio)) = (into, ratio) {
            self.follow(from, security, ratio);
            self.pay_fraction(security, first, value, day);
        }
        self.exact.insert(from, (Ratio::whole(0), Ratio::whole(0)));
    }
}

/// `price * quantity`, a half away from zero.
fn worth(price: Price, quantity: i128) -> i128 {
    Ratio::new(i128::from(price.e8()) * quantity, 100_000_000).nearest()
}
