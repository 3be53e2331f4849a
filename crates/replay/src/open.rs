//! Stores opened with all that reading their records may need.

use crate::{Deriver, RiskPredictor};
use samebits_canon::Isa;
use samebits_snapshot::Predictor;
use samebits_snapshot::record::Derive;
use samebits_store::{Opener, Store};
use std::sync::Arc;

/// Opens an existing store for reading, with what computes again the covariances that are stored as closes and the outcomes
/// that are stored as states.
///
/// # Errors
/// As [`Opener::read`].
pub fn open(store: impl Into<Opener>) -> Result<Store, samebits_store::Error> {
    Ok(equipped(store.into().read()?))
}

/// The same store with what [`open`] gives one: for stores that are opened to append.
#[must_use]
pub fn equipped(store: Store) -> Store {
    Helpers::new().give(store)
}

/// What a store is given, for several handles.
#[derive(Clone)]
pub(crate) struct Helpers {
    predictor: Arc<dyn Predictor>,
    derive: Arc<dyn Derive>,
}

impl Helpers {
    /// With the widest instructions of the machine, which move no bit.
    pub(crate) fn new() -> Self {
        let isa = Isa::detect();
        Self { predictor: RiskPredictor::shared(), derive: Arc::new(Deriver::new(isa)) }
    }

    pub(crate) fn give(&self, store: Store) -> Store {
        store.predicting(Arc::clone(&self.predictor)).deriving(Arc::clone(&self.derive))
    }
}
