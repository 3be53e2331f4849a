//! A store as threads and processes of Python share it.
//!
//! SQLite's and PostgreSQL's handles are used by one thread at a time and never by a forked child: each call takes an idle
//! handle or opens one, and a process that was forked from the one that opened the store is refused before it touches any.

use crate::errors::Fault;
use crate::page::Family;
use samebits_snapshot::Shared;
use samebits_store::{Drivers, Opener, Store};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// What stores may be on besides a file: as the `samebits` command.
const DRIVERS: Drivers = Drivers {
    postgres: Some(samebits_store_postgres::open),
    answers: Some(samebits_store_postgres::open_answers),
    blobs: Some(samebits_store_objects::open),
};

/// A store: where it is, and handles that no thread is using.
pub(crate) struct Handle {
    opener: Opener,
    /// As it was given, password included: for pickles.
    location: String,
    writable: bool,
    process: u32,
    closed: AtomicBool,
    shared: Arc<Shared>,
    /// Always there until it is dropped.
    idle: Option<Mutex<Vec<Store>>>,
}

impl Handle {
    pub(crate) fn open(location: &str, append: bool, create: bool) -> Result<Self, Fault> {
        let place = location.parse().unwrap_or_else(|never| match never {});
        let opener = Opener::new(place, DRIVERS);
        if create {
            drop(opener.create(None)?);
        } else if append {
            drop(opener.write()?);
        }
        let handle = Self {
            opener,
            location: location.to_owned(),
            writable: append || create,
            process: std::process::id(),
            closed: AtomicBool::new(false),
            shared: Arc::default(),
            idle: Some(Mutex::default()),
        };
        handle.with(|_| Ok(()))?;
        Ok(handle)
    }

    pub(crate) fn opener(&self) -> Result<&Opener, Fault> {
        self.usable()?;
        Ok(&self.opener)
    }

    pub(crate) fn location(&self) -> &str {
        &self.location
    }

    /// For people; without a password.
    pub(crate) fn place(&self) -> String {
        self.opener.location().to_string()
    }

    pub(crate) fn writable(&self) -> bool {
        self.writable
    }

    pub(crate) fn closed(&self) -> bool {
        self.closed.load(Ordering::SeqCst)
    }

    /// Does `work` with a reading handle of the calling thread's own.
    pub(crate) fn with<T>(&self, work: impl FnOnce(&Store) -> Result<T, Fault>) -> Result<T, Fault> {
        self.usable()?;
        let idle = self.idle.as_ref().map(|idle| idle.lock().unwrap_or_else(PoisonError::into_inner).pop());
        let store = match idle.flatten() {
            Some(store) => store,
            None => samebits_replay::open(&self.opener)?.sharing(Arc::clone(&self.shared)),
        };
        let done = work(&store);
        // A handle that the database failed is not used again: the next call opens another one.
        let failed = done.as_ref().is_err_and(|fault| fault.code() == "store.database");
        if let (Some(idle), false) = (&self.idle, self.closed() || failed) {
            idle.lock().unwrap_or_else(PoisonError::into_inner).push(store);
        }
        done
    }

    pub(crate) fn close(&self) {
        self.closed.store(true, Ordering::SeqCst);
        if let (Some(idle), false) = (&self.idle, self.forked()) {
            let gone = std::mem::take(&mut *idle.lock().unwrap_or_else(PoisonError::into_inner));
            drop(gone);
        }
    }

    fn forked(&self) -> bool {
        self.process != std::process::id()
    }

    fn usable(&self) -> Result<(), Fault> {
        if self.forked() {
            let message = format!(
                "{}: opened by process {}, used in process {} after a fork",
                self.place(),
                self.process,
                std::process::id()
            );
            return Err(Fault::new(
                Family::Input,
                "python.forked",
                "call samebits.open in the child, or start workers by `spawn`: a pickled store opens itself again",
                message,
            ));
        }
        if self.closed() {
            let help = "open it again with samebits.open";
            return Err(Fault::input(
                "python.closed",
                help,
                format!("{}: the store is closed", self.place()),
            ));
        }
        Ok(())
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        // The parent's handles: closing them here would release locks and files that the parent relies on.
        if let (Some(idle), true) = (self.idle.take(), self.forked()) {
            std::mem::forget(idle);
        }
    }
}
