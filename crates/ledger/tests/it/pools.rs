//! The slow reference of average cost: shares are objects, purchases are never forgotten, every window counts them anew.

use samebits_snapshot::record::OutsidePurchase;
use samebits_units::Date;

/// A loss whose window has not ended.
#[derive(Debug)]
struct Window {
    security: u32,
    sold: Date,
    shares: i64,
    /// In millionths.
    loss: i64,
}

#[derive(Debug, Default)]
pub(crate) struct Pools {
    /// A security for each share held.
    shares: Vec<u32>,
    /// Cost of each security's shares together, in millionths.
    cost: [i64; 3],
    /// Security and day of every share ever bought, here and elsewhere.
    bought: Vec<(u32, Date)>,
    elsewhere: Vec<(u32, Date)>,
    windows: Vec<Window>,
    /// In millionths.
    pub(crate) realised: i64,
}

fn group(security: u32) -> u32 {
    u32::from(security >= 2)
}

impl Pools {
    pub(crate) fn new(outside: &[OutsidePurchase]) -> Self {
        let each = |bought: &OutsidePurchase| {
            vec![(bought.security, bought.acquired); bought.quantity.whole_shares() as usize]
        };
        Self { elsewhere: outside.iter().flat_map(each).collect(), ..Self::default() }
    }

    /// Shares and cost of a security.
    pub(crate) fn pool(&self, security: u32) -> (i64, i64) {
        let count = self.shares.iter().filter(|held| **held == security).count();
        (count as i64, self.cost[security as usize])
    }

    pub(crate) fn buy(&mut self, security: u32, count: usize, price: i64, day: Date) {
        for _ in 0..count {
            self.shares.push(security);
            self.bought.push((security, day));
            self.cost[security as usize] += price * 1_000_000;
        }
    }

    pub(crate) fn sell(&mut self, security: u32, count: usize, price: i64, day: Date) {
        let (held, cost) = self.pool(security);
        let sold = count as i64;
        let part = (i128::from(cost) * i128::from(sold)).div_euclid(i128::from(held)) as i64;
        for _ in 0..count {
            let at = self.shares.iter().position(|held| *held == security).unwrap();
            self.shares.remove(at);
        }
        self.cost[security as usize] -= part;
        let gain = sold * price * 1_000_000 - part;
        self.realised += gain;
        if gain < 0 {
            self.windows.push(Window { security, sold: day, shares: sold, loss: -gain });
        }
    }

    /// Windows that ended before `day`.
    pub(crate) fn open(&mut self, day: Date) {
        let (ended, running) = std::mem::take(&mut self.windows)
            .into_iter()
            .partition(|window: &Window| day.days_since(window.sold) > 30);
        self.windows = running;
        for window in ended {
            let near = |(security, bought): &&(u32, Date)| {
                group(*security) == group(window.security) && bought.days_since(window.sold).abs() <= 30
            };
            let here = self.bought.iter().filter(near).count() as i64;
            let away = self.elsewhere.iter().filter(near).count() as i64;
            let same = |held: &&u32| group(**held) == group(window.security);
            let held = self.shares.iter().filter(same).count() as i64;
            let denied_shares = window.shares.min(here + away).min(held + away);
            let denied = window.loss * denied_shares / window.shares;
            if denied == 0 {
                continue;
            }
            self.realised += denied;
            let mine = here.min(held);
            let into = if self.pool(window.security).0 > 0 || group(window.security) == 1 {
                window.security
            } else {
                1 - window.security
            };
            self.cost[into as usize] += denied * mine / (mine + away);
        }
    }
}
