//! What a file holds, as far as it can be read; for people who look at a damaged one.

use crate::container::{BlobSource, START, frame, unpack};
use crate::section::{HEAD, Kind, Section};
use crate::{Error, Limits, Manifest, canonical};

/// A look at a file.
#[derive(Debug, Clone)]
pub struct Inspection {
    /// Length of the file.
    pub bytes: u64,
    /// The manifest, when it can be read.
    pub manifest: Option<Manifest>,
    /// The sections whose heads can be read.
    pub sections: Vec<Inspected>,
    /// What is wrong, worst first; empty when everything was verified.
    pub problems: Vec<Error>,
}

/// A look at a section.
#[derive(Debug, Clone)]
pub struct Inspected {
    /// Its head.
    pub section: Section,
    /// Whether it refers to a blob of a store.
    pub reference: bool,
    /// Whether its bytes were verified.
    pub verified: Result<(), Error>,
}

/// Looks at `bytes`; never fails, never stops at the first problem.
pub fn inspect(bytes: &[u8], limits: &Limits, blobs: &dyn BlobSource) -> Inspection {
    let mut found =
        Inspection { bytes: bytes.len() as u64, manifest: None, sections: Vec::new(), problems: Vec::new() };
    match frame(bytes, limits) {
        Ok(frame) => {
            found.manifest = canonical::decode_within("manifest", frame.manifest, limits.manifest).ok();
            for (section, stored) in &frame.sections {
                let verified = stored.map_or(Ok(()), |stored| section.damage(stored));
                found.sections.push(Inspected {
                    section: section.clone(),
                    reference: stored.is_none(),
                    verified,
                });
            }
            found.problems.extend(unpack(bytes, limits, blobs).err());
        }
        Err(error) => {
            found.problems.push(error);
            found.sections = salvage(bytes, limits);
            found.manifest = salvage_manifest(bytes, limits);
        }
    }
    found.problems.extend(found.sections.iter().filter_map(|section| section.verified.clone().err()));
    found.problems.dedup();
    found
}

/// The sections of a damaged file, as far as the table says where they are.
fn salvage(bytes: &[u8], limits: &Limits) -> Vec<Inspected> {
    let Some(manifest) = manifest_length(bytes) else { return Vec::new() };
    let mut at = START + Kind::ALL.len() * HEAD + manifest;
    let heads = bytes.get(START..).unwrap_or_default().chunks_exact(HEAD).take(Kind::ALL.len());
    let mut sections = Vec::new();
    for head in heads {
        let mut fixed = [0; HEAD];
        fixed.copy_from_slice(head);
        let Ok((section, reference)) = Section::from_head(&fixed, limits) else { return sections };
        let end = at.saturating_add(section.stored_length as usize);
        let stored = bytes.get(at..end);
        let verified = match stored {
            _ if reference => Ok(()),
            Some(stored) => section.damage(stored),
            None => {
                Err(Error::damaged(section.kind.name(), format!("{} bytes", section.stored_length), "fewer"))
            }
        };
        at = end;
        sections.push(Inspected { section, reference, verified });
    }
    sections
}

fn salvage_manifest(bytes: &[u8], limits: &Limits) -> Option<Manifest> {
    let at = START + Kind::ALL.len() * HEAD;
    let stored = bytes.get(at..at + manifest_length(bytes)?)?;
    canonical::decode_within("manifest", stored, limits.manifest).ok()
}

fn manifest_length(bytes: &[u8]) -> Option<usize> {
    let field = bytes.get(24..28)?;
    let length = u32::from_le_bytes([field[0], field[1], field[2], field[3]]) as usize;
    (length <= bytes.len()).then_some(length)
}
