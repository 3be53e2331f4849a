//! Queue models: which lots of a shrinking level stood ahead of the first own order.

use crate::mutant;
use crate::num::{log2_plus_one, power_share, share};

/// Where lots that disappear without a trade are taken from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum QueueModel {
    /// From behind first: the fewest fills.
    BackFirst,
    /// From ahead first: the most fills.
    FrontFirst,
    /// In proportion to the lots ahead and behind.
    Proportional,
    /// In proportion to their `n`-th powers, `n` from 1 to 3.
    Power(u8),
    /// In proportion to integer logarithms: to compare with others, exact but not canonical.
    Log,
}

impl QueueModel {
    /// The models, from fewest fills to most.
    pub const ALL: [Self; 7] = [
        Self::BackFirst,
        Self::Power(3),
        Self::Power(2),
        Self::Power(1),
        Self::Proportional,
        Self::Log,
        Self::FrontFirst,
    ];

    /// From its name: `back_first`, `front_first`, `proportional`, `power(2)`, `log`.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|model| model.name() == name)
    }

    /// As it is printed.
    pub const fn name(self) -> &'static str {
        match self {
            Self::BackFirst => "back_first",
            Self::FrontFirst => "front_first",
            Self::Proportional => "proportional",
            Self::Power(1) => "power(1)",
            Self::Power(2) => "power(2)",
            Self::Power(_) => "power(3)",
            Self::Log => "log",
        }
    }

    /// Lots of a shrink of `d` that are taken from the `ahead` lots ahead of the first own order; the rest comes from
    /// the `behind` lots behind it. `d` is at most `ahead + behind`, and so is each share of what there is.
    pub fn from_ahead(self, d: i64, ahead: i64, behind: i64) -> i64 {
        let least = if d > behind { d - behind } else { 0 };
        let most = if ahead < d { ahead } else { d };
        let wanted = match self {
            Self::BackFirst => mutant!("queue.back-is-front", least, most),
            Self::FrontFirst => mutant!("queue.front-is-back", most, least),
            Self::Proportional => {
                mutant!("queue.proportional-doubled", share(d, ahead, behind), share(d, ahead, behind) * 2)
            }
            Self::Power(n) => power_share(d, ahead, behind, mutant!("queue.power-ignored", u32::from(n), 1)),
            Self::Log => share(d, log2_plus_one(ahead), log2_plus_one(behind)),
        };
        wanted.clamp(least, most)
    }
}

/// How a trade at a price is shared out among the orders of its level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Allocation {
    /// First come, first served.
    Fifo,
    /// In proportion to size; what rounding leaves goes lot by lot in order of time.
    ProRata,
    /// This many parts in a million by time, the rest in proportion to size.
    Split {
        /// Parts in a million by time.
        fifo_ppm: u32,
    },
    /// The first order of the level gets up to this share, then lead market makers (orders of weight above 1) theirs, the
    /// rest in proportion to size times weight.
    Top {
        /// Parts in a million for the first order.
        top_ppm: u32,
        /// Parts in a million for lead market makers, in proportion to size times weight.
        lmm_ppm: u32,
    },
}

/// One order or block of lots in a level, in order of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Segment {
    /// Lots that can trade.
    pub qty: i64,
    /// Priority weight, 1 or more.
    pub weight: u32,
    /// Lots given to it.
    pub given: i64,
}

const PPM: i64 = 1_000_000;

impl Allocation {
    /// Shares `volume` lots out among the segments; what exceeds them stays.
    pub fn share_out(self, volume: i64, segments: &mut [Segment]) {
        let total: i64 = segments.iter().map(|segment| segment.qty).sum();
        let mut left = if volume < total { volume } else { total };
        match self {
            Self::Fifo => {}
            Self::ProRata => left -= pro_rata(left, segments, |_| true),
            Self::Split { fifo_ppm } => {
                let by_time = share(left, i64::from(fifo_ppm), PPM - i64::from(fifo_ppm));
                left -= by_time;
                in_time(by_time, segments);
                left -= pro_rata(left, segments, |_| true);
            }
            Self::Top { top_ppm, lmm_ppm } => {
                let first = share(left, i64::from(top_ppm), PPM - i64::from(top_ppm));
                let makers = share(left, i64::from(lmm_ppm), PPM - i64::from(lmm_ppm));
                left -= first - in_time(first, segments.get_mut(..1).unwrap_or_default());
                left -= pro_rata(makers, segments, |segment| segment.weight > 1);
                left -= pro_rata(left, segments, |_| true);
            }
        }
        in_time(left, segments);
    }
}

/// Gives lots in order of time; returns what is left over.
fn in_time(volume: i64, segments: &mut [Segment]) -> i64 {
    let mut left = volume;
    for segment in segments {
        let room = segment.qty - segment.given;
        let given = if room < left { room } else { left };
        segment.given += given;
        left -= given;
    }
    left
}

/// Gives `floor(volume * room * weight / sum)` to each wanted segment; returns what was given.
fn pro_rata(volume: i64, segments: &mut [Segment], wanted: impl Fn(&Segment) -> bool) -> i64 {
    let claim = |segment: &Segment| i128::from(segment.qty - segment.given) * i128::from(segment.weight);
    let sum: i128 = segments.iter().filter(|segment| wanted(segment)).map(claim).sum();
    let mut all = 0;
    if sum == 0 {
        return 0;
    }
    for segment in segments.iter_mut().filter(|segment| wanted(segment)) {
        let part = (i128::from(volume) * claim(segment) / sum) as i64;
        let part = mutant!("queue.pro-rata-doubled", part, part * 2);
        let room = segment.qty - segment.given;
        let given = if part < room { part } else { room };
        let given = if given < volume - all { given } else { volume - all };
        segment.given += given;
        all += given;
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn shrink_of_five() {
        // 6 lots ahead, 2 behind, 5 disappear: at least 3 must come from ahead, at most 5 can.
        let taken = |model: QueueModel| model.from_ahead(5, 6, 2);
        assert_eq!(taken(QueueModel::BackFirst), 3);
        assert_eq!(taken(QueueModel::Proportional), 3);
        assert_eq!(taken(QueueModel::Power(2)), 4);
        assert_eq!(taken(QueueModel::FrontFirst), 5);
    }

    fn given(rule: Allocation, volume: i64, orders: &[(i64, u32)]) -> Vec<i64> {
        let mut segments: Vec<_> =
            orders.iter().map(|&(qty, weight)| Segment { qty, weight, given: 0 }).collect();
        rule.share_out(volume, &mut segments);
        segments.iter().map(|segment| segment.given).collect()
    }

    #[test]
    fn allocations() {
        let orders = [(10, 1), (20, 1), (70, 1)];
        assert_eq!(given(Allocation::Fifo, 25, &orders), [10, 15, 0]);
        // 2.5, 5, 17.5 floored to 2, 5, 17; the lot left goes to the first in time.
        assert_eq!(given(Allocation::ProRata, 25, &orders), [3, 5, 17]);
        // 10 by time, then 15 shared over 0, 20, 70: 3 and 11; the lot left goes to the second.
        assert_eq!(given(Allocation::Split { fifo_ppm: 400_000 }, 25, &orders), [10, 4, 11]);
        // 40 % of 25 to the first, 15 shared over 20 x 1 and 70 x 3 by claims 20 and 210.
        let weighted = [(10, 1), (20, 1), (70, 3)];
        assert_eq!(given(Allocation::Top { top_ppm: 400_000, lmm_ppm: 0 }, 25, &weighted), [10, 2, 13]);
        assert_eq!(given(Allocation::Top { top_ppm: 0, lmm_ppm: 400_000 }, 25, &weighted)[2], 10 + 12);
        assert_eq!(given(Allocation::ProRata, 1_000, &orders), [10, 20, 70]);
    }

    proptest! {
        #[test]
        fn models_are_ordered_and_bounded(ahead in 0_i64..1 << 52, behind in 0_i64..1 << 52, part in 0_u32..=1000) {
            let d = share(ahead + behind, i64::from(part), 1000 - i64::from(part));
            let take = |model: QueueModel| model.from_ahead(d, ahead, behind);
            for model in QueueModel::ALL {
                let x = take(model);
                prop_assert!(0 <= x && x <= ahead && x <= d && d - x <= behind);
            }
            prop_assert!(take(QueueModel::BackFirst) <= take(QueueModel::Proportional));
            prop_assert!(take(QueueModel::Proportional) <= take(QueueModel::FrontFirst));
            prop_assert_eq!(take(QueueModel::Power(1)), take(QueueModel::Proportional));
        }

        #[test]
        fn allocation_gives_everything_once(
            orders in prop::collection::vec((1_i64..1_000, 1_u32..4), 1..12),
            volume in 1_i64..5_000, top in 0_u32..=500_000, lmm in 0_u32..=500_000,
        ) {
            let total: i64 = orders.iter().map(|order| order.0).sum();
            for rule in [
                Allocation::Fifo,
                Allocation::ProRata,
                Allocation::Split { fifo_ppm: top },
                Allocation::Top { top_ppm: top, lmm_ppm: lmm },
            ] {
                let given = given(rule, volume, &orders);
                prop_assert_eq!(given.iter().sum::<i64>(), volume.min(total));
                prop_assert!(given.iter().zip(&orders).all(|(given, order)| (0..=order.0).contains(given)));
            }
        }
    }
}
