//! The work behind the pages, off the network's thread: the store's handles, and what may be done at once.

use crate::views::drift::Report;
use crate::{Error, Options};
use samebits_gate::Outcome;
use samebits_present::page_of;
use samebits_replay::fleet::{Standing, standing};
use samebits_report::Plot;
use samebits_snapshot::{Digest, Shared};
use samebits_store::{Access, AnswerStore, RunHead, Store};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Semaphore;

/// Replays and counterfactuals at once.
const DECIDING: usize = 4;
/// Pages at once that read the store.
const READING: usize = 8;
/// Pictures at once: a year of Runs is read for some, so others wait without holding up a page.
const DRAWING: usize = 2;
/// Accounts whose pictures are kept.
const YEARS: usize = 64;
/// So long a page may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// A scenario's last result.
#[derive(Debug, Clone)]
pub(crate) struct Judged {
    pub(crate) outcome: Outcome,
    /// When, UTC nanoseconds since 1970.
    pub(crate) at: i64,
}

/// Everything that pages are made from.
pub(crate) struct Desk {
    pub(crate) options: Options,
    shared: Arc<Shared>,
    stores: Mutex<Vec<Store>>,
    reading: Arc<Semaphore>,
    deciding: Arc<Semaphore>,
    drawing: Arc<Semaphore>,
    judged: Mutex<BTreeMap<String, Judged>>,
    years: Mutex<BTreeMap<Digest, Year>>,
    /// The drift report, if one was given.
    pub(crate) drift: Option<Report>,
}

/// The pictures of a year: made by the first who asks, while the others wait.
type Year = Arc<Mutex<Option<Arc<Vec<Plot>>>>>;

/// What a piece of work has: a store of its own while it lasts.
pub(crate) struct Reader<'d> {
    pub(crate) desk: &'d Desk,
    pub(crate) store: &'d Store,
}

impl Desk {
    /// Opens the store once, so that what is wrong with it is said at the start.
    pub(crate) fn new(options: Options) -> Result<Self, Error> {
        let drift = options.drift.as_deref().map(Report::read).transpose()?;
        let desk = Self {
            options,
            shared: Arc::new(Shared::default()),
            stores: Mutex::new(Vec::new()),
            reading: Arc::new(Semaphore::new(READING)),
            deciding: Arc::new(Semaphore::new(DECIDING)),
            drawing: Arc::new(Semaphore::new(DRAWING)),
            judged: Mutex::new(BTreeMap::new()),
            years: Mutex::new(BTreeMap::new()),
            drift,
        };
        let store = desk.open()?;
        desk.stores().push(store);
        Ok(desk)
    }

    fn open(&self) -> Result<Store, Error> {
        Ok(samebits_replay::open(&self.options.store)?.sharing(Arc::clone(&self.shared)))
    }

    fn stores(&self) -> MutexGuard<'_, Vec<Store>> {
        self.stores.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Scenarios by name, as they ended last.
    pub(crate) fn judged(&self) -> MutexGuard<'_, BTreeMap<String, Judged>> {
        self.judged.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The place of the pictures of an account whose chain ends with `link`.
    pub(crate) fn year(&self, link: &Digest) -> Year {
        let mut years = self.years.lock().unwrap_or_else(PoisonError::into_inner);
        if years.len() >= YEARS && !years.contains_key(link) {
            years.clear();
        }
        Arc::clone(years.entry(*link).or_default())
    }

    /// Reads: at most eight at once.
    pub(crate) async fn read<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&Reader<'_>) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        self.work(&self.reading, work).await
    }

    /// Decides: at most four at once.
    pub(crate) async fn decide<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&Reader<'_>) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        self.work(&self.deciding, work).await
    }

    /// Draws: at most two at once.
    pub(crate) async fn draw<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&Reader<'_>) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        self.work(&self.drawing, work).await
    }

    async fn work<T: Send + 'static>(
        self: &Arc<Self>,
        room: &Arc<Semaphore>,
        work: impl FnOnce(&Reader<'_>) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let (desk, room) = (Arc::clone(self), Arc::clone(room));
        let done = tokio::time::timeout(PATIENCE, async move {
            // The permit goes with the work: what nobody waits for any more still counts until it ends.
            let permit = room.acquire_owned().await.map_err(|_| Error::Fault)?;
            let thread = tokio::task::spawn_blocking(move || {
                let _permit = permit;
                desk.with_store(work)
            });
            thread.await.map_err(|_| Error::Fault)?
        });
        done.await.unwrap_or(Err(Error::TooSlow { seconds: PATIENCE.as_secs() }))
    }

    fn with_store<T>(&self, work: impl FnOnce(&Reader<'_>) -> Result<T, Error>) -> Result<T, Error> {
        let kept = self.stores().pop();
        let store = kept.map_or_else(|| self.open(), Ok)?;
        let done = work(&Reader { desk: self, store: &store });
        // A handle that the database failed is not used again.
        let failed = |error: &Error| page_of(error.cause()).code == "store.database";
        if !done.as_ref().is_err_and(failed) {
            self.stores().push(store);
        }
        done
    }
}

/// The answers of the fleet; there need not be any.
pub(crate) struct Answers(Option<Box<dyn AnswerStore>>);

impl Reader<'_> {
    /// Opens the answers: once for a page.
    pub(crate) fn answers(&self) -> Result<Answers, Error> {
        match self.desk.options.answers.answers(Access::Read) {
            Ok(answers) => Ok(Answers(Some(answers))),
            Err(samebits_store::Error::NoAnswers { .. }) => Ok(Answers(None)),
            Err(error) => Err(error.into()),
        }
    }
}

impl Answers {
    /// How Runs stand; all open where there are none.
    pub(crate) fn standings(&self, heads: &[RunHead]) -> Result<Vec<Standing>, Error> {
        Ok(match &self.0 {
            Some(answers) => standing(&**answers, heads)?.0,
            None => vec![Standing::Open; heads.len()],
        })
    }
}
