//! The same content in other bytes: records and blobs are written anew in a narrower form.

use crate::check::{checked, checked_correction};
use crate::{Error, Store};
use samebits_snapshot::Digest;

impl Store {
    /// Replaces the bytes of records and blobs in one transaction. Each record is read as the store will read it, against
    /// its row and link; each blob must have its content id. No id and no link changes.
    ///
    /// Blobs come first: new records may refer to the old form of a blob or to the new one, as both hold the same content.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::NotTheSame`], [`Error::Damaged`], [`Error::OldSchema`], and what the database says.
    pub fn replace(&mut self, records: &[(Digest, &[u8])], blobs: &[(Digest, &[u8])]) -> Result<(), Error> {
        self.must_be_current()?;
        for (id, bytes) in blobs {
            let found = self
                .checking()
                .content_id(bytes)
                .map_err(|error| Error::NotTheSame { id: *id, problem: error.to_string() })?;
            if found != *id {
                return Err(Error::NotTheSame { id: *id, problem: format!("its content is {found}") });
            }
        }
        for (id, bytes) in records {
            if let Some(row) = self.rows.by_id(id)? {
                checked(&self.checking(), &row.head, bytes)?;
            } else {
                let row = self.rows.correction(id)?;
                let row = row.ok_or_else(|| Error::NotFound { wanted: id.to_string() })?;
                checked_correction(&self.checking(), &row.head, bytes)?;
            }
        }
        match &self.objects {
            Some(objects) => {
                objects.replace(blobs)?;
                self.rows.replace(records, &[])
            }
            None => self.rows.replace(records, blobs),
        }
    }
}
