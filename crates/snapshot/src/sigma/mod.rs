//! Codecs for covariances: alone, or beside something that predicts them. `docs/format.md` describes every byte.
//!
//! | codec | predicted by | payload |
//! |---|---|---|
//! | 16 | nothing | shape, words of the entries |
//! | 17 | factor model of the same day | ids of three matrices, residual |
//! | 18 | covariance of an earlier day | id of it, update of low rank, residual |
//! | 19 | the closes it was made of, by the recipe of the day | ids of recipe and panel, residual |
//! | 20 | covariance of a larger universe | id of it, indices, residual |
//!
//! A prediction may come from anywhere and be as poor as it likes: the residual is exact, whoever made the matrix. What was
//! decoded is compared with its content id, as with every other codec.

mod bits;
mod cells;
mod chain;
mod factor;
mod fit;
mod gather;
mod hints;
mod panel;
mod previous;
mod words;

pub use chain::DayChain;
pub use hints::{Base, Hints, Link, MasterHint, PanelHint, PreviousHint};
pub use panel::PricePanel;

pub(crate) use cells::{read_alone, write_alone};
pub(crate) use hints::{Beside, store};

use crate::reader::Walk;
use crate::record::{Matrix32, Params};
use crate::section::{Kind, Section};
use crate::{Codec, Digest, Error, Limits, Reader};
use std::borrow::Cow;
use std::fmt::Debug;
use std::sync::Arc;

const PART: &str = "sigma";

/// Longest chain that is written; a reader's limit is larger.
pub(crate) const CHAIN_WRITTEN: u32 = 21;

/// Computes a covariance again from the closes it was made of.
///
/// The names of recipes with their arithmetic versions are what ties a predictor to a recorded Run: what it answers for one
/// may never change.
pub trait Predictor: Debug + Send + Sync {
    /// The covariance that `recipe` makes of `panel`: `names * names` entries, row-major, symmetric by bits, finite.
    ///
    /// # Errors
    /// A text for people: an unknown recipe, or a panel that does not suit it.
    fn covariance(&self, recipe: &Params, panel: &PricePanel) -> Result<Vec<f32>, String>;
}

/// Decodes the payload of codecs 17 to 20; the result has the sides of `section`, and its content id is not checked yet.
pub(crate) fn decode(
    section: &Section,
    stored: &[u8],
    reader: &Reader<'_>,
    walk: &mut Walk,
) -> Result<Vec<f32>, Error> {
    let side = section.rows as usize;
    match section.codec {
        Codec::SigmaFactor => {
            let (ids, rest) = ids::<3>(stored)?;
            let few = |rows, cols| rows == side && cols < factor::COLUMNS;
            let loadings = reader.base_matrix(&ids[0], Kind::Loadings, few, walk)?;
            let memory = factor::memory(side as u64, loadings.cols as u64);
            Limits::check(PART, memory, reader.limits.matrix.saturating_mul(2))?;
            let m = loadings.cols + 1;
            let by_factor = |rows, cols| (rows, cols) == (m, m);
            let covariance = reader.base_matrix(&ids[1], Kind::FactorCovariance, by_factor, walk)?;
            let by_name = |rows, cols| (rows, cols) == (side, 1);
            let specific = reader.base_matrix(&ids[2], Kind::Specific, by_name, walk)?;
            cells::read_residual(rest, side, false, |shape| {
                factor::predict(shape, &loadings, &covariance, &specific)
                    .ok_or_else(|| Error::damaged(PART, "a factor model", "matrices that do not fit"))
            })
        }
        Codec::SigmaPrevious => {
            let ([id], rest) = ids::<1>(stored)?;
            let same = |rows, cols| (rows, cols) == (side, side);
            let base = reader.base_matrix(&id, Kind::Sigma, same, walk)?;
            let (update, rest) = previous::Update::read(rest, side)?;
            // A base that nobody else holds makes room for what follows from it.
            cells::read_residual(rest, side, false, |shape| {
                Ok(update.predict(shape, Arc::unwrap_or_clone(base)))
            })
        }
        Codec::SigmaPanel => {
            let ([recipe, panel], rest) = ids::<2>(stored)?;
            let predictor = reader.predictor.ok_or(Error::NeedsPredictor { part: PART })?;
            let recipe = reader.recipe(&recipe, walk)?;
            let panel = reader.base_panel(&panel, walk)?;
            require_side(panel.names, side)?;
            // What predicting takes: the matrix in f64 beside the result, and the returns.
            let memory = 12 * (side as u64).pow(2) + 16 * panel.closes.len() as u64;
            Limits::check(PART, memory, reader.limits.matrix.saturating_mul(2))?;
            cells::read_residual(rest, side, true, |_| predicted(predictor, &recipe, &panel))
        }
        _ => {
            let ([id], rest) = ids::<1>(stored)?;
            let master = reader.base_matrix(&id, Kind::Sigma, |rows, cols| rows == cols, walk)?;
            let (indices, rest) = gather::read_indices(rest, side, master.rows)?;
            cells::read_residual(rest, side, false, |shape| Ok(gather::predict(shape, &master, &indices)))
        }
    }
}

/// What `predictor` says, checked for its size.
fn predicted(predictor: &dyn Predictor, recipe: &Params, panel: &PricePanel) -> Result<Vec<f32>, Error> {
    let failed = |problem: String| Error::Prediction { part: PART, problem };
    let values = predictor.covariance(recipe, panel).map_err(failed)?;
    if values.len() == panel.names * panel.names {
        return Ok(values);
    }
    Err(failed(format!("{} entries for {} names", values.len(), panel.names)))
}

fn require_side(found: usize, side: usize) -> Result<(), Error> {
    if found == side {
        return Ok(());
    }
    Err(Error::damaged(PART, format!("a base of {side} names"), format!("one of {found}")))
}

/// The ids that a payload begins with.
fn ids<const COUNT: usize>(stored: &[u8]) -> Result<([Digest; COUNT], &[u8]), Error> {
    let mut rest = stored;
    let mut ids = [Digest::default(); COUNT];
    for id in &mut ids {
        let Some((first, after)) = rest.split_first_chunk::<32>() else {
            return Err(Error::damaged(PART, format!("{COUNT} ids"), format!("{} bytes", stored.len())));
        };
        (*id, rest) = (Digest::from_bytes(*first), after);
    }
    Ok((ids, rest))
}

/// Decodes a panel. Only what comes out is compared with a content id, by the caller; the bases on the way are not.
pub(crate) fn decode_panel(
    section: &Section,
    stored: &[u8],
    reader: &Reader<'_>,
    walk: &mut Walk,
) -> Result<PricePanel, Error> {
    let (sessions, names) = (section.rows as usize, section.cols as usize);
    // From the newest to the oldest: sessions dropped, sessions afterwards, bytes, and where the stream begins in them.
    let mut appends: Vec<(usize, usize, Vec<u8>)> = Vec::new();
    let mut current = (section.clone(), Cow::Borrowed(stored));
    let mut growing = loop {
        let (head, bytes) = current;
        if head.cols as usize != names {
            return Err(Error::damaged("panel", format!("{names} names"), head.cols));
        }
        match panel::open(&bytes)? {
            panel::Stored::Keyframe(rest) => {
                break panel::Growing::keyframe(rest, head.rows as usize, names)?;
            }
            panel::Stored::Append { base, dropped, stream } => {
                appends.push((dropped, head.rows as usize, stream.to_vec()));
                walk.step("panel", reader.limits)?;
                if let Some(known) = reader.known_panel(&base) {
                    break panel::Growing::of(&known);
                }
                let (head, stored) = reader.fetch("panel", &base, Kind::Panel, walk)?;
                current = (head, Cow::Owned(stored));
            }
        }
    };
    if growing.names() != names {
        return Err(Error::damaged("panel", format!("{names} names"), growing.names()));
    }
    for (dropped, sessions, stream) in appends.iter().rev() {
        growing.append(*dropped, stream, *sessions)?;
    }
    let panel = growing.finish();
    if panel.sessions == sessions {
        return Ok(panel);
    }
    Err(Error::damaged("panel", format!("{sessions} sessions"), panel.sessions))
}

/// A matrix or panel that was verified and is kept for those that build upon it.
#[derive(Debug, Clone)]
pub(crate) enum Kept {
    Matrix(Arc<Matrix32>),
    Panel(Arc<PricePanel>),
}
