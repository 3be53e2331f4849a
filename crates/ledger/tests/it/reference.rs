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

/// A share that another account bought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Elsewhere {
    pub(crate) security: u32,
    pub(crate) acquired: Date,
    /// Which purchase it came with.
    pub(crate) purchase: usize,
    pub(crate) used: bool,
}

/// A share owed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Owed {
    pub(crate) security: u32,
    pub(crate) opened: Date,
    pub(crate) proceeds: i64,
    pub(crate) replacement: bool,
    pub(crate) against_long: bool,
    /// Place in the order of all shares ever sold short.
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
    pub(crate) elsewhere: Vec<Elsewhere>,
    pub(crate) owed: Vec<Owed>,
    lost: Vec<Lost>,
    /// Shares bought back at a loss that nothing has replaced yet.
    lost_owed: Vec<Lost>,
    /// Groups of which a share was held long-term as the day began.
    held_long: Vec<u32>,
    owed_ever: usize,
    purchases: usize,
    sales: usize,
    pub(crate) short: i64,
    pub(crate) long: i64,
    pub(crate) disallowed: i64,
    /// The part of `disallowed` that is in no basis.
    pub(crate) gone: i64,
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
            // Of one day, what this account bought comes first.
            let away = |share: &&mut Elsewhere| {
                group(share.security) == group(sold.security)
                    && !share.used
                    && share.acquired < day
                    && day.days_since(share.acquired) <= 30
            };
            let best_away = self.elsewhere.iter_mut().filter(away).min_by_key(|s| (s.acquired, s.purchase));
            let own_first = match (&best, &best_away) {
                (Some(own), Some(other)) => own.acquired <= other.acquired,
                (own, _) => own.is_some(),
            };
            if let Some(share) = best.filter(|_| own_first) {
                replace(share, loss, held_days);
                self.realise(was_long, loss);
                self.disallowed += loss;
            } else if let Some(share) = best_away {
                share.used = true;
                self.realise(was_long, loss);
                self.disallowed += loss;
                self.gone += loss;
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

    /// A day begins: shares bought elsewhere before it replace open losses, in the order of both.
    pub(crate) fn open(&mut self, day: Date) {
        let mut order: Vec<usize> = (0..self.elsewhere.len()).collect();
        order.sort_by_key(|at| (self.elsewhere[*at].acquired, self.elsewhere[*at].purchase, *at));
        for at in order {
            let share = self.elsewhere[at].clone();
            if share.used || share.acquired >= day {
                continue;
            }
            let near = |lost: &Lost| {
                lost.group == group(share.security) && share.acquired.days_since(lost.sold).abs() <= 30
            };
            let open = self.lost.iter().enumerate().filter(|(_, lost)| near(lost));
            if let Some(at_lost) = open.min_by_key(|(_, lost)| (lost.sold, lost.order)).map(|(at, _)| at) {
                let lost = self.lost.remove(at_lost);
                self.elsewhere[at].used = true;
                self.realise(lost.long, lost.loss);
                self.disallowed += lost.loss;
                self.gone += lost.loss;
            }
        }
        self.held_long =
            self.shares.iter().filter(|share| long(share, day)).map(|s| group(s.security)).collect();
    }

    /// Sells shares short; each replaces the oldest open loss of a closing in its group within thirty days.
    pub(crate) fn short(&mut self, security: u32, count: usize, price: i64, day: Date) {
        for _ in 0..count {
            let against_long = self.held_long.contains(&group(security));
            let (opened, place) = (day, self.owed_ever);
            self.owed_ever += 1;
            let mut share =
                Owed { security, opened, proceeds: price, replacement: false, against_long, place };
            let open = self
                .lost_owed
                .iter()
                .enumerate()
                .filter(|(_, lost)| lost.group == group(security) && day.days_since(lost.sold) <= 30);
            if let Some(at) = open.min_by_key(|(_, lost)| (lost.sold, lost.order)).map(|(at, _)| at) {
                let lost = self.lost_owed.remove(at);
                (share.proceeds, share.replacement) = (price - lost.loss, true);
                self.realise(lost.long, lost.loss);
                self.disallowed += lost.loss;
            }
            self.owed.push(share);
        }
    }

    /// Buys back the first `count` of the shares in `lot`; a later call to `match_owed` applies the rule.
    pub(crate) fn cover(&mut self, lot: &[Owed], count: usize, price: i64) -> Vec<(Owed, i64)> {
        let mut losses = Vec::new();
        for share in lot.iter().take(count) {
            let at = self.owed.iter().position(|known| known == share).unwrap();
            self.owed.remove(at);
            let gain = share.proceeds - price;
            self.realise(gain < 0 && share.against_long, gain);
            if gain < 0 {
                losses.push((share.clone(), -gain));
            }
        }
        losses
    }

    /// The losses of one closing against shares of the group sold short in the thirty days before and still owed.
    pub(crate) fn match_owed(&mut self, losses: Vec<(Owed, i64)>, day: Date) {
        let order = self.sales;
        self.sales += 1;
        for (closed, loss) in losses {
            let fits = |share: &&mut Owed| {
                group(share.security) == group(closed.security)
                    && !share.replacement
                    && day.days_since(share.opened) <= 30
                    && (share.security, share.opened) != (closed.security, closed.opened)
            };
            if let Some(share) = self.owed.iter_mut().filter(fits).min_by_key(|s| s.place) {
                (share.proceeds, share.replacement) = (share.proceeds - loss, true);
                self.realise(closed.against_long, loss);
                self.disallowed += loss;
            } else {
                let group = group(closed.security);
                self.lost_owed.push(Lost {
                    group,
                    sold: day,
                    order,
                    loss,
                    held_days: 0,
                    long: closed.against_long,
                });
            }
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
