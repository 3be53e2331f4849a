//! Windows that have ended, purchases in other accounts, and pools of average cost.

use super::Recount;
use crate::Error;
use samebits_snapshot::record::{LotRule, WashRule};
use samebits_units::Date;

impl Recount {
    /// Purchases elsewhere made before today take open losses; then windows that ended before today are settled.
    pub(super) fn windows(&mut self) -> Result<(), Error> {
        if self.rules.wash == WashRule::ShareForShare {
            self.match_elsewhere();
        }
        let today = self.today;
        let ended: Vec<_> = self.lost.iter().filter(|lost| lost.last < today).cloned().collect();
        if self.rules.wash == WashRule::Superficial {
            for lost in &ended {
                self.superficial(lost)?;
            }
        }
        self.lost.retain(|lost| lost.last >= today);
        Ok(())
    }

    fn match_elsewhere(&mut self) {
        let mut order: Vec<usize> = (0..self.elsewhere.len()).collect();
        order.sort_by_key(|at| (self.elsewhere[*at].acquired, *at));
        for at in order {
            let bought = self.elsewhere[at].clone();
            let mut left = bought.shares;
            if bought.acquired >= self.today {
                continue;
            }
            let group = self.group(bought.security);
            for index in 0..self.lost.len() {
                let lost = self.lost[index].clone();
                let near =
                    bought.acquired <= lost.last && lost.sold.days_since(bought.acquired) <= self.rules.days;
                if left == 0 || !near || lost.group != group || lost.short {
                    continue;
                }
                let matched = lost.shares.min(left);
                let denied = super::part(lost.loss, matched, lost.shares);
                self.lost[index].shares -= matched;
                self.lost[index].loss -= denied;
                left -= matched;
                self.deny(denied);
            }
            self.elsewhere[at].shares = left;
        }
        self.lost.retain(|lost| lost.shares > 0);
    }

    /// least(S, P, B) / S of the loss is denied (Income Tax Act section 54; IT-456R, paragraph 12), and the part of those who
    /// bought here joins the cost of the shares held here.
    fn superficial(&mut self, lost: &super::Lost) -> Result<(), Error> {
        let first = lost.sold.plus_days(-self.rules.days)?;
        let inside = |day: Date| day >= first && day <= lost.last;
        let mut bought_here = 0;
        for (security, day, shares) in &self.bought {
            if inside(*day) && self.group(*security) == lost.group {
                bought_here += shares;
            }
        }
        let mut bought_elsewhere = 0;
        for bought in &self.elsewhere {
            if inside(bought.acquired) && self.group(bought.security) == lost.group {
                bought_elsewhere += bought.shares;
            }
        }
        let (mut held_here, mut others) = (0, Vec::new());
        for (security, shares) in &self.book.held {
            if self.group(*security) == lost.group {
                held_here += shares.iter().map(|share| share.micros).sum::<i128>();
                others.extend(shares.iter().map(|share| (*security != lost.security, share.lot)));
            }
        }
        let least = lost.shares.min(bought_here + bought_elsewhere).min(held_here + bought_elsewhere);
        let denied = if least > 0 { (lost.loss * least).div_euclid(lost.shares) } else { 0 };
        if denied <= 0 {
            return Ok(());
        }
        self.deny(denied);
        let here = bought_here.min(held_here);
        // The pool of the security that was sold; the first pool of its group when that one is gone.
        if let Some((_, lot)) = others.into_iter().min().filter(|_| here > 0) {
            *self.book.money.entry(lot).or_default() += (denied * here).div_euclid(here + bought_elsewhere);
        }
        Ok(())
    }

    /// Under average cost every security has one lot.
    pub(super) fn pool(&mut self) {
        if self.rules.lots == LotRule::Average {
            let all: Vec<u32> = self.book.held.keys().copied().collect();
            for security in all {
                for share in self.join(security) {
                    self.bought.push(share);
                }
            }
        }
    }

    /// All lots of a security join the one with the lowest id; says what joined it: security, day, shares.
    pub(super) fn join(&mut self, security: u32) -> Vec<(u32, Date, i128)> {
        let lots = self.book.lots(security, false);
        let Some((&into, _)) = lots.first_key_value() else { return Vec::new() };
        let mut joined = Vec::new();
        for (&from, &shares) in lots.iter().skip(1) {
            let money = self.book.money.remove(&from).unwrap_or(0);
            *self.book.money.entry(into).or_default() += money;
            let day = self.book.held[&security].iter().find(|share| share.lot == from);
            joined.extend(day.map(|share| (security, share.acquired, shares)));
        }
        for share in self.book.held.entry(security).or_default() {
            share.lot = into;
            share.purchase = into;
        }
        joined
    }
}
