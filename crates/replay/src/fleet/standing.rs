//! What the answers come to.

use super::worker::{TOGETHER, key};
use crate::Error;
use samebits_snapshot::Digest;
use samebits_store::{Answer, AnswerStore, Found, Key, RunHead};
use std::collections::{BTreeMap, BTreeSet};

/// What is known of a Run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// Nobody has decided it again.
    Open,
    /// Every answer is the recorded one.
    Identical,
    /// All answers are the same one, and not the recorded one.
    Diverged {
        /// The first stage of the decision that differs.
        stage: String,
    },
    /// Answers differ among each other.
    Disagree {
        /// Every one of them, as they were added.
        answers: Vec<Answer>,
    },
    /// Whoever tried could not decide it.
    Failed {
        /// What the last one said.
        problem: String,
    },
}

/// Who answered: a machine with a version of the code.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Processor and operating system.
    pub machine: String,
    /// Version of the code.
    pub code: String,
}

/// What a place did.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct By {
    /// Its answers.
    pub answers: u64,
    /// Of them, those that are not the recorded outcome.
    pub other: u64,
    /// How long its decisions took in all, nanoseconds.
    pub took_ns: i64,
    /// Its workers.
    pub workers: BTreeSet<String>,
}

/// How every Run of `heads` stands, in their order, and who answered.
///
/// # Errors
/// What the database of the answers says.
pub fn standing(
    answers: &dyn AnswerStore,
    heads: &[RunHead],
) -> Result<(Vec<Standing>, BTreeMap<Place, By>), Error> {
    let (mut standings, mut places) = (Vec::with_capacity(heads.len()), BTreeMap::new());
    for heads in heads.chunks(TOGETHER) {
        let keys: Vec<Key> = heads.iter().map(key).collect();
        let mut found: BTreeMap<Key, Vec<Answer>> = BTreeMap::new();
        for answer in answers.of(&keys)? {
            found.entry(answer.key.clone()).or_default().push(answer);
        }
        for (head, key) in heads.iter().zip(&keys) {
            let answers = found.remove(key).unwrap_or_default();
            for answer in &answers {
                count(&mut places, answer, &head.result_id);
            }
            standings.push(stands(&head.result_id, answers));
        }
    }
    Ok((standings, places))
}

fn stands(recorded: &Digest, answers: Vec<Answer>) -> Standing {
    let outcomes: Vec<(Digest, Option<String>)> =
        answers.iter().filter_map(|answer| outcome(&answer.found)).collect();
    let Some((first, stage)) = outcomes.first().cloned() else {
        return match answers.into_iter().next_back().map(|answer| answer.found) {
            Some(Found::Failed(problem)) => Standing::Failed { problem },
            _ => Standing::Open,
        };
    };
    if outcomes.iter().any(|(result_id, _)| *result_id != first) {
        Standing::Disagree { answers }
    } else if first == *recorded {
        Standing::Identical
    } else {
        Standing::Diverged { stage: stage.unwrap_or_else(|| "outcome".to_owned()) }
    }
}

fn outcome(found: &Found) -> Option<(Digest, Option<String>)> {
    match found {
        Found::Outcome { result_id, stage } => Some((*result_id, stage.clone())),
        Found::Failed(_) => None,
    }
}

fn count(places: &mut BTreeMap<Place, By>, answer: &Answer, recorded: &Digest) {
    let place = Place { machine: answer.machine.clone(), code: answer.code.clone() };
    let by = places.entry(place).or_default();
    by.answers += 1;
    by.other += u64::from(outcome(&answer.found).is_none_or(|(result_id, _)| result_id != *recorded));
    by.took_ns = by.took_ns.saturating_add(answer.took_ns);
    by.workers.insert(answer.worker.clone());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(found: Found) -> Answer {
        let id = Digest::of("test", b"question");
        Answer {
            key: Key { inputs_id: id, solver: "s/1".into() },
            run_id: id,
            found,
            worker: "w".into(),
            machine: "m".into(),
            code: "1".into(),
            answered_at: 0,
            took_ns: 1,
        }
    }

    fn at(result: &[u8], stage: Option<&str>) -> Found {
        Found::Outcome { result_id: Digest::of("test", result), stage: stage.map(str::to_owned) }
    }

    #[test]
    fn what_answers_come_to() {
        let failed = || Found::Failed("no solver".into());
        let (same, other) = (|| at(b"recorded", None), || at(b"other", Some("trades")));
        for (found, wanted) in [
            (vec![], "Open"),
            (vec![same()], "Identical"),
            (vec![same(), same(), failed()], "Identical"),
            (vec![failed(), same()], "Identical"),
            (vec![other(), other()], "Diverged { stage: \"trades\" }"),
            (vec![other(), same()], "Disagree"),
            (vec![same(), same(), other()], "Disagree"),
            (vec![failed(), failed()], "Failed { problem: \"no solver\" }"),
        ] {
            let stands = stands(&Digest::of("test", b"recorded"), found.into_iter().map(answer).collect());
            assert!(format!("{stands:?}").starts_with(wanted), "{stands:?}");
        }
    }
}
