//! Shares held and owed, one object each.

use samebits_snapshot::record::Account;
use samebits_units::Date;
use std::cell::RefCell;
use std::collections::BTreeMap;

/// A millionth of a share is the smallest object; a whole share is the usual one.
const WHOLE: i128 = 1_000_000;

/// A share held, or owed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Share {
    pub(super) lot: u64,
    /// The lot as it was bought.
    pub(super) purchase: u64,
    /// Day of purchase, or of the short sale.
    pub(super) acquired: Date,
    pub(super) held_from: Date,
    pub(super) replacement: bool,
    /// A whole share, or the fraction that is left.
    pub(super) micros: i128,
}

/// All shares by security, and the cost (owed shares: the proceeds) of each lot.
#[derive(Debug, Clone, Default)]
pub(super) struct Book {
    pub(super) held: BTreeMap<u32, Vec<Share>>,
    pub(super) owed: BTreeMap<u32, Vec<Share>>,
    pub(super) money: BTreeMap<u64, i128>,
    /// Security of a lot, and whether it is owed, where it was seen last.
    seen: RefCell<BTreeMap<u64, (u32, bool)>>,
}

impl Book {
    pub(super) fn new(account: &Account) -> Self {
        let mut book = Self::default();
        for lot in &account.lots {
            let one = Share {
                lot: lot.id,
                purchase: lot.parent.unwrap_or(lot.id),
                acquired: lot.acquired,
                held_from: lot.held_from,
                replacement: lot.replacement,
                micros: 0,
            };
            add(book.held.entry(lot.security).or_default(), &one, lot.quantity.micros().into());
            book.money.insert(lot.id, lot.basis.micros().into());
        }
        for lot in &account.shorts {
            let one = Share {
                lot: lot.id,
                purchase: lot.id,
                acquired: lot.opened,
                held_from: lot.opened,
                replacement: lot.replacement,
                micros: 0,
            };
            add(book.owed.entry(lot.security).or_default(), &one, lot.quantity.micros().into());
            book.money.insert(lot.id, lot.proceeds.micros().into());
        }
        book
    }

    pub(super) fn security(&self, lot: u64) -> Option<u32> {
        self.place(lot).map(|(security, _)| security)
    }

    pub(super) fn is_owed(&self, lot: u64) -> bool {
        self.place(lot).is_some_and(|(_, short)| short)
    }

    /// Where a lot is: where it was seen last if it still is there, else every security is looked through.
    fn place(&self, lot: u64) -> Option<(u32, bool)> {
        let of = |shares: &[Share]| shares.iter().any(|share| share.lot == lot);
        let side = |short: bool| if short { &self.owed } else { &self.held };
        let known = self.seen.borrow().get(&lot).copied();
        if let Some((security, short)) = known
            && side(short).get(&security).is_some_and(|shares| of(shares))
        {
            return known;
        }
        let on = |short: bool| side(short).iter().find(|(_, shares)| of(shares)).map(|(at, _)| (*at, short));
        let found = on(false).or_else(|| on(true))?;
        self.seen.borrow_mut().insert(lot, found);
        Some(found)
    }

    pub(super) fn side(&mut self, short: bool) -> &mut BTreeMap<u32, Vec<Share>> {
        if short { &mut self.owed } else { &mut self.held }
    }

    /// The lots of a security in the order of ids, with their shares.
    pub(super) fn lots(&self, security: u32, short: bool) -> BTreeMap<u64, i128> {
        let side = if short { &self.owed } else { &self.held };
        let mut lots = BTreeMap::new();
        for share in side.get(&security).into_iter().flatten() {
            *lots.entry(share.lot).or_default() += share.micros;
        }
        lots
    }
}

/// Adds `micros` as whole shares and a fraction, each like `one`.
pub(super) fn add(shares: &mut Vec<Share>, one: &Share, micros: i128) {
    let mut left = micros;
    while left > 0 {
        let piece = left.min(WHOLE);
        shares.push(Share { micros: piece, ..one.clone() });
        left -= piece;
    }
}

/// Takes `micros` of a lot out, first share first; a share that is larger than what is left is cut.
pub(super) fn remove(shares: &mut Vec<Share>, lot: u64, micros: i128) -> Vec<Share> {
    let (mut left, mut taken, mut kept) = (micros, Vec::new(), Vec::with_capacity(shares.len()));
    for mut share in shares.drain(..) {
        if share.lot != lot || left == 0 {
            kept.push(share);
        } else if share.micros <= left {
            left -= share.micros;
            taken.push(share);
        } else {
            taken.push(Share { micros: left, ..share.clone() });
            share.micros -= left;
            left = 0;
            kept.push(share);
        }
    }
    *shares = kept;
    taken
}

/// Changes the first `micros` of a lot's shares and gives the rest of the lot another id; a share on the border is cut.
pub(super) fn divide(
    shares: &mut Vec<Share>,
    lot: u64,
    micros: i128,
    rest: Option<u64>,
    change: impl Fn(&mut Share),
) {
    let mut matched = remove(shares, lot, micros);
    matched.iter_mut().for_each(change);
    for share in shares.iter_mut().filter(|share| share.lot == lot) {
        share.lot = rest.unwrap_or(lot);
    }
    shares.append(&mut matched);
}
