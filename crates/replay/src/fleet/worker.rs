//! One process that takes units and answers them.

use crate::record::{Machine, decide_with_stages};
use crate::replay::first_stage;
use crate::{Backend, Error, Helpers};
use samebits_snapshot::{Shared, result_id};
use samebits_store::{Access, Answer, AnswerStore, Asked, Found, Key, Opener, RunHead, Store, Taken, Unit};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};

/// Runs whose answers are read at a time.
pub(super) const TOGETHER: usize = 512;

/// Who answers, with what.
#[derive(Clone, Copy)]
pub struct Worker<'a> {
    /// Its name among all workers.
    pub name: &'a str,
    /// Version of the code, machine, and the clock that decisions are timed by.
    pub machine: Machine<'a>,
    /// UTC nanoseconds since 1970.
    pub now: &'a (dyn Fn() -> i64 + Sync),
    /// Where solvers run.
    pub backend: &'a Backend,
    /// Threads; each takes units of its own.
    pub threads: usize,
    /// Decide what has an answer of this version of the code, too: the new answer has to be the same.
    pub again: bool,
}

/// Where units come from.
#[derive(Clone, Copy)]
pub enum Source<'a> {
    /// A list that nobody else works on.
    Units(&'a [Unit]),
    /// A job of the queue beside the answers.
    Queue {
        /// Its name.
        job: &'a str,
        /// Waits a little; called when others hold all that is left.
        pause: &'a (dyn Fn() + Sync),
    },
}

/// What a worker did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Worked {
    /// Units that it took.
    pub units: u64,
    /// Runs that it decided.
    pub answered: u64,
    /// Of them, those that could not be decided.
    pub failed: u64,
    /// Runs that had an answer.
    pub skipped: u64,
}

/// Takes units from `source` until there are none, decides their Runs from `store` and adds the answers to those at `answers`.
/// `done` is told of every unit whose answers are there for good.
///
/// # Errors
/// A store or answers that cannot be opened, a database that fails, a Run that is not there. What was added stays; units that
/// were not done are free for others.
pub fn work(
    store: &Opener,
    answers: &Opener,
    source: Source<'_>,
    worker: &Worker<'_>,
    done: &(dyn Fn(&Unit) + Sync),
) -> Result<Worked, Error> {
    let fleet = Fleet {
        store,
        answers,
        source,
        worker,
        done,
        shared: Arc::new(Shared::default()),
        helpers: Helpers::new(),
        next: AtomicUsize::new(0),
        stop: AtomicBool::new(false),
        worked: Default::default(),
    };
    let thread = || {
        let ended = fleet.thread();
        if ended.is_err() {
            // The others end their units.
            fleet.stop.store(true, Ordering::Relaxed);
        }
        ended
    };
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..worker.threads.max(1)).map(|_| scope.spawn(thread)).collect();
        threads.into_iter().try_for_each(|thread| match thread.join() {
            Ok(ended) => ended,
            Err(panic) => std::panic::resume_unwind(panic),
        })
    })?;
    let [units, answered, failed, skipped] = fleet.worked.map(AtomicU64::into_inner);
    Ok(Worked { units, answered, failed, skipped })
}

/// What the threads of a worker share.
struct Fleet<'a> {
    store: &'a Opener,
    answers: &'a Opener,
    source: Source<'a>,
    worker: &'a Worker<'a>,
    done: &'a (dyn Fn(&Unit) + Sync),
    shared: Arc<Shared>,
    helpers: Helpers,
    /// Position of the next unit of a list.
    next: AtomicUsize,
    stop: AtomicBool,
    /// Units, answered, failed, skipped.
    worked: [AtomicU64; 4],
}

impl Fleet<'_> {
    fn thread(&self) -> Result<(), Error> {
        let store = self.helpers.give(self.store.read()?).sharing(Arc::clone(&self.shared));
        // Beside the handle that holds a unit: what is answered already is asked before.
        let known = self.answers.answers(Access::Read)?;
        let mut answers = self.answers.answers(Access::Write)?;
        while !self.stop.load(Ordering::Relaxed) {
            if !self.one(&store, &*known, &mut *answers)? {
                break;
            }
        }
        Ok(())
    }

    /// Takes and answers one unit; `false` when none is left.
    fn one(
        &self,
        store: &Store,
        known: &dyn AnswerStore,
        answers: &mut dyn AnswerStore,
    ) -> Result<bool, Error> {
        match self.source {
            Source::Units(units) => {
                let Some(unit) = units.get(self.next.fetch_add(1, Ordering::Relaxed)) else {
                    return Ok(false);
                };
                let (found, skipped) = self.unit(store, known, unit)?;
                answers.add(&found)?;
                self.count(unit, &found, skipped);
                Ok(true)
            }
            Source::Queue { job, pause } => {
                let mut held = None;
                let taken = answers.queue()?.take(job, self.worker.name, &mut |unit| {
                    let (found, skipped) = self.unit(store, known, unit)?;
                    held = Some((unit.clone(), found.clone(), skipped));
                    Ok(found)
                })?;
                // Nothing counts before it is there for good.
                if let Some((unit, found, skipped)) = held {
                    self.count(&unit, &found, skipped);
                }
                if taken == Taken::Held {
                    pause();
                }
                Ok(taken != Taken::Nothing)
            }
        }
    }

    fn count(&self, unit: &Unit, answers: &[Answer], skipped: usize) {
        let failed = answers.iter().filter(|answer| matches!(answer.found, Found::Failed(_))).count();
        for (sum, more) in self.worked.iter().zip([1, answers.len(), failed, skipped]) {
            sum.fetch_add(more as u64, Ordering::Relaxed);
        }
        (self.done)(unit);
    }

    /// Answers to a unit's Runs, and how many of them had one.
    fn unit(
        &self,
        store: &Store,
        known: &dyn AnswerStore,
        unit: &Unit,
    ) -> Result<(Vec<Answer>, usize), samebits_store::Error> {
        let heads = unit.runs.iter().map(|run_id| store.head(run_id)).collect::<Result<Vec<_>, _>>()?;
        let code = self.worker.machine.code;
        let todo = if self.worker.again { heads.iter().collect() } else { unanswered(known, &heads, code)? };
        let answers =
            todo.iter().map(|head| answer(store, head, self.worker)).collect::<Result<Vec<_>, _>>()?;
        Ok((answers, heads.len() - todo.len()))
    }
}

/// Decides the question of a Run again; what the Run itself is at fault for is its answer, too.
///
/// # Errors
/// A database that fails.
pub fn answer(store: &Store, head: &RunHead, worker: &Worker<'_>) -> Result<Answer, samebits_store::Error> {
    let clock = worker.machine.clock;
    let begun = clock();
    let found = match store.asked(&head.run_id) {
        Ok(asked) => {
            decide(store, &asked, worker.backend).unwrap_or_else(|error| Found::Failed(error.to_string()))
        }
        // The database, not the Run: it may be better the next time.
        Err(error @ samebits_store::Error::Database { corrupt: false, .. }) => return Err(error),
        Err(error) => Found::Failed(error.to_string()),
    };
    Ok(Answer {
        key: key(head),
        run_id: head.run_id,
        found,
        worker: worker.name.to_owned(),
        machine: worker.machine.name.to_owned(),
        code: worker.machine.code.to_owned(),
        answered_at: (worker.now)(),
        took_ns: i64::try_from(clock().saturating_sub(begun)).unwrap_or(i64::MAX),
    })
}

fn decide(store: &Store, asked: &Asked, backend: &Backend) -> Result<Found, Error> {
    let method = &asked.manifest.method;
    let solver = backend.solver(&method.solver, 1)?;
    let outcome = {
        let _deciding = backend.decide();
        decide_with_stages(&asked.inputs, &asked.ids, method, solver.as_ref())?.0
    };
    let result_id = result_id(&outcome)?;
    if result_id == asked.manifest.result_id {
        return Ok(Found::Outcome { result_id, stage: None });
    }
    // Where they part is worth reading the recorded outcome; without it the answer still counts.
    let recorded = store.get(&asked.head.run_id).ok();
    let stage = recorded.and_then(|recorded| first_stage(&recorded.run.outcome.stages, &outcome.stages));
    // What differs in no stage differs in what they do not cover: counts, margins.
    Ok(Found::Outcome { result_id, stage: Some(stage.unwrap_or("outcome").to_owned()) })
}

/// Those of `heads` that have no outcome of this version of the code among the answers.
///
/// # Errors
/// What the database of the answers says.
pub fn unanswered<'h>(
    answers: &dyn AnswerStore,
    heads: &'h [RunHead],
    code: &str,
) -> Result<Vec<&'h RunHead>, samebits_store::Error> {
    let mut todo = Vec::new();
    for heads in heads.chunks(TOGETHER) {
        let keys: Vec<Key> = heads.iter().map(key).collect();
        let found = answers.of(&keys)?.into_iter();
        let ours =
            found.filter(|answer| answer.code == code && matches!(answer.found, Found::Outcome { .. }));
        let answered: BTreeSet<Key> = ours.map(|answer| answer.key).collect();
        todo.extend(heads.iter().filter(|head| !answered.contains(&key(head))));
    }
    Ok(todo)
}

/// What a Run's answers are kept by.
pub(super) fn key(head: &RunHead) -> Key {
    Key { inputs_id: head.inputs_id, solver: head.solver.clone() }
}
