//! Where a store is, and how each thread opens it.

use crate::sqlite::{Answers, Sqlite};
use crate::{AnswerStore, BlobStore, Error, RunStore, Store};
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// Where a store is: a file, or a PostgreSQL database.
#[derive(Clone, PartialEq, Eq)]
pub enum Location {
    /// An SQLite file.
    File(PathBuf),
    /// `postgres://USER@HOST/DATABASE`.
    Postgres(String),
}

impl Location {
    /// Where the answers to the questions of a store here are kept unless someone says otherwise: `runs.answers.db` beside
    /// `runs.db`, the same database in PostgreSQL.
    #[must_use]
    pub fn of_answers(&self) -> Self {
        match self {
            Self::File(path) => Self::File(path.with_extension("answers.db")),
            Self::Postgres(_) => self.clone(),
        }
    }
}

impl FromStr for Location {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let postgres = ["postgres://", "postgresql://"].iter().any(|scheme| text.starts_with(scheme));
        Ok(if postgres { Self::Postgres(text.to_owned()) } else { Self::File(text.into()) })
    }
}

impl std::fmt::Display for Location {
    /// Without the password of an address.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Postgres(address) => f.write_str(&without_password(address)),
        }
    }
}

impl std::fmt::Debug for Location {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Location({self})")
    }
}

/// An address for people: what stands between the user's name and the host, and the query, are left out.
#[must_use]
pub fn without_password(address: &str) -> String {
    let plain = address.split('?').next().unwrap_or_default();
    let Some((scheme, rest)) = plain.split_once("://") else { return plain.to_owned() };
    match rest.rsplit_once('@') {
        Some((user, host)) => {
            let name = user.split(':').next().unwrap_or_default();
            format!("{scheme}://{name}@{host}")
        }
        None => plain.to_owned(),
    }
}

/// For what a store is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// To read what is there.
    Read,
    /// To append as well; there must be a store.
    Write,
    /// To append as well; a store is made where there is none.
    Create,
}

/// Opens the rows of a store at an address.
pub type OpenRows = fn(&str, Access) -> Result<Box<dyn RunStore>, Error>;
/// Opens the blobs at an address.
pub type OpenBlobs = fn(&str, Access) -> Result<Box<dyn BlobStore>, Error>;
/// Opens the answers at an address.
pub type OpenAnswers = fn(&str, Access) -> Result<Box<dyn AnswerStore>, Error>;

/// What a program links besides SQLite.
#[derive(Debug, Clone, Copy, Default)]
pub struct Drivers {
    /// PostgreSQL.
    pub postgres: Option<OpenRows>,
    /// Answers in PostgreSQL.
    pub answers: Option<OpenAnswers>,
    /// Blobs outside of the database.
    pub blobs: Option<OpenBlobs>,
}

/// Opens a store as often as threads ask for a handle of their own.
#[derive(Debug, Clone)]
pub struct Opener {
    location: Location,
    drivers: Drivers,
}

/// The setting that says where the blobs are when they are not in the database.
const BLOBS: &str = "blobs";

impl Opener {
    /// Of a place, with what the program links.
    pub fn new(location: Location, drivers: Drivers) -> Self {
        Self { location, drivers }
    }

    /// The place.
    pub fn location(&self) -> &Location {
        &self.location
    }

    /// A handle for reading.
    ///
    /// # Errors
    /// [`Error::NoStore`], [`Error::NotAStore`], [`Error::TooNew`], [`Error::NoDriver`].
    pub fn read(&self) -> Result<Store, Error> {
        self.open(Access::Read)
    }

    /// A handle for appending to a store that is there.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    pub fn write(&self) -> Result<Store, Error> {
        self.open(Access::Write)
    }

    /// A handle for appending; makes the store where there is none. `blobs` says where a new store keeps its blobs: `None`
    /// for the database itself. A store that is there keeps them where it does.
    ///
    /// # Errors
    /// As [`read`](Self::read); [`Error::BlobsElsewhere`] when the store keeps its blobs in another place than `blobs`.
    pub fn create(&self, blobs: Option<&str>) -> Result<Store, Error> {
        let mut rows = self.rows(Access::Create)?;
        if let Some(wanted) = blobs {
            if rows.meta(BLOBS)?.is_none() && rows.latest()?.is_none() {
                // Whoever cannot open the place does not leave a store that points to it.
                self.objects(wanted, Access::Create)?;
                rows.set_meta(BLOBS, wanted)?;
            }
            let found = rows.meta(BLOBS)?;
            if found.as_deref() != Some(wanted) {
                let found = found.unwrap_or_else(|| "the database".to_owned());
                return Err(Error::BlobsElsewhere { found, wanted: wanted.to_owned() });
            }
        }
        self.with_objects(rows, Access::Write)
    }

    /// A handle for the answers that are kept at this place.
    ///
    /// # Errors
    /// [`Error::NoAnswers`], [`Error::NotAnswers`], [`Error::TooNew`], [`Error::NoDriver`].
    pub fn answers(&self, access: Access) -> Result<Box<dyn AnswerStore>, Error> {
        match &self.location {
            Location::File(path) => Ok(Box::new(Answers::open(path, access)?)),
            Location::Postgres(address) => {
                let open = self.drivers.answers.ok_or(Error::NoDriver { wanted: "PostgreSQL" })?;
                open(address, access)
            }
        }
    }

    fn open(&self, access: Access) -> Result<Store, Error> {
        let rows = self.rows(access)?;
        self.with_objects(rows, access)
    }

    fn rows(&self, access: Access) -> Result<Box<dyn RunStore>, Error> {
        match &self.location {
            Location::File(path) => Ok(Box::new(Sqlite::open(path, access)?)),
            Location::Postgres(address) => {
                let open = self.drivers.postgres.ok_or(Error::NoDriver { wanted: "PostgreSQL" })?;
                open(address, access)
            }
        }
    }

    fn with_objects(&self, rows: Box<dyn RunStore>, access: Access) -> Result<Store, Error> {
        let objects = rows.meta(BLOBS)?.map(|address| self.objects(&address, access)).transpose()?;
        Ok(Store::new(rows, objects))
    }

    /// A folder that is not absolute begins at the folder of the store's file.
    fn objects(&self, address: &str, access: Access) -> Result<Box<dyn BlobStore>, Error> {
        let open = self.drivers.blobs.ok_or(Error::NoDriver { wanted: "blobs outside of the database" })?;
        let folder = match &self.location {
            Location::File(path) if !address.contains("://") => path.parent(),
            _ => None,
        };
        match folder {
            Some(folder) => open(&folder.join(address).to_string_lossy(), access),
            None => open(address, access),
        }
    }
}

impl From<&Path> for Opener {
    fn from(path: &Path) -> Self {
        Self::new(Location::File(path.to_owned()), Drivers::default())
    }
}

impl From<&PathBuf> for Opener {
    fn from(path: &PathBuf) -> Self {
        Self::from(path.as_path())
    }
}

impl From<&Self> for Opener {
    fn from(other: &Self) -> Self {
        other.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places() {
        for (text, shown, postgres) in [
            ("runs.db", "runs.db", false),
            ("/var/a b/runs.db", "/var/a b/runs.db", false),
            ("postgres://ann@db.example/runs", "postgres://ann@db.example/runs", true),
            ("postgresql://ann:se@cret@db/runs?sslmode=off", "postgresql://ann@db/runs", true),
            ("postgres:///runs?host=/tmp&password=x", "postgres:///runs", true),
        ] {
            let location: Location = text.parse().unwrap_or_else(|never| match never {});
            assert_eq!(location.to_string(), shown);
            assert_eq!(matches!(location, Location::Postgres(_)), postgres);
            assert!(!format!("{location:?}").contains("cret"));
        }
    }
}
