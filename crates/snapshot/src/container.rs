//! The `.run` file: head, section table, manifest, payloads, trailer (`docs/format.md` describes every byte).

use crate::identity::{DaySections, InputIds, Manifest, RiskHead, risk_id};
use crate::reader::Content;
use crate::record::{FactorModel, Info, Inputs, Market, Params, RiskModel, Run};
use crate::section::{Encoded, HEAD, Kind, Section};
use crate::{Digest, Error, Limits, Reader, Shared, canonical};
use std::sync::Arc;

/// Detects truncation to seven bits, line-end conversion and text editors.
pub(crate) const MAGIC: [u8; 8] = [0x89, b'S', b'B', b'R', 0x0d, 0x0a, 0x1a, 0x0a];
/// Major format version of this build.
pub(crate) const VERSION: u16 = 1;
/// Minor version of a file that has a section under a codec which format 1.0 does not have.
const LATER_MINOR: u16 = 1;
/// Required feature: such a codec.
const LATER_CODECS: u32 = 1;
/// Bytes before the section table.
pub(crate) const START: usize = 32;
/// Bytes after the payloads: hash of everything before, and the file's length.
pub(crate) const TRAILER: usize = 40;

/// A blob that a store keeps once for many Runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blob {
    /// Content id.
    pub id: Digest,
    /// Head and stored bytes.
    pub bytes: Vec<u8>,
}

/// Where the shared parts of a Run are.
pub trait BlobSource {
    /// The bytes of a blob; `None` when there is no such blob.
    ///
    /// # Errors
    /// A text for people, when the source itself fails.
    fn blob(&self, id: &Digest) -> Result<Option<Vec<u8>>, String>;
}

/// A source without blobs, for self-contained files.
#[derive(Debug, Clone, Copy)]
pub struct NoBlobs;

impl BlobSource for NoBlobs {
    fn blob(&self, _id: &Digest) -> Result<Option<Vec<u8>>, String> {
        Ok(None)
    }
}

/// A Run as bytes.
#[derive(Debug, Clone)]
pub struct Packed {
    /// The file.
    pub bytes: Vec<u8>,
    /// What it says of itself.
    pub manifest: Manifest,
    /// The shared parts that the file refers to; empty for a self-contained file.
    pub blobs: Vec<Blob>,
}

/// A Run from bytes, fully verified.
#[derive(Debug, Clone)]
pub struct Unpacked {
    /// The Run.
    pub run: Run,
    /// What the file said of itself; every id was recomputed.
    pub manifest: Manifest,
    /// Ids of the parts of the question.
    pub ids: InputIds,
}

/// A self-contained file.
///
/// # Errors
/// [`Error::NotStorable`].
pub fn pack(run: &Run) -> Result<Packed, Error> {
    let day = DaySections::new(&run.inputs.market, &run.inputs.risk)?;
    assemble(run, &day, false)
}

/// A self-contained file with sigma as flat `f32` under LZ4, for programs that read nothing else.
///
/// # Errors
/// [`Error::NotStorable`].
pub fn pack_interchange(run: &Run) -> Result<Packed, Error> {
    let day = DaySections::interchange(&run.inputs.market, &run.inputs.risk)?;
    assemble(run, &day, false)
}

/// A file that refers to its shared parts by content id; `day` must hold the Run's own market and risk model.
///
/// # Errors
/// [`Error::NotStorable`].
pub fn pack_shared(run: &Run, day: &DaySections) -> Result<Packed, Error> {
    assemble(run, day, true)
}

fn assemble(run: &Run, day: &DaySections, shared: bool) -> Result<Packed, Error> {
    let inputs = &run.inputs;
    let own = [
        Encoded::message(Kind::Params, &inputs.params)?,
        Encoded::message(Kind::Account, &inputs.account)?,
        Encoded::message(Kind::Outcome, &run.outcome)?,
        Encoded::message(Kind::Info, &run.info)?,
    ];
    let sections: Vec<&Encoded> = [&day.market].into_iter().chain(&day.risk).chain(&own).collect();
    let id = |kind: Kind| sections[kind as usize - 1].section.id;
    let ids = InputIds {
        market: id(Kind::Market),
        risk: day.risk_id(),
        account: id(Kind::Account),
        params: id(Kind::Params),
    };
    let manifest = Manifest::new(&inputs.question, &run.method, &ids, id(Kind::Outcome))?;
    let manifest_bytes = canonical::encode("manifest", &manifest)?;
    // Whoever records what no reader accepts has recorded nothing.
    canonical::decode_within::<Manifest>("manifest", &manifest_bytes, Limits::default().manifest)
        .map_err(|error| Error::NotStorable { part: "manifest", problem: error.to_string() })?;
    let refers = |kind: Kind| shared && kind.is_shared();
    let inline = || sections.iter().filter(|encoded| !refers(encoded.section.kind));
    let later = inline().any(|encoded| !encoded.section.codec.is_first());
    let mut bytes = start(sections.len(), manifest_bytes.len(), later)?;
    for encoded in &sections {
        bytes.extend_from_slice(&encoded.section.to_head(refers(encoded.section.kind)));
    }
    bytes.extend_from_slice(&manifest_bytes);
    for encoded in inline() {
        bytes.extend_from_slice(&encoded.bytes);
    }
    let hash = file_hash(&bytes);
    bytes.extend_from_slice(hash.as_bytes());
    let length = bytes.len() as u64 + 8;
    bytes.extend_from_slice(&length.to_le_bytes());
    let panel = day.panel.as_ref().filter(|_| shared).map(|(panel, _)| panel);
    let blobs = sections.iter().copied().filter(|encoded| refers(encoded.section.kind)).chain(panel);
    let blobs = blobs.map(Encoded::blob).collect();
    Ok(Packed { bytes, manifest, blobs })
}

fn start(sections: usize, manifest: usize, later: bool) -> Result<Vec<u8>, Error> {
    let small = |value: usize| {
        u32::try_from(value)
            .map_err(|_| Error::NotStorable { part: "manifest", problem: format!("{value} bytes") })
    };
    let mut bytes = MAGIC.to_vec();
    let (minor, features) = if later { (LATER_MINOR, LATER_CODECS) } else { (0, 0) };
    bytes.extend_from_slice(&VERSION.to_le_bytes());
    bytes.extend_from_slice(&minor.to_le_bytes());
    bytes.extend_from_slice(&features.to_le_bytes());
    bytes.extend_from_slice(&[0; 4]);
    bytes.extend_from_slice(&small(sections)?.to_le_bytes());
    bytes.extend_from_slice(&small(manifest)?.to_le_bytes());
    bytes.extend_from_slice(&[0; 4]);
    Ok(bytes)
}

fn file_hash(bytes: &[u8]) -> Digest {
    Digest::of("samebits 2026 run file", bytes)
}

/// Each section of a file, with its stored bytes when it is inline.
type Sections<'a> = Vec<(Section, Option<&'a [u8]>)>;

/// A file whose frame has been checked: magic, version, limits, whole-file hash, section table.
#[derive(Debug)]
pub(crate) struct Frame<'a> {
    pub(crate) manifest: &'a [u8],
    pub(crate) sections: Sections<'a>,
}

/// Checks the frame of a file.
pub(crate) fn frame<'a>(bytes: &'a [u8], limits: &Limits) -> Result<Frame<'a>, Error> {
    let part = "head";
    if bytes.len() < START + TRAILER || bytes[..8] != MAGIC {
        return Err(Error::NotARun {
            part,
            problem: "does not begin like a Run, or was changed as text, or is cut off",
        });
    }
    let u32_at = |at: usize| u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]);
    let major = u32_at(8) & 0xffff;
    let newer = |part, found: u32, supported: u32| {
        Err(Error::TooNew { part, found: found.into(), supported: supported.into() })
    };
    if major > u32::from(VERSION) {
        return newer("format version", major, u32::from(VERSION));
    }
    let features = u32_at(12);
    if features & !LATER_CODECS != 0 {
        return newer("required features", features, LATER_CODECS);
    }
    Limits::check("file", bytes.len() as u64, limits.file)?;
    let whole = check_trailer(bytes);
    let (count, manifest) = (u32_at(20) as usize, u32_at(24) as usize);
    Limits::check("manifest", manifest as u64, limits.manifest)?;
    if count != Kind::ALL.len() || major == 0 || u32_at(28) != 0 {
        whole?;
        return Err(Error::damaged(part, format!("{} sections", Kind::ALL.len()), count));
    }
    let body = &bytes[..bytes.len() - TRAILER];
    let table_end = START + count * HEAD;
    let Some(manifest_bytes) = body.get(table_end..table_end + manifest) else {
        return Err(Error::damaged(part, "room for table and manifest", format!("{} bytes", bytes.len())));
    };
    let sections = table(body, table_end + manifest, limits)?;
    whole.map_err(|error| locate(&sections, manifest_bytes, limits).unwrap_or(error))?;
    let later = |(section, stored): &(Section, Option<&[u8]>)| stored.is_some() && !section.is_bytes();
    if (features != 0) != sections.iter().any(later) {
        return Err(Error::damaged(part, "the features that its codecs need", features));
    }
    Ok(Frame { manifest: manifest_bytes, sections })
}

/// The section or the manifest that is damaged in a file whose hash is wrong, if it is one of them.
fn locate(sections: &Sections<'_>, manifest: &[u8], limits: &Limits) -> Option<Error> {
    let damaged =
        |(section, stored): &(Section, Option<&[u8]>)| stored.and_then(|stored| section.damage(stored).err());
    let in_manifest = || canonical::decode_within::<Manifest>("manifest", manifest, limits.manifest).err();
    sections.iter().find_map(damaged).or_else(in_manifest)
}

fn check_trailer(bytes: &[u8]) -> Result<(), Error> {
    let (body, trailer) = bytes.split_at(bytes.len() - TRAILER);
    let length = trailer[32..].iter().rev().fold(0, |value, byte| (value << 8) | u64::from(*byte));
    if length != bytes.len() as u64 {
        return Err(Error::damaged("trailer", format!("{length} bytes"), format!("{} bytes", bytes.len())));
    }
    let hash = file_hash(body);
    if hash.as_bytes() != &trailer[..32] {
        let mut stored = [0; 32];
        stored.copy_from_slice(&trailer[..32]);
        return Err(Error::damaged("whole file", Digest::from_bytes(stored), hash));
    }
    Ok(())
}

/// Sections in ascending order of kind; payloads follow each other without gap or overlap and end with the body.
fn table<'a>(body: &'a [u8], payloads: usize, limits: &Limits) -> Result<Sections<'a>, Error> {
    let mut sections = Vec::new();
    let mut at = payloads;
    let mut raw = 0_u64;
    let heads = body[START..].chunks_exact(HEAD);
    for (head, expected) in heads.zip(Kind::ALL) {
        let mut fixed = [0; HEAD];
        fixed.copy_from_slice(head);
        let (section, reference) = Section::from_head(&fixed, limits)?;
        if section.kind != expected {
            return Err(Error::damaged("section table", expected.name(), section.kind.name()));
        }
        raw = raw.saturating_add(section.raw_length);
        Limits::check("sections together", raw, limits.run)?;
        if reference {
            if section.stored_length != 0 || section.crc != 0 || !section.kind.is_shared() {
                return Err(Error::damaged(section.kind.name(), "a reference without bytes", "bytes"));
            }
            sections.push((section, None));
            continue;
        }
        let stored = usize::try_from(section.stored_length)
            .ok()
            .and_then(|length| body.get(at..at.checked_add(length)?));
        let Some(stored) = stored else {
            return Err(Error::damaged(
                section.kind.name(),
                format!("{} bytes", section.stored_length),
                "fewer",
            ));
        };
        at += stored.len();
        sections.push((section, Some(stored)));
    }
    if at != body.len() {
        return Err(Error::damaged(
            "payloads",
            format!("{} bytes", body.len()),
            format!("{at} bytes in sections"),
        ));
    }
    Ok(sections)
}

/// Reads a Run and verifies all of it: frame, checksums, content ids, canonical form, schema, and the ids of the manifest.
///
/// # Errors
/// The first part that is not as it was written.
pub fn unpack(bytes: &[u8], limits: &Limits, blobs: &dyn BlobSource) -> Result<Unpacked, Error> {
    unpack_shared(bytes, &Reader::new(limits, blobs))
}

/// As [`unpack`]; a market or risk model that the file refers to and that the reader's `shared` has is not read and
/// verified again, and a covariance may be stored as the closes that its `predictor` computes it from.
///
/// # Errors
/// As [`unpack`].
pub fn unpack_shared(bytes: &[u8], reader: &Reader<'_>) -> Result<Unpacked, Error> {
    let frame = frame(bytes, reader.limits)?;
    let stated: Manifest = canonical::decode_within("manifest", frame.manifest, reader.limits.manifest)?;
    let parts = Parts { frame: &frame, reader };
    let shared = reader.shared;
    let run = Run {
        inputs: Inputs {
            question: stated.question.clone(),
            risk: parts.risk(shared)?,
            market: parts.market(shared)?,
            account: parts.message(Kind::Account)?,
            params: parts.message(Kind::Params)?,
        },
        method: stated.method.clone(),
        outcome: parts.message(Kind::Outcome)?,
        info: parts.message::<Info>(Kind::Info)?,
    };
    let id = |kind: Kind| parts.section(kind).0.id;
    let ids = InputIds {
        market: id(Kind::Market),
        risk: parts.risk_id(),
        account: id(Kind::Account),
        params: id(Kind::Params),
    };
    let manifest = Manifest::new(&stated.question, &stated.method, &ids, id(Kind::Outcome))?;
    if manifest != stated {
        return Err(Error::damaged("manifest", stated.run_id, manifest.run_id));
    }
    Ok(Unpacked { run, manifest, ids })
}

/// Market, risk model and params of a record that refers to all three; `sections` are the references, in the order of their
/// kinds.
pub(crate) fn shared_parts(
    sections: Vec<Section>,
    reader: &Reader<'_>,
) -> Result<(Arc<Market>, Arc<RiskModel>, Params), Error> {
    let raw = sections.iter().fold(0_u64, |sum, section| sum.saturating_add(section.raw_length));
    Limits::check("sections together", raw, reader.limits.run)?;
    let sections = sections.into_iter().map(|section| (section, None)).collect();
    let parts = Parts { frame: &Frame { manifest: &[], sections }, reader };
    Ok((parts.market(reader.shared)?, parts.risk(reader.shared)?, parts.message(Kind::Params)?))
}

/// The sections of a risk model.
const RISK: [Kind; 5] =
    [Kind::RiskRecipe, Kind::Sigma, Kind::Loadings, Kind::FactorCovariance, Kind::Specific];

struct Parts<'a> {
    frame: &'a Frame<'a>,
    reader: &'a Reader<'a>,
}

impl Parts<'_> {
    fn section(&self, kind: Kind) -> &(Section, Option<&[u8]>) {
        &self.frame.sections[kind as usize - 1]
    }

    fn content(&self, kind: Kind) -> Result<(Section, Content), Error> {
        let (section, stored) = self.section(kind);
        if let Some(stored) = stored {
            return Ok((section.clone(), self.reader.content(section, stored)?));
        }
        let part = kind.name();
        let blob = self.reader.blob(part, &section.id)?;
        let (found, stored) = Section::open_blob(&blob, self.reader.limits)?;
        if (found.kind, found.id, found.raw_length) != (kind, section.id, section.raw_length) {
            return Err(Error::damaged(part, section.id, found.id));
        }
        let content = self.reader.content(&found, stored)?;
        Ok((found, content))
    }

    fn message<T: serde::Serialize + serde::de::DeserializeOwned>(&self, kind: Kind) -> Result<T, Error> {
        let bytes = self.content(kind)?.1.into_bytes();
        canonical::decode_within(kind.name(), &bytes, self.reader.limits.message)
    }

    fn matrix(&self, kind: Kind) -> Result<crate::record::Matrix32, Error> {
        let (section, content) = self.content(kind)?;
        content.into_matrix(&section)
    }

    fn risk_id(&self) -> Digest {
        let ids = RISK.map(|kind| self.section(kind).0.id);
        risk_id([&ids[0], &ids[1], &ids[2], &ids[3], &ids[4]])
    }

    /// What the file says of the sections that it refers to; `None` when one of them is inline.
    fn stated(&self, kinds: &[Kind]) -> Option<Vec<Section>> {
        let reference = |kind: &Kind| {
            let (section, stored) = self.section(*kind);
            stored.is_none().then(|| section.clone())
        };
        kinds.iter().map(reference).collect()
    }

    fn market(&self, shared: Option<&Shared>) -> Result<Arc<Market>, Error> {
        let read = || Ok(Arc::new(self.message(Kind::Market)?));
        match (shared, self.stated(&[Kind::Market])) {
            (Some(shared), Some(stated)) => shared.market(self.section(Kind::Market).0.id, &stated, read),
            _ => read(),
        }
    }

    fn risk(&self, shared: Option<&Shared>) -> Result<Arc<RiskModel>, Error> {
        let read = || {
            let head: RiskHead = self.message(Kind::RiskRecipe)?;
            Ok(Arc::new(RiskModel {
                recipe: head.recipe,
                factors: head.factors,
                sigma: self.matrix(Kind::Sigma)?,
                loadings: self.matrix(Kind::Loadings)?,
                factor_model: FactorModel {
                    covariance: self.matrix(Kind::FactorCovariance)?,
                    specific: self.matrix(Kind::Specific)?,
                },
            }))
        };
        match (shared, self.stated(&RISK)) {
            (Some(shared), Some(stated)) => shared.risk(self.risk_id(), &stated, read),
            _ => read(),
        }
    }
}
