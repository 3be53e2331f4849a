//! Runs cut into units of work, and units into shards.

use samebits_store::{RunHead, Unit};
use std::str::FromStr;

/// Cuts Runs into units: at most `block` consecutive Runs of one day. `heads` are in the order of a list, by day.
///
/// # Panics
/// Never: a block of 0 is one of 1.
pub fn units(heads: &[RunHead], block: usize) -> Vec<Unit> {
    let days = heads.chunk_by(|a, b| a.as_of == b.as_of);
    let blocks = days.flat_map(|day| day.chunks(block.max(1)));
    blocks
        .map(|runs| Unit { day: runs[0].as_of, runs: runs.iter().map(|head| head.run_id).collect() })
        .collect()
}

/// One of several equal parts of the work: units in turn, so that every part has its share of every season.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shard {
    /// Which one, from 1.
    index: usize,
    /// Of how many.
    of: usize,
}

impl Shard {
    /// All of the work.
    pub const WHOLE: Self = Self { index: 1, of: 1 };

    /// Its units, in their order.
    pub fn of(self, units: Vec<Unit>) -> Vec<Unit> {
        units.into_iter().skip(self.index - 1).step_by(self.of).collect()
    }
}

impl std::fmt::Display for Shard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.index, self.of)
    }
}

/// A text that is no shard.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is not a shard: expected I/N with I from 1 to N, such as 2/8")]
pub struct NotAShard(String);

impl FromStr for Shard {
    type Err = NotAShard;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let read = || {
            let (index, of) = text.split_once('/')?;
            let (index, of) = (index.parse().ok()?, of.parse().ok()?);
            (1 <= index && index <= of).then_some(Self { index, of })
        };
        read().ok_or_else(|| NotAShard(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use samebits_snapshot::Digest;
    use samebits_units::Date;

    fn head(day: i32, number: u8) -> RunHead {
        let id = Digest::of("test", &[number]);
        RunHead {
            account: format!("A{number}"),
            sequence: 0,
            as_of: Date::from_days(day).unwrap(),
            run_id: id,
            inputs_id: id,
            result_id: id,
            solver: "s/1".into(),
            status: "solved".into(),
            recorded_at: 0,
            actor: "test".into(),
            previous: id,
            link: id,
        }
    }

    #[test]
    fn shards_share_the_units_and_no_unit_spans_days() {
        let days = [1, 1, 1, 1, 1, 2, 2, 3];
        let heads: Vec<RunHead> = days.iter().zip(0..).map(|(day, number)| head(*day, number)).collect();
        for (block, lengths) in
            [(2, vec![2, 2, 1, 2, 1]), (64, vec![5, 2, 1]), (1, vec![1; 8]), (0, vec![1; 8])]
        {
            let all = units(&heads, block);
            assert_eq!(all.iter().map(|unit| unit.runs.len()).collect::<Vec<_>>(), lengths);
            let runs: Vec<Digest> = all.iter().flat_map(|unit| unit.runs.clone()).collect();
            assert_eq!(runs, heads.iter().map(|head| head.run_id).collect::<Vec<_>>());
            for of in 1..10 {
                let shards = (1..=of).map(|index| Shard { index, of }.of(all.clone()));
                let shards: Vec<Vec<Unit>> = shards.collect();
                let longest = shards.iter().map(Vec::len).max().unwrap();
                assert!(shards.iter().all(|shard| shard.len() + 1 >= longest));
                let mut together: Vec<Unit> = shards.concat();
                together.sort_by_key(|unit| heads.iter().position(|head| head.run_id == unit.runs[0]));
                assert_eq!(together, all);
            }
        }
        assert_eq!(Shard::WHOLE.of(units(&heads, 3)), units(&heads, 3));
    }

    #[test]
    fn shards_from_text() {
        for (text, wanted) in [("1/1", Some((1, 1))), ("2/8", Some((2, 8))), ("8/8", Some((8, 8)))] {
            let found: Option<Shard> = text.parse().ok();
            assert_eq!(found.map(|shard| (shard.index, shard.of)), wanted);
            assert_eq!(found.unwrap().to_string(), text);
        }
        for wrong in ["", "1", "0/3", "4/3", "1/0", "a/b", "-1/2", "1/2/3", "1 / 2"] {
            let error = wrong.parse::<Shard>().unwrap_err();
            assert!(error.to_string().contains("I/N"), "{error}");
        }
    }
}
