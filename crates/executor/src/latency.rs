//! Latency: how long messages and data are under way.

use crate::mutant;

/// A leg of the way between a strategy and the venue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Leg {
    /// Market data to the strategy.
    Feed = 0,
    /// A new order to the venue.
    Submit = 1,
    /// A cancel to the venue.
    Cancel = 2,
    /// A replace to the venue.
    Replace = 3,
    /// A report to the strategy.
    Report = 4,
}

/// How a recorded series is read between its points.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// The last point at or before the time.
    Previous,
    /// The first point at or after the time.
    Next,
    /// On the straight line between them, rounded down.
    Linear,
}

/// The latency of one leg.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Latency {
    /// Always this many ns.
    Constant(i64),
    /// Recorded (time, ns) points, sorted by time; the ends hold before the first and after the last.
    Series {
        /// The points.
        points: Vec<(i64, i64)>,
        /// How to read between them.
        reading: Reading,
    },
    /// Drawn from a table of equally likely quantiles by a counter-based generator: a draw belongs to an order, so one
    /// more message elsewhere moves nothing.
    Drawn {
        /// Quantiles in ns.
        quantiles: Vec<i64>,
        /// Key of the scenario.
        key: u64,
    },
}

impl Default for Latency {
    fn default() -> Self {
        Self::Constant(0)
    }
}

impl Latency {
    /// ns of one message: at `time`, for the order with this number.
    pub(crate) fn of(&self, leg: Leg, time: i64, owner: u64, order: u64) -> i64 {
        match self {
            Self::Constant(ns) => mutant!("latency.ignored", *ns, 0),
            Self::Series { points, reading } => series(points, *reading, time),
            Self::Drawn { quantiles, key } => {
                let order = mutant!("latency.shared-draw", order, 0);
                let order = mutant!("determinism.process-global", order, crate::mutant::process_global());
                let counter = [order as u32, (order >> 32) as u32, leg as u32, owner as u32];
                let draw = philox(counter, [*key as u32, (*key >> 32) as u32])[0];
                let at = (u64::from(draw) * quantiles.len() as u64) >> 32;
                quantiles.get(at as usize).copied().unwrap_or(0)
            }
        }
    }
}

fn series(points: &[(i64, i64)], reading: Reading, time: i64) -> i64 {
    let after = points.partition_point(|point| point.0 <= time);
    let previous = after.checked_sub(1).and_then(|at| points.get(at));
    let (previous, next) = match (previous, points.get(after)) {
        (Some(previous), Some(next)) => (previous, next),
        (Some(only), None) | (None, Some(only)) => return only.1,
        (None, None) => return 0,
    };
    match reading {
        Reading::Next if previous.0 < time => next.1,
        Reading::Previous | Reading::Next => previous.1,
        Reading::Linear => {
            let (span, part) = (i128::from(next.0 - previous.0), i128::from(time - previous.0));
            let rise = i128::from(next.1 - previous.1);
            previous.1 + (rise * part).div_euclid(span) as i64
        }
    }
}

/// Philox 4x32-10: a counter-based generator (Salmon et al., SC 2011).
fn philox(mut counter: [u32; 4], mut key: [u32; 2]) -> [u32; 4] {
    for _ in 0..10 {
        let first = u64::from(counter[0]) * 0xD251_1F53;
        let second = u64::from(counter[2]) * 0xCD9E_8D57;
        counter = [
            (second >> 32) as u32 ^ counter[1] ^ key[0],
            second as u32,
            (first >> 32) as u32 ^ counter[3] ^ key[1],
            first as u32,
        ];
        key = [key[0].wrapping_add(0x9E37_79B9), key[1].wrapping_add(0xBB67_AE85)];
    }
    counter
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn philox_known_answers() {
        // Known answers of the published test vectors for philox4x32-10.
        assert_eq!(philox([0; 4], [0; 2]), [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]);
        assert_eq!(
            philox([u32::MAX; 4], [u32::MAX; 2]),
            [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]
        );
    }

    #[test]
    fn recorded_series() {
        let points = [(100, 10), (200, 30)];
        let read = |reading, time| series(&points, reading, time);
        for reading in [Reading::Previous, Reading::Next, Reading::Linear] {
            assert_eq!((read(reading, 0), read(reading, 100), read(reading, 500)), (10, 10, 30));
        }
        assert_eq!(read(Reading::Previous, 150), 10);
        assert_eq!(read(Reading::Next, 150), 30);
        assert_eq!(read(Reading::Linear, 175), 25);
    }

    #[test]
    fn a_draw_belongs_to_its_order() {
        let drawn = Latency::Drawn { quantiles: (0..1_000).collect(), key: 7 };
        let of = |order| drawn.of(Leg::Submit, 0, 1, order);
        assert_eq!(of(5), of(5));
        let distinct: std::collections::BTreeSet<_> = (0..200).map(of).collect();
        assert!(distinct.len() > 150);
        assert_ne!(drawn.of(Leg::Submit, 0, 1, 5), drawn.of(Leg::Cancel, 0, 1, 5));
    }
}
