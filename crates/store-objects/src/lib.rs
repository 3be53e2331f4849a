//! Blobs of a store in a folder, or in a bucket (`s3://BUCKET/PREFIX`, feature `s3`).
//!
//! A blob is an object named by its content id in hexadecimal, behind the first two digits of it:
//! `ab/ab12...`. A store that was made with such a place writes blobs there before the row that refers to them, and every
//! reader checks their content as it does anywhere (`docs/store.md`).
//!
//! What [`BlobStore::put`] has put is durable: in a folder the file and the folders above it are synchronised, in a bucket the
//! service acknowledged it. Blobs that are there stay, if they are whole: one that a crash of the machine has cut off is
//! written anew when it is put again.
//!
//! ```
//! use samebits_store::{Access, BlobStore};
//! let folder = std::env::temp_dir().join(format!("samebits-objects-{}", std::process::id()));
//! let objects = samebits_store_objects::open(&folder.to_string_lossy(), Access::Create)?;
//! assert!(objects.ids()?.is_empty());
//! # std::fs::remove_dir_all(&folder)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Left out on purpose: deletion, encryption, retries beyond those of the service's client.

use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{ObjectMeta, ObjectStore, ObjectStoreExt, PutMode, PutPayload};
use samebits_snapshot::{Blob, Digest, Limits, Section};
use samebits_store::{Access, BlobStore, Error};
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use tokio::runtime::Runtime;

/// Blobs in a folder or a bucket.
#[derive(Debug)]
pub struct Objects {
    store: Arc<dyn ObjectStore>,
    place: String,
    /// In front of every name.
    prefix: Path,
    /// The folder, when it is one: what is put there is synchronised.
    folder: Option<PathBuf>,
    runtime: Runtime,
    /// What this handle has put or found whole.
    whole: RefCell<BTreeSet<Digest>>,
}

/// Opens the blobs at a folder or an address; [`Access::Create`] makes the folder.
///
/// # Errors
/// [`Error::NoStore`] for a folder that is not there, [`Error::NoDriver`] for a bucket without the feature `s3`, and what the
/// storage says.
pub fn open(address: &str, access: Access) -> Result<Box<dyn BlobStore>, Error> {
    if address.starts_with("s3://") {
        return bucket(address);
    }
    let folder = PathBuf::from(address.strip_prefix("file://").unwrap_or(address));
    if access == Access::Create {
        std::fs::create_dir_all(&folder).map_err(failed)?;
    } else if !folder.is_dir() {
        return Err(Error::NoStore { place: folder.display().to_string() });
    }
    let store = Arc::new(LocalFileSystem::new_with_prefix(&folder).map_err(failed)?);
    let place = folder.display().to_string();
    Ok(Box::new(Objects { folder: Some(folder), ..Objects::new(store, place, Path::default())? }))
}

#[cfg(feature = "s3")]
fn bucket(address: &str) -> Result<Box<dyn BlobStore>, Error> {
    let store = object_store::aws::AmazonS3Builder::from_env().with_url(address).build().map_err(failed)?;
    let prefix = address.trim_start_matches("s3://").split_once('/').map_or("", |(_, prefix)| prefix);
    Ok(Box::new(Objects::new(Arc::new(store), address.to_owned(), Path::from(prefix))?))
}

#[cfg(not(feature = "s3"))]
fn bucket(_address: &str) -> Result<Box<dyn BlobStore>, Error> {
    Err(Error::NoDriver { wanted: "buckets (feature `s3` of samebits-store-objects)" })
}

impl Objects {
    /// Over any storage of objects; `place` is its name for people, `prefix` stands in front of every object's name.
    ///
    /// # Errors
    /// What the system says.
    pub fn new(store: Arc<dyn ObjectStore>, place: String, prefix: Path) -> Result<Self, Error> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(failed)?;
        Ok(Self { store, place, prefix, folder: None, runtime, whole: RefCell::default() })
    }

    fn path(&self, id: &Digest) -> Path {
        let name = id.to_string();
        self.prefix.clone().join(&name[..2]).join(name)
    }

    fn write(&self, id: &Digest, bytes: &[u8], mode: PutMode) -> Result<(), object_store::Error> {
        let payload = PutPayload::from(bytes.to_vec());
        self.runtime.block_on(self.store.put_opts(&self.path(id), payload, mode.into())).map(drop)
    }

    /// The file, its folder and the folder above: a name is durable when its folder is.
    fn synchronise(&self, id: &Digest) -> Result<(), Error> {
        let Some(folder) = &self.folder else { return Ok(()) };
        let name = id.to_string();
        let inner = folder.join(&name[..2]);
        for path in [&inner.join(&name), &inner, folder] {
            std::fs::File::open(path).and_then(|file| file.sync_all()).map_err(failed)?;
        }
        Ok(())
    }

    fn put_one(&self, blob: &Blob) -> Result<(), Error> {
        match self.write(&blob.id, &blob.bytes, PutMode::Create) {
            Ok(()) => {}
            Err(object_store::Error::AlreadyExists { .. }) => {
                let found = self.get(&blob.id)?.unwrap_or_default();
                let whole = || {
                    Section::read_blob(&found, &Limits::default())
                        .is_ok_and(|(section, _)| section.id == blob.id)
                };
                if found != blob.bytes && !whole() {
                    self.write(&blob.id, &blob.bytes, PutMode::Overwrite).map_err(failed)?;
                }
            }
            Err(error) => return Err(failed(error)),
        }
        self.synchronise(&blob.id)
    }

    /// Names and sizes of all blobs.
    fn listed(&self) -> Result<Vec<(Digest, u64)>, Error> {
        let list = |prefix: &Path| {
            let prefix = (!prefix.as_ref().is_empty()).then_some(prefix);
            self.runtime.block_on(self.store.list_with_delimiter(prefix)).map_err(failed)
        };
        let named = |object: &ObjectMeta| Some((digest(object.location.filename()?)?, object.size));
        let mut all = Vec::new();
        for folder in list(&self.prefix)?.common_prefixes {
            all.extend(list(&folder)?.objects.iter().filter_map(named));
        }
        all.sort_unstable();
        Ok(all)
    }
}

impl BlobStore for Objects {
    fn place(&self) -> String {
        self.place.clone()
    }

    fn get(&self, id: &Digest) -> Result<Option<Vec<u8>>, Error> {
        let read = async { self.store.get(&self.path(id)).await?.bytes().await };
        match self.runtime.block_on(read) {
            Ok(bytes) => Ok(Some(bytes.to_vec())),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(failed(error)),
        }
    }

    fn put(&self, blobs: &[&Blob]) -> Result<(), Error> {
        for blob in blobs {
            if !self.whole.borrow().contains(&blob.id) {
                self.put_one(blob)?;
                self.whole.borrow_mut().insert(blob.id);
            }
        }
        Ok(())
    }

    fn replace(&self, blobs: &[(Digest, &[u8])]) -> Result<(), Error> {
        for (id, bytes) in blobs {
            if self.get(id)?.is_none() {
                return Err(Error::NotFound { wanted: id.to_string() });
            }
            self.write(id, bytes, PutMode::Overwrite).map_err(failed)?;
            self.synchronise(id)?;
        }
        Ok(())
    }

    fn ids(&self) -> Result<Vec<Digest>, Error> {
        Ok(self.listed()?.into_iter().map(|(id, _)| id).collect())
    }

    fn size(&self) -> Result<u64, Error> {
        Ok(self.listed()?.into_iter().map(|(_, size)| size).fold(0, u64::saturating_add))
    }
}

/// The id that an object's name spells; `None` for a file of someone else.
fn digest(name: &str) -> Option<Digest> {
    let mut bytes = [0; 32];
    if name.len() != 64 || !name.is_ascii() {
        return None;
    }
    for (byte, digits) in bytes.iter_mut().zip(name.as_bytes().chunks_exact(2)) {
        let [high, low] = [digits[0], digits[1]].map(|digit| char::from(digit).to_digit(16));
        *byte = u8::try_from(high? << 4 | low?).ok()?;
    }
    Some(Digest::from_bytes(bytes))
}

fn failed(error: impl std::fmt::Display) -> Error {
    Error::Database { problem: format!("storage of blobs: {error}"), corrupt: false }
}
