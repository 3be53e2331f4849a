//! A record in its narrow form: three documents by columns, compressed against those of an earlier Run of the account.
//!
//! ```text
//! head (question, method, info, shared parts, result)  \
//! account before trading                                >  columns  --zstd, dictionary: the base's columns-->  frame
//! outcome, or what is kept of it                       /
//! ```
//! The ids are those of the `.run` file that it was made of: the content is the same, only its bytes are others. A reader
//! rebuilds the canonical documents, hashes them, and works out every id again. `docs/format.md`, "Sealed records", gives
//! every byte.

use crate::container::{Unpacked, frame, shared_parts};
use crate::identity::{InputIds, Manifest, risk_id};
use crate::record::{Account, Info, Inputs, Kept, Method, Outcome, Question, Run};
use crate::section::{Kind, Section, content_id};
use crate::transpose::{rebuild, transpose};
use crate::{Digest, Error, Limits, Reader, canonical, tree};
use serde::{Deserialize, Serialize};

/// Detects truncation to seven bits, line-end conversion and text editors.
const MAGIC: [u8; 8] = [0x89, b'S', b'B', b'S', 0x0d, 0x0a, 0x1a, 0x0a];
/// Version of this form.
const VERSION: u16 = 1;
/// Bytes before the frame.
const START: usize = 40;
/// Bytes of the hash after it.
const HASH: usize = 32;
/// Level of zstd: records are sealed once and read for years.
const LEVEL: i32 = 19;
/// Name of the form in errors.
const PART: &str = "sealed record";

/// A record in its narrow form, with its frame still compressed.
#[derive(Debug, Clone, Copy)]
pub struct Sealed<'a> {
    kept: bool,
    distance: u32,
    /// Lengths of the columns and of the documents: head, account, outcome.
    columns: [usize; 3],
    documents: [usize; 3],
    frame: &'a [u8],
    /// As [`Limits::message`].
    message: u64,
}

/// What the columns of a sealed record stand for, with every id worked out again from it.
#[derive(Debug, Clone)]
pub struct Unsealed {
    head: Head,
    account: Vec<u8>,
    outcome: Vec<u8>,
    kept: bool,
    manifest: Manifest,
    ids: InputIds,
    message: u64,
}

/// A record in its narrow form, as written.
#[derive(Debug, Clone)]
pub struct Narrow {
    /// The record.
    pub bytes: Vec<u8>,
    /// Its columns, against which later Runs of the account may be compressed.
    pub columns: Vec<u8>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    account_after: Digest,
    info: Info,
    method: Method,
    question: Question,
    result: Digest,
    shared: Vec<Reference>,
    status: String,
}

/// A shared part: its content id and the length of its raw bytes. They stand in the order of their kinds.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Reference {
    id: Digest,
    length: u64,
}

fn wrong(expected: impl ToString, found: impl ToString) -> Error {
    Error::damaged(PART, expected, found)
}

/// The kinds that a record refers to.
fn shared_kinds() -> impl Iterator<Item = Kind> {
    Kind::ALL.into_iter().filter(|kind| kind.is_shared())
}

/// The narrow form of `record`, a `.run` file that refers to its shared parts. With `kept` the outcome is left out and what
/// is kept of it stands in its place: the caller has derived it again and found it equal. `base`: how many Runs of the
/// account lie back to the one whose columns are the dictionary (at least 1), and those columns.
///
/// # Errors
/// A record that is not as it was written, one with all its parts inline, and one with more places than columns may have.
pub fn seal(
    record: &[u8],
    limits: &Limits,
    kept: Option<&Kept>,
    base: Option<(u32, &[u8])>,
) -> Result<Narrow, Error> {
    let frame = frame(record, limits)?;
    let stated: Manifest = canonical::decode("manifest", frame.manifest)?;
    let inline = |kind: Kind| match &frame.sections[kind as usize - 1] {
        (section, Some(stored)) => section.decode(stored),
        (section, None) => Err(Error::MissingBlob { part: kind.name(), digest: section.id }),
    };
    let outcome: Outcome = canonical::decode("outcome", &inline(Kind::Outcome)?)?;
    let mut shared = Vec::new();
    for kind in shared_kinds() {
        let (section, stored) = &frame.sections[kind as usize - 1];
        if stored.is_some() {
            let problem = format!("its {} is inline", kind.name());
            return Err(Error::NotStorable { part: PART, problem });
        }
        shared.push(Reference { id: section.id, length: section.raw_length });
    }
    let head = Head {
        account_after: outcome.stages.account_after,
        info: canonical::decode("info", &inline(Kind::Info)?)?,
        method: stated.method,
        question: stated.question,
        result: stated.result_id,
        shared,
        status: outcome.status.name().to_owned(),
    };
    let documents = [
        canonical::encode(PART, &head)?,
        inline(Kind::Account)?,
        match kept {
            Some(kept) => canonical::encode("kept outcome", kept)?,
            None => canonical::encode("outcome", &outcome)?,
        },
    ];
    write(&documents, kept.is_some(), base)
}

fn write(documents: &[Vec<u8>; 3], kept: bool, base: Option<(u32, &[u8])>) -> Result<Narrow, Error> {
    let mut parts: [Vec<u8>; 3] = Default::default();
    for (part, document) in parts.iter_mut().zip(documents) {
        *part = transpose(&tree::read(PART, document, canonical::DEPTH)?)?;
    }
    let columns = parts.concat();
    let (distance, dictionary) = base.unwrap_or((0, &[]));
    let not_storable = |problem: String| Error::NotStorable { part: PART, problem };
    let frame = zstd::bulk::Compressor::with_dictionary(LEVEL, dictionary)
        .and_then(|mut compressor| compressor.compress(&columns))
        .map_err(|error| not_storable(error.to_string()))?;
    let mut bytes = MAGIC.to_vec();
    bytes.extend_from_slice(&VERSION.to_le_bytes());
    bytes.extend_from_slice(&u16::from(kept).to_le_bytes());
    bytes.extend_from_slice(&distance.to_le_bytes());
    for length in parts.iter().chain(documents).map(Vec::len) {
        let length = u32::try_from(length).map_err(|_| not_storable(format!("{length} bytes")))?;
        bytes.extend_from_slice(&length.to_le_bytes());
    }
    bytes.extend_from_slice(&frame);
    let hash = Digest::of("samebits 2026 sealed record", &bytes);
    bytes.extend_from_slice(hash.as_bytes());
    Ok(Narrow { bytes, columns })
}

impl<'a> Sealed<'a> {
    /// Whether `record` says that it is one of these, and not a `.run` file.
    pub fn is(record: &[u8]) -> bool {
        record.starts_with(&MAGIC)
    }

    /// Checks all that can be checked without the base: version, limits, lengths and hash.
    ///
    /// # Errors
    /// What is damaged, too new, or beyond the limits.
    pub fn read(record: &'a [u8], limits: &Limits) -> Result<Self, Error> {
        if record.len() < START + HASH || !Self::is(record) {
            let problem = "does not begin like a sealed record, or is cut off";
            return Err(Error::NotARun { part: PART, problem });
        }
        Limits::check(PART, record.len() as u64, limits.file)?;
        let u16_at = |at: usize| u16::from_le_bytes([record[at], record[at + 1]]);
        let u32_at = |at: usize| u32::from(u16_at(at)) | u32::from(u16_at(at + 2)) << 16;
        if u16_at(8) > VERSION {
            let (found, supported) = (u16_at(8).into(), VERSION.into());
            return Err(Error::TooNew { part: "version of a sealed record", found, supported });
        }
        let (body, hash) = record.split_at(record.len() - HASH);
        let found = Digest::of("samebits 2026 sealed record", body);
        if found.as_bytes() != hash {
            return Err(wrong("the hash of its bytes", found));
        }
        if u16_at(8) == 0 || u16_at(10) > 1 {
            return Err(wrong("version 1 and known flags", format!("{} and {}", u16_at(8), u16_at(10))));
        }
        let lengths = |first: usize| [0, 1, 2].map(|k| u32_at(first + 4 * k));
        let (columns, documents) = (lengths(16), lengths(28));
        let all = columns.iter().chain(&documents).fold(0, |sum, &length| sum + u64::from(length));
        Limits::check(PART, all, limits.message)?;
        Ok(Self {
            kept: u16_at(10) == 1,
            distance: u32_at(12),
            columns: columns.map(|length| length as usize),
            documents: documents.map(|length| length as usize),
            frame: &body[START..],
            message: limits.message,
        })
    }

    /// How many Runs of the account lie back to the one whose columns are needed to read this one; 0 when none are.
    pub const fn distance(&self) -> u32 {
        self.distance
    }

    /// Whether the outcome was left out and what is kept of it stands in its place.
    pub const fn is_kept(&self) -> bool {
        self.kept
    }

    /// The columns; `base`: those of the Run that lies [`distance`](Self::distance) back, when it is not 0.
    ///
    /// # Errors
    /// [`Error::Damaged`].
    pub fn columns(&self, base: Option<&[u8]>) -> Result<Vec<u8>, Error> {
        let dictionary = match (self.distance, base) {
            (0, _) => &[],
            (_, Some(base)) => base,
            (distance, None) => return Err(wrong(format!("the columns of {distance} Runs before"), "none")),
        };
        let length = self.columns.iter().sum();
        let columns = zstd::bulk::Decompressor::with_dictionary(dictionary)
            .and_then(|mut decompressor| decompressor.decompress(self.frame, length))
            .map_err(|error| wrong("a zstd frame", error))?;
        if columns.len() == length {
            Ok(columns)
        } else {
            Err(wrong(format!("{length} bytes of columns"), columns.len()))
        }
    }

    /// What the columns stand for, with every id worked out from it.
    ///
    /// # Errors
    /// [`Error::Damaged`] and [`Error::Schema`].
    pub fn open(&self, columns: &[u8]) -> Result<Unsealed, Error> {
        let mut rest = columns;
        let mut document = |k: usize, part: &'static str| {
            let (own, after) = rest
                .split_at_checked(self.columns[k])
                .ok_or_else(|| wrong(format!("{} bytes of columns", self.columns[k]), rest.len()))?;
            rest = after;
            rebuild(part, own, self.documents[k])
        };
        let head = document(0, PART)?;
        let (account, outcome) = (document(1, Kind::Account.name())?, document(2, Kind::Outcome.name())?);
        if !rest.is_empty() {
            return Err(wrong("the columns of three documents", "more"));
        }
        let head = canonical::decode_within(PART, &head, self.message)?;
        Unsealed::new(head, [account, outcome], self.kept, self.message)
    }
}

impl Unsealed {
    fn new(head: Head, [account, outcome]: [Vec<u8>; 2], kept: bool, message: u64) -> Result<Self, Error> {
        if head.shared.len() != shared_kinds().count() {
            return Err(wrong(format!("{} shared parts", shared_kinds().count()), head.shared.len()));
        }
        let [market, risk @ .., params] = head.shared.as_slice() else {
            return Err(wrong("shared parts", 0));
        };
        let risk: Vec<&Digest> = risk.iter().map(|part| &part.id).collect();
        let ids = InputIds {
            market: market.id,
            risk: risk_id(risk.try_into().map_err(|_| wrong("a risk model of five parts", "another"))?),
            account: content_id(Kind::Account, 0, 0, &account),
            params: params.id,
        };
        if !kept {
            let found = content_id(Kind::Outcome, 0, 0, &outcome);
            if found != head.result {
                return Err(Error::damaged(Kind::Outcome.name(), head.result, found));
            }
        }
        let manifest = Manifest::new(&head.question, &head.method, &ids, head.result)?;
        Ok(Self { head, account, outcome, kept, manifest, ids, message })
    }

    /// What the record says of its Run; every id follows from its content.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Ids of the parts of the question.
    pub fn ids(&self) -> &InputIds {
        &self.ids
    }

    /// Content id of the account after trading.
    pub fn account_after(&self) -> Digest {
        self.head.account_after
    }

    /// `solved`, `relaxed` or `unsolved`, as the record says. [`unpack`](Self::unpack) compares it with the outcome.
    pub fn status(&self) -> &str {
        &self.head.status
    }

    /// About the machine and the clock.
    pub fn info(&self) -> &Info {
        &self.head.info
    }

    /// The account before trading.
    ///
    /// # Errors
    /// [`Error::Schema`].
    pub fn account(&self) -> Result<Account, Error> {
        // Its bytes were written by the reader of columns, which writes nothing but the canonical form.
        canonical::require_small(Kind::Account.name(), &self.account, self.message)?;
        canonical::decode_canonical(Kind::Account.name(), &self.account)
    }

    /// The question, read with its shared parts.
    ///
    /// # Errors
    /// What is damaged or missing.
    pub fn inputs(&self, reader: &Reader<'_>) -> Result<Inputs, Error> {
        let pairs = shared_kinds().zip(&self.head.shared);
        let references = pairs.map(|(kind, part)| Section::reference(kind, part.id, part.length)).collect();
        let (market, risk, params) = shared_parts(references, reader)?;
        Ok(Inputs { question: self.head.question.clone(), market, risk, account: self.account()?, params })
    }

    /// The whole Run. An outcome that was left out is derived again, and its content id compared with the recorded one.
    ///
    /// # Errors
    /// What is damaged or missing; [`Error::NeedsDerive`]; [`Error::NotDerived`].
    pub fn unpack(self, reader: &Reader<'_>) -> Result<Unpacked, Error> {
        let inputs = self.inputs(reader)?;
        let outcome = match self.decided()? {
            Decided::Full(outcome) => *outcome,
            Decided::Kept(kept) => {
                let derive = reader.derive.ok_or(Error::NeedsDerive)?;
                let outcome = derive
                    .outcome(&inputs, &self.ids, &self.manifest.method, &kept)
                    .map_err(|problem| Error::NotDerived { problem })?;
                let found = crate::result_id(&outcome)?;
                if found != self.manifest.result_id {
                    return Err(Error::damaged(Kind::Outcome.name(), self.manifest.result_id, found));
                }
                outcome
            }
        };
        if outcome.stages.account_after != self.head.account_after
            || outcome.status.name() != self.head.status
        {
            return Err(wrong("the status and the account after trading of its outcome", "others"));
        }
        let run = Run { inputs, method: self.head.method, outcome, info: self.head.info };
        Ok(Unpacked { run, manifest: self.manifest, ids: self.ids })
    }

    /// How the decision ended, and its trades.
    ///
    /// # Errors
    /// [`Error::NotCanonical`] and [`Error::Schema`].
    pub fn decided(&self) -> Result<Decided, Error> {
        Ok(if self.kept {
            Decided::Kept(Box::new(canonical::decode_within("kept outcome", &self.outcome, self.message)?))
        } else {
            Decided::Full(Box::new(canonical::decode_within(
                Kind::Outcome.name(),
                &self.outcome,
                self.message,
            )?))
        })
    }
}

/// The outcome of a sealed record, as far as it stores it.
#[derive(Debug, Clone, PartialEq)]
pub enum Decided {
    /// All of it.
    Full(Box<Outcome>),
    /// What its state and its question do not give.
    Kept(Box<Kept>),
}
