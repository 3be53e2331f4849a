//! What a reader may use: limits, a source of blobs, parts that were read before, and a predictor.

use crate::container::{BlobSource, NoBlobs};
use crate::identity::RiskHead;
use crate::record::{Derive, Matrix32, Params};
use crate::section::{HEAD, Kind, Section, matrix_of};
use crate::sigma::{self, Kept, PricePanel};
use crate::{Codec, Digest, Error, Limits, Predictor, Shared, canonical};
use std::sync::Arc;

/// Where a Run is read from, and with what.
#[derive(Clone, Copy)]
pub struct Reader<'a> {
    /// How large anything may be.
    pub limits: &'a Limits,
    /// Where the parts are that a file refers to, and those that a part builds upon.
    pub blobs: &'a dyn BlobSource,
    /// Parts that were read and verified before.
    pub shared: Option<&'a Shared>,
    /// Computes covariances that are stored as the closes they were made of.
    pub predictor: Option<&'a dyn Predictor>,
    /// Derives outcomes of which only their state is stored.
    pub derive: Option<&'a dyn Derive>,
}

/// What one part has taken so far by way of its bases.
#[derive(Debug, Default)]
pub(crate) struct Walk {
    steps: u32,
    bytes: u64,
}

impl Walk {
    /// One base further.
    pub(crate) fn step(&mut self, part: &'static str, limits: &Limits) -> Result<(), Error> {
        self.steps += 1;
        if self.steps <= limits.chain {
            return Ok(());
        }
        Err(Error::ChainTooLong { part, allowed: limits.chain })
    }
}

/// The decoded content of a section.
#[derive(Debug)]
pub(crate) enum Content {
    Bytes(Vec<u8>),
    Matrix(Arc<Matrix32>),
    Panel(Arc<PricePanel>),
}

impl Content {
    /// The raw bytes, which the content id is a hash of.
    pub(crate) fn into_bytes(self) -> Vec<u8> {
        match self {
            Self::Bytes(bytes) => bytes,
            Self::Matrix(matrix) => matrix.values.iter().flat_map(|value| value.to_le_bytes()).collect(),
            Self::Panel(panel) => panel.to_bytes(),
        }
    }

    /// The matrix; every entry is finite.
    pub(crate) fn into_matrix(self, section: &Section) -> Result<Matrix32, Error> {
        match self {
            Self::Bytes(bytes) => matrix_of(section, &bytes),
            Self::Matrix(matrix) => Arc::unwrap_or_clone(matrix).finite(section.kind.name()),
            Self::Panel(_) => Err(Error::damaged(section.kind.name(), "a matrix", "a panel")),
        }
    }
}

impl<'a> Reader<'a> {
    /// A reader without parts read before, without a predictor, and that derives no outcome.
    pub const fn new(limits: &'a Limits, blobs: &'a dyn BlobSource) -> Self {
        Self { limits, blobs, shared: None, predictor: None, derive: None }
    }

    /// A reader of what stands by itself.
    pub(crate) const fn alone(limits: &'a Limits) -> Self {
        Self::new(limits, &NoBlobs)
    }

    /// Reads a blob: head and stored bytes; returns its head and its raw bytes, fully checked.
    ///
    /// # Errors
    /// What is damaged, what the source does not have, [`Error::NeedsPredictor`], [`Error::ChainTooLong`].
    pub fn read_blob(&self, blob: &[u8]) -> Result<(Section, Vec<u8>), Error> {
        let (section, stored) = Section::open_blob(blob, self.limits)?;
        let content = self.content(&section, stored)?;
        Ok((section, content.into_bytes()))
    }

    /// Reads the blob of a matrix, fully checked.
    ///
    /// # Errors
    /// As [`read_blob`](Self::read_blob).
    pub fn read_matrix(&self, blob: &[u8]) -> Result<Matrix32, Error> {
        let (section, stored) = Section::open_blob(blob, self.limits)?;
        if !section.kind.is_matrix() {
            return Err(Error::damaged("blob", "a matrix", section.kind.name()));
        }
        self.content(&section, stored)?.into_matrix(&section)
    }

    /// The content behind `stored`: length, checksum, decoding, content id, in this order.
    pub(crate) fn content(&self, section: &Section, stored: &[u8]) -> Result<Content, Error> {
        self.content_of(section, stored, &mut Walk::default())
    }

    fn content_of(&self, section: &Section, stored: &[u8], walk: &mut Walk) -> Result<Content, Error> {
        section.check_stored(stored)?;
        let part = section.kind.name();
        if section.is_bytes() {
            return Ok(Content::Bytes(section.decode(stored)?));
        }
        if section.kind == Kind::Panel {
            let panel = Arc::new(sigma::decode_panel(section, stored, self, walk)?);
            let id = panel.id();
            if id != section.id {
                return Err(Error::damaged(part, section.id, id));
            }
            self.keep(section.id, || Kept::Panel(Arc::clone(&panel)));
            return Ok(Content::Panel(panel));
        }
        let (rows, cols) = (section.rows as usize, section.cols as usize);
        let values = match section.codec {
            Codec::SigmaWords => sigma::read_alone(stored, rows)?,
            _ => sigma::decode(section, stored, self, walk)?,
        };
        let matrix = Arc::new(Matrix32 { rows, cols, values });
        let id = matrix.id(section.kind);
        if id != section.id {
            return Err(Error::damaged(part, section.id, id));
        }
        // The next day is likely to build upon it.
        if section.codec == Codec::SigmaPrevious {
            self.keep(section.id, || Kept::Matrix(Arc::clone(&matrix)));
        }
        Ok(Content::Matrix(matrix))
    }

    /// Head and stored bytes of the blob `id`, of the kind that is expected.
    pub(crate) fn fetch(
        &self,
        part: &'static str,
        id: &Digest,
        kind: Kind,
        walk: &mut Walk,
    ) -> Result<(Section, Vec<u8>), Error> {
        let mut blob = self.blob(part, id)?;
        walk.bytes = walk.bytes.saturating_add(blob.len() as u64);
        Limits::check(part, walk.bytes, self.limits.file)?;
        let (section, stored) = Section::open_blob(&blob, self.limits)?;
        if (section.kind, section.id) != (kind, *id) {
            return Err(Error::damaged(part, format!("{} {id}", kind.name()), section.id));
        }
        section.check_stored(stored)?;
        blob.drain(..HEAD);
        Ok((section, blob))
    }

    /// The bytes of a blob.
    pub(crate) fn blob(&self, part: &'static str, id: &Digest) -> Result<Vec<u8>, Error> {
        let failed = |problem| Error::Damaged { part, expected: id.to_string(), found: problem };
        self.blobs.blob(id).map_err(failed)?.ok_or(Error::MissingBlob { part, digest: *id })
    }

    /// A matrix that another one builds upon; `fits` is asked about its rows and columns before it is decoded.
    pub(crate) fn base_matrix(
        &self,
        id: &Digest,
        kind: Kind,
        fits: impl Fn(usize, usize) -> bool,
        walk: &mut Walk,
    ) -> Result<Arc<Matrix32>, Error> {
        walk.step(kind.name(), self.limits)?;
        let require = |rows: usize, cols: usize| {
            let found =
                || Error::damaged(kind.name(), "a base of sides that fit", format!("{rows} x {cols}"));
            if fits(rows, cols) { Ok(()) } else { Err(found()) }
        };
        if let Some(Kept::Matrix(matrix)) = self.shared.and_then(|shared| shared.base(id)) {
            require(matrix.rows, matrix.cols)?;
            return Ok(matrix);
        }
        let (section, stored) = self.fetch(kind.name(), id, kind, walk)?;
        require(section.rows as usize, section.cols as usize)?;
        let matrix = Arc::new(self.content_of(&section, &stored, walk)?.into_matrix(&section)?);
        if kind == Kind::Sigma {
            self.keep(*id, || Kept::Matrix(Arc::clone(&matrix)));
        }
        Ok(matrix)
    }

    /// A panel that a covariance was made of.
    pub(crate) fn base_panel(&self, id: &Digest, walk: &mut Walk) -> Result<Arc<PricePanel>, Error> {
        if let Some(panel) = self.known_panel(id) {
            return Ok(panel);
        }
        let (section, stored) = self.fetch("panel", id, Kind::Panel, walk)?;
        match self.content_of(&section, &stored, walk)? {
            Content::Panel(panel) => Ok(panel),
            _ => Err(Error::damaged("panel", id, section.id)),
        }
    }

    /// A panel that was verified before.
    pub(crate) fn known_panel(&self, id: &Digest) -> Option<Arc<PricePanel>> {
        match self.shared?.base(id)? {
            Kept::Panel(panel) => Some(panel),
            Kept::Matrix(_) => None,
        }
    }

    /// The recipe of a risk model.
    pub(crate) fn recipe(&self, id: &Digest, walk: &mut Walk) -> Result<Params, Error> {
        let (section, stored) = self.fetch("risk recipe", id, Kind::RiskRecipe, walk)?;
        let head: RiskHead =
            canonical::decode_within("risk recipe", &section.decode(&stored)?, self.limits.message)?;
        Ok(head.recipe)
    }

    fn keep(&self, id: Digest, part: impl FnOnce() -> Kept) {
        if let Some(shared) = self.shared {
            shared.keep_base(id, part());
        }
    }
}
