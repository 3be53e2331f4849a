//! The slow, obvious reference: every share is an object, every rule a loop over all shares.
//!
//! Whole shares, prices in whole units, no costs; losses are then the same for every share of a lot, so no rounding can
//! hide or excuse a difference.

use samebits_units::Date;

/// One share.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Share {
    pub(crate) security: u32,
    pub(crate) acquired: Date,
    pub(crate) held_from: Date,
    pub(crate) cost: i64,
    pub(crate) replacement: bool,
    /// Which purchase it came with: 0, 1, 2, ...
    pub(crate) purchase: usize,
    /// Place in the order of a purchase's shares.
    pub(crate) place: usize,
}

/// A share sold at a loss that nothing has replaced yet.
#[derive(Debug, Clone)]
struct Lost {
    group: u32,
    sold: Date,
    order: usize,
    loss: i64,
    held_days: i32,
    long: bool,
}

#[derive(Debug, Default)]
pub(crate) struct Reference {
    pub(crate) shares: Vec<Share>,
    lost: Vec<Lost>,
    purchases: usize,
    sales: usize,
    pub(crate) short: i64,
    pub(crate) long: i64,
    pub(crate) disallowed: i64,
}

fn group(security: u32) -> u32 {
    u32::from(security >= 2)
}

impl Reference {
    /// Sells `count` shares of the lot that holds the shares in `lot`; a later call to `match_back` applies the rule.
    pub(crate) fn sell(&mut self, lot: &[Share], count: usize, price: i64, day: Date) -> Vec<(Share, i64)> {
        let mut losses = Vec::new();
        for share in lot.iter().take(count) {
            let at = self.shares.iter().position(|known| known == share).unwrap();
            self.shares.remove(at);
            let gain = price - share.cost;
            self.realise(long(share, day), gain);
            if gain < 0 {
                losses.push((share.clone(), -gain));
            }
        }
        losses
    }

    /// The losses of one sale against shares of the group bought in the thirty days before, oldest first.
    pub(crate) fn match_back(&mut self, losses: Vec<(Share, i64)>, day: Date) {
        let order = self.sales;
        self.sales += 1;
        for (sold, loss) in losses {
            let held_days = day.days_since(sold.held_from);
            let was_long = long(&sold, day);
            let fits = |share: &&mut Share| {
                group(share.security) == group(sold.security)
                    && !share.replacement
                    && day.days_since(share.acquired) <= 30
                    && share.purchase != sold.purchase
            };
            let best = self.shares.iter_mut().filter(fits).min_by_key(|s| (s.acquired, s.purchase, s.place));
            if let Some(share) = best {
                replace(share, loss, held_days);
                self.realise(was_long, loss);
                self.disallowed += loss;
            } else {
                let group = group(sold.security);
                self.lost.push(Lost { group, sold: day, order, loss, held_days, long: was_long });
            }
        }
    }

    /// Buys shares; each replaces the oldest open loss of its group within thirty days.
    pub(crate) fn buy(&mut self, security: u32, count: usize, price: i64, day: Date) {
        let purchase = self.purchases;
        self.purchases += 1;
        for place in 0..count {
            let mut share = Share {
                security,
                acquired: day,
                held_from: day,
                cost: price,
                replacement: false,
                purchase,
                place,
            };
            let open = self
                .lost
                .iter()
                .enumerate()
                .filter(|(_, lost)| lost.group == group(security) && day.days_since(lost.sold) <= 30);
            if let Some(at) = open.min_by_key(|(_, lost)| (lost.sold, lost.order)).map(|(at, _)| at) {
                let lost = self.lost.remove(at);
                replace(&mut share, lost.loss, lost.held_days);
                self.realise(lost.long, lost.loss);
                self.disallowed += lost.loss;
            }
            self.shares.push(share);
        }
    }

    fn realise(&mut self, long: bool, amount: i64) {
        if long {
            self.long += amount;
        } else {
            self.short += amount;
        }
    }
}

fn long(share: &Share, day: Date) -> bool {
    day > share.held_from.plus_years(1).unwrap()
}

fn replace(share: &mut Share, loss: i64, held_days: i32) {
    share.cost += loss;
    share.held_from = share.acquired.plus_days(-held_days).unwrap();
    share.replacement = true;
}
