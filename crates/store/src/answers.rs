//! What was found when questions were decided again: who found it, where, and whether it agrees. Kept apart from the Runs,
//! which are evidence and stay as they are.

use crate::Error;
use samebits_snapshot::Digest;
use samebits_units::Date;

/// A question and how it is decided; the same one must have the same answer wherever and whenever it is decided.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    /// Id of the question.
    pub inputs_id: Digest,
    /// Solver and arithmetic version.
    pub solver: String,
}

/// A question decided again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// What was decided.
    pub key: Key,
    /// The Run whose question it is.
    pub run_id: Digest,
    /// What came of it.
    pub found: Found,
    /// Who decided.
    pub worker: String,
    /// Processor and operating system.
    pub machine: String,
    /// Version of the code.
    pub code: String,
    /// When, UTC nanoseconds since 1970.
    pub answered_at: i64,
    /// How long the decision took, nanoseconds.
    pub took_ns: i64,
}

/// What came of a decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// An outcome.
    Outcome {
        /// Its content id: two outcomes have the same one when every byte is the same.
        result_id: Digest,
        /// The first stage of the decision that differs from the recorded one, if any does.
        stage: Option<String>,
    },
    /// None: the Run is damaged, or this build cannot decide it.
    Failed(String),
}

impl Found {
    /// As three columns: the id of the outcome, the stage, and what went wrong.
    pub fn columns(&self) -> (Option<&Digest>, Option<&str>, Option<&str>) {
        match self {
            Self::Outcome { result_id, stage } => (Some(result_id), stage.as_deref(), None),
            Self::Failed(problem) => (None, None, Some(problem)),
        }
    }
}

/// Answers in some database.
///
/// Answers are added and never changed. A handle is used by one thread at a time; several threads open one each.
pub trait AnswerStore: std::fmt::Debug + Send {
    /// Where it is, for people; without a password.
    fn place(&self) -> String;

    /// Adds answers in one transaction, which is durable when the method returns; one of the same key, worker and time is
    /// there already and not added again. Returns how many were added.
    ///
    /// # Errors
    /// What the database says; nothing is added then.
    fn add(&mut self, answers: &[Answer]) -> Result<u64, Error>;

    /// The answers to `keys`, each key named once; those of a key together, as they were added.
    ///
    /// # Errors
    /// What the database says.
    fn of(&self, keys: &[Key]) -> Result<Vec<Answer>, Error>;

    /// At most `most` keys behind `after`, in ascending order.
    ///
    /// # Errors
    /// What the database says.
    fn keys(&self, after: Option<&Key>, most: usize) -> Result<Vec<Key>, Error>;

    /// The queue of work beside the answers.
    ///
    /// # Errors
    /// [`Error::NoQueue`] where the database has none.
    fn queue(&mut self) -> Result<&mut dyn Queue, Error>;
}

/// Work that one worker takes at a time: some Runs of a day, which share the day's market and risk model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unit {
    /// The day.
    pub day: Date,
    /// Ids of the Runs.
    pub runs: Vec<Digest>,
}

/// A queue of work for workers of any number of machines, in jobs of their own names.
///
/// A worker holds a unit by a lock of its own transaction, in which its answers are added, too. So a worker that dies at any
/// moment leaves either all answers of the unit and a unit that is done, or none and a unit that the next worker takes.
pub trait Queue {
    /// Ids of the Runs of a job that are not done.
    ///
    /// # Errors
    /// What the database says.
    fn waiting(&mut self, job: &str) -> Result<Vec<Digest>, Error>;

    /// Adds units to a job, in their order.
    ///
    /// # Errors
    /// What the database says; nothing is added then.
    fn fill(&mut self, job: &str, units: &[Unit]) -> Result<(), Error>;

    /// Takes the first unit of a job that no one holds, does `work`, adds its answers and marks the unit as done by `worker`,
    /// in one transaction, which is durable when the method returns.
    ///
    /// # Errors
    /// What `work` says, and what the database says; the unit is free again then.
    fn take(&mut self, job: &str, worker: &str, work: &mut Work<'_>) -> Result<Taken, Error>;

    /// Every job, by name.
    ///
    /// # Errors
    /// What the database says.
    fn jobs(&mut self) -> Result<Vec<Job>, Error>;
}

/// Answers the Runs of a unit.
pub type Work<'w> = dyn FnMut(&Unit) -> Result<Vec<Answer>, Error> + 'w;

/// What there was to take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// A unit; it is done.
    Done,
    /// None that is free: others work on the rest.
    Held,
    /// None: the job is done.
    Nothing,
}

/// How far a job is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// Its name.
    pub name: String,
    /// Its units.
    pub units: u64,
    /// Those that are done.
    pub done: u64,
    /// Runs of its units.
    pub runs: u64,
}
