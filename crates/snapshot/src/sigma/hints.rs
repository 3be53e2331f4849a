//! What a writer hands in so that a covariance takes less room, and the choice between what that makes possible.

use super::{CHAIN_WRITTEN, PricePanel, cells, factor, fit, gather, panel, predicted};
use crate::record::{Matrix32, RiskModel};
use crate::section::Encoded;
use crate::{Codec, Digest, Error, Limits, Predictor};

/// A part that a store already has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Link {
    /// Its content id.
    pub id: Digest,
    /// How many parts a reader goes back from it to one that stands alone.
    pub depth: u32,
}

/// A part to build upon, which the store has or is given first.
#[derive(Debug)]
pub struct Base<'a, T> {
    /// Where it is.
    pub link: Link,
    /// Its content.
    pub value: &'a T,
}

/// The closes that the covariance was made of.
#[derive(Debug)]
pub struct PanelHint<'a> {
    /// All of them.
    pub window: &'a PricePanel,
    /// The window of an earlier day.
    pub base: Option<Base<'a, PricePanel>>,
}

/// The covariance of an earlier day, of the same names.
#[derive(Debug)]
pub struct PreviousHint<'a> {
    /// The covariance.
    pub sigma: Base<'a, Matrix32>,
    /// Vectors that span what changed, for instance the returns that entered the window and those that left it; at most
    /// two are used, and without any they are looked for.
    pub directions: &'a [Vec<f32>],
}

/// The covariance of a larger universe.
#[derive(Debug)]
pub struct MasterHint<'a> {
    /// The covariance.
    pub sigma: Base<'a, Matrix32>,
    /// Which of its rows the names are.
    pub indices: &'a [u32],
}

/// What a writer knows beside the covariance. A hint that does not apply is not used.
#[derive(Debug, Default)]
pub struct Hints<'a> {
    /// Computes what `panel` leads to.
    pub predictor: Option<&'a dyn Predictor>,
    /// The closes.
    pub panel: Option<PanelHint<'a>>,
    /// An earlier day.
    pub previous: Option<PreviousHint<'a>>,
    /// A larger universe.
    pub master: Option<MasterHint<'a>>,
}

/// A covariance as it will be stored.
#[derive(Debug)]
pub(crate) struct Stored {
    pub(crate) sigma: Encoded,
    /// Parts that a reader goes back from it.
    pub(crate) depth: u32,
    /// The panel that goes with it, and its depth.
    pub(crate) panel: Option<(Encoded, u32)>,
}

/// The other sections of the day that a covariance can be predicted from.
pub(crate) struct Beside<'a> {
    pub(crate) recipe: &'a Encoded,
    pub(crate) loadings: &'a Encoded,
    pub(crate) covariance: &'a Encoded,
    pub(crate) specific: &'a Encoded,
}

/// The smallest form that the hints make possible.
///
/// # Errors
/// [`Error::NotStorable`].
pub(crate) fn store(risk: &RiskModel, beside: &Beside<'_>, hints: &Hints<'_>) -> Result<Stored, Error> {
    let sigma = &risk.sigma;
    let mut best = Stored { sigma: Encoded::sigma_alone(sigma)?, depth: 0, panel: None };
    if sigma.rows != sigma.cols {
        return Ok(best);
    }
    if let Some(found) = by_panel(risk, beside, hints)? {
        best = found.or(best);
        if best.panel.is_some() && best.sigma.bytes.len() <= PREDICTED {
            return Ok(best);
        }
    }
    let others = [by_factors(risk, beside)?, by_previous(sigma, hints)?, by_master(sigma, hints)?];
    Ok(others.into_iter().flatten().fold(best, |best, other| other.or(best)))
}

impl Stored {
    /// Bytes that it takes. A keyframe of closes serves the days that follow, too.
    fn cost(&self) -> usize {
        let panel = self.panel.as_ref().map_or(0, |(panel, depth)| {
            let length = panel.bytes.len();
            if *depth == 0 { length / CHAIN_WRITTEN as usize } else { length }
        });
        self.sigma.bytes.len() + panel
    }

    /// This form if it is smaller than `other`.
    fn or(self, other: Self) -> Self {
        if self.cost() < other.cost() { self } else { other }
    }
}

/// Bytes of a covariance that a panel predicts in every entry: nothing else comes near.
const PREDICTED: usize = 66;

fn residual(
    sigma: &Matrix32,
    codec: Codec,
    head: &[u8],
    predicted: &[f32],
    depth: u32,
) -> Result<Stored, Error> {
    let payload = [head, &cells::write_residual(&sigma.values, sigma.rows, predicted)?].concat();
    Ok(Stored { sigma: Encoded::sigma(sigma, codec, payload)?, depth, panel: None })
}

/// Codec 19.
fn by_panel(risk: &RiskModel, beside: &Beside<'_>, hints: &Hints<'_>) -> Result<Option<Stored>, Error> {
    let (Some(predictor), Some(hint)) = (hints.predictor, &hints.panel) else { return Ok(None) };
    let (window, sigma) = (hint.window, &risk.sigma);
    let memory = 12 * (sigma.rows as u64).pow(2) + 16 * window.closes.len() as u64;
    let fits = window.is_whole()
        && window.names == sigma.rows
        && window.sessions as u64 <= Limits::default().side
        && memory <= 2 * Limits::default().matrix;
    if !fits {
        return Ok(None);
    }
    // A recipe that the predictor does not know is another producer's.
    let Ok(guess) = predicted(predictor, &risk.recipe, window) else { return Ok(None) };
    let sound = cells::Shape::of(&guess, sigma.rows) == cells::Shape::Triangle
        && guess.iter().all(|value| value.is_finite());
    if !sound {
        return Ok(None);
    }
    let continued = hint.base.as_ref();
    let continued = continued.filter(|base| base.link.depth < CHAIN_WRITTEN && base.value.is_whole());
    let continued = continued.and_then(|base| Some((base, window.continues(base.value)?)));
    let (payload, panel_depth) = match continued {
        Some((base, dropped)) => (panel::write_append(window, base.value, dropped), base.link.depth + 1),
        None => (panel::write_keyframe(window), 0),
    };
    let panel = Encoded::panel(window, payload)?;
    let head = [&beside.recipe.section.id.as_bytes()[..], panel.section.id.as_bytes()].concat();
    let mut stored = residual(sigma, Codec::SigmaPanel, &head, &guess, panel_depth + 1)?;
    stored.panel = Some((panel, panel_depth));
    Ok(Some(stored))
}

/// Codec 17.
fn by_factors(risk: &RiskModel, beside: &Beside<'_>) -> Result<Option<Stored>, Error> {
    let (sigma, model) = (&risk.sigma, &risk.factor_model);
    let shape = cells::Shape::of(&sigma.values, sigma.rows);
    if risk.loadings.rows != sigma.rows {
        return Ok(None);
    }
    let guess = factor::predict(shape, &risk.loadings, &model.covariance, &model.specific);
    let Some(guess) = guess else { return Ok(None) };
    let ids = [beside.loadings, beside.covariance, beside.specific].map(|one| one.section.id);
    let head: Vec<u8> = ids.iter().flat_map(|id| *id.as_bytes()).collect();
    residual(sigma, Codec::SigmaFactor, &head, &guess, 1).map(Some)
}

/// Codec 18.
fn by_previous(sigma: &Matrix32, hints: &Hints<'_>) -> Result<Option<Stored>, Error> {
    let Some(hint) = &hints.previous else { return Ok(None) };
    let base = &hint.sigma;
    let fits = base.value.rows == sigma.rows && is_square(base.value) && base.link.depth < CHAIN_WRITTEN;
    if !fits {
        return Ok(None);
    }
    let shape = cells::Shape::of(&sigma.values, sigma.rows);
    let mut best: Option<Stored> = None;
    for update in fit::updates(sigma, base.value, hint.directions) {
        let head = [base.link.id.as_bytes(), &update.write()?[..]].concat();
        let guess = update.predict(shape, base.value.clone());
        let found = residual(sigma, Codec::SigmaPrevious, &head, &guess, base.link.depth + 1)?;
        if best.as_ref().is_none_or(|best| found.sigma.bytes.len() < best.sigma.bytes.len()) {
            best = Some(found);
        }
    }
    Ok(best)
}

/// Codec 20.
fn by_master(sigma: &Matrix32, hints: &Hints<'_>) -> Result<Option<Stored>, Error> {
    let Some(hint) = &hints.master else { return Ok(None) };
    let master = hint.sigma.value;
    let fits = hint.indices.len() == sigma.rows
        && is_square(master)
        && hint.indices.iter().all(|index| (*index as usize) < master.rows)
        && hint.sigma.link.depth < CHAIN_WRITTEN;
    if !fits {
        return Ok(None);
    }
    let shape = cells::Shape::of(&sigma.values, sigma.rows);
    let head = [hint.sigma.link.id.as_bytes(), &gather::write_indices(hint.indices)?[..]].concat();
    let guess = gather::predict(shape, master, hint.indices);
    residual(sigma, Codec::SigmaGather, &head, &guess, hint.sigma.link.depth + 1).map(Some)
}

/// As many entries as a square of its rows has.
fn is_square(matrix: &Matrix32) -> bool {
    matrix.rows == matrix.cols && matrix.values.len() == matrix.rows * matrix.cols
}
