//! Ids: hashes of decoded content, never of stored bytes.

use crate::record::{Account, Info, Inputs, Market, Method, Outcome, Params, Question, RiskModel};
use crate::section::{Encoded, Kind};
use crate::sigma::{self, Hints, Link};
use crate::{Blob, Codec, Digest, Error, canonical};
use serde::{Deserialize, Serialize};

/// Content ids of the parts of a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InputIds {
    /// Market.
    pub market: Digest,
    /// Risk model: recipe and its four matrices.
    pub risk: Digest,
    /// Account before trading.
    pub account: Digest,
    /// Parameters.
    pub params: Digest,
}

/// What a file says of its Run: the question, the method and the four ids.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Which account, when.
    pub question: Question,
    /// How it was solved.
    pub method: Method,
    /// Id of the question and everything pinned with it; equal for every solver asked.
    pub inputs_id: Digest,
    /// Id of the method.
    pub method_id: Digest,
    /// Id of the answer.
    pub result_id: Digest,
    /// Id of the Run.
    pub run_id: Digest,
}

impl Manifest {
    pub(crate) fn new(
        question: &Question,
        method: &Method,
        ids: &InputIds,
        result_id: Digest,
    ) -> Result<Self, Error> {
        let question_bytes = canonical::encode("question", question)?;
        let parts: [&[u8]; 5] = [
            &question_bytes,
            ids.market.as_bytes(),
            ids.risk.as_bytes(),
            ids.account.as_bytes(),
            ids.params.as_bytes(),
        ];
        let inputs_id = Digest::of_parts("samebits 2026 inputs id", &parts);
        let method_id = Digest::of("samebits 2026 method id", &canonical::encode("method", method)?);
        let all: [&[u8]; 3] = [inputs_id.as_bytes(), method_id.as_bytes(), result_id.as_bytes()];
        let run_id = Digest::of_parts("samebits 2026 run id", &all);
        Ok(Self {
            question: question.clone(),
            method: method.clone(),
            inputs_id,
            method_id,
            result_id,
            run_id,
        })
    }
}

/// The id of a risk model from the content ids of its five sections.
pub(crate) fn risk_id(sections: [&Digest; 5]) -> Digest {
    let parts: Vec<&[u8]> = sections.iter().map(|id| id.as_bytes().as_slice()).collect();
    Digest::of_parts("samebits 2026 risk id", &parts)
}

/// Market, risk model and params of a day, encoded once for all its accounts.
#[derive(Debug, Clone)]
pub struct DaySections {
    pub(crate) market: Encoded,
    pub(crate) risk: [Encoded; 5],
    /// The closes that sigma is stored as, and how many panels it builds upon.
    pub(crate) panel: Option<(Encoded, u32)>,
    /// How many parts a reader goes back from sigma.
    sigma_depth: u32,
}

/// The names of the factors travel with the recipe.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RiskHead {
    pub(crate) factors: Vec<String>,
    pub(crate) recipe: Params,
}

impl DaySections {
    /// Encodes a market and its risk model; every section stands alone.
    ///
    /// # Errors
    /// [`Error::NotStorable`].
    pub fn new(market: &Market, risk: &RiskModel) -> Result<Self, Error> {
        Self::with_sigma(market, risk, Encoded::sigma_alone(&risk.sigma)?)
    }

    /// For a store: sigma in the smallest form that `hints` make possible, beside what the store has or is given with it.
    ///
    /// # Errors
    /// [`Error::NotStorable`].
    pub fn with_hints(market: &Market, risk: &RiskModel, hints: &Hints<'_>) -> Result<Self, Error> {
        let none = Encoded::matrix(Kind::Sigma, &risk.sigma, Codec::Raw)?;
        let mut day = Self::with_sigma(market, risk, none)?;
        let [recipe, sigma, loadings, covariance, specific] = &mut day.risk;
        let beside = sigma::Beside { recipe, loadings, covariance, specific };
        let stored = sigma::store(risk, &beside, hints)?;
        *sigma = stored.sigma;
        (day.panel, day.sigma_depth) = (stored.panel, stored.depth);
        Ok(day)
    }

    /// The covariance, for a later day to build upon.
    pub const fn sigma_link(&self) -> Link {
        Link { id: self.risk[1].section.id, depth: self.sigma_depth }
    }

    /// The closes that the covariance is stored as, for a later day to build upon; `None` when it is stored otherwise.
    pub fn panel_link(&self) -> Option<Link> {
        self.panel.as_ref().map(|(panel, depth)| Link { id: panel.section.id, depth: *depth })
    }

    /// As [`new`](Self::new), with sigma in the interchange form "flat f32 LZ4".
    ///
    /// # Errors
    /// [`Error::NotStorable`].
    pub fn interchange(market: &Market, risk: &RiskModel) -> Result<Self, Error> {
        Self::with_sigma(market, risk, Encoded::matrix(Kind::Sigma, &risk.sigma, Codec::Lz4)?)
    }

    fn with_sigma(market: &Market, risk: &RiskModel, sigma: Encoded) -> Result<Self, Error> {
        let head = RiskHead { factors: risk.factors.clone(), recipe: risk.recipe.clone() };
        let model = &risk.factor_model;
        Ok(Self {
            market: Encoded::message(Kind::Market, market)?,
            risk: [
                Encoded::message(Kind::RiskRecipe, &head)?,
                sigma,
                Encoded::matrix(Kind::Loadings, &risk.loadings, Codec::ShuffleZstd)?,
                Encoded::matrix(Kind::FactorCovariance, &model.covariance, Codec::TriangleShuffleZstd)?,
                Encoded::matrix(Kind::Specific, &model.specific, Codec::ShuffleZstd)?,
            ],
            panel: None,
            sigma_depth: 0,
        })
    }

    /// Every section as a blob, and the closes that sigma is stored as.
    pub fn blobs(&self) -> Vec<Blob> {
        let panel = self.panel.iter().map(|(panel, _)| panel);
        [&self.market].into_iter().chain(&self.risk).chain(panel).map(Encoded::blob).collect()
    }

    /// Ids of a question about this day.
    ///
    /// # Errors
    /// [`Error::NotStorable`].
    pub fn input_ids(&self, account: &Account, params: &Params) -> Result<InputIds, Error> {
        Ok(InputIds {
            market: self.market.section.id,
            risk: self.risk_id(),
            account: account_id(account)?,
            params: params_id(params)?,
        })
    }

    pub(crate) fn risk_id(&self) -> Digest {
        let [recipe, sigma, loadings, covariance, specific] = &self.risk;
        risk_id([
            &recipe.section.id,
            &sigma.section.id,
            &loadings.section.id,
            &covariance.section.id,
            &specific.section.id,
        ])
    }
}

/// Content id of an account's state.
///
/// # Errors
/// [`Error::NotStorable`].
pub fn account_id(account: &Account) -> Result<Digest, Error> {
    let raw = canonical::encode("account", account)?;
    Ok(crate::section::content_id(Kind::Account, 0, 0, &raw))
}

/// Content id of parameters.
fn params_id(params: &Params) -> Result<Digest, Error> {
    let raw = canonical::encode("params", params)?;
    Ok(crate::section::content_id(Kind::Params, 0, 0, &raw))
}

/// Content id of an answer.
///
/// # Errors
/// [`Error::NotStorable`].
pub fn result_id(outcome: &Outcome) -> Result<Digest, Error> {
    let raw = canonical::encode("outcome", outcome)?;
    Ok(crate::section::content_id(Kind::Outcome, 0, 0, &raw))
}

/// Content id of what is known of a Run's making; part of no other id, but of the link of a store's chain.
///
/// # Errors
/// [`Error::NotStorable`].
pub fn info_id(info: &Info) -> Result<Digest, Error> {
    let raw = canonical::encode("info", info)?;
    Ok(crate::section::content_id(Kind::Info, 0, 0, &raw))
}

/// Ids of the parts of a question.
///
/// # Errors
/// [`Error::NotStorable`].
pub fn input_ids(inputs: &Inputs) -> Result<InputIds, Error> {
    let sigma = Encoded::matrix(Kind::Sigma, &inputs.risk.sigma, Codec::Raw)?;
    DaySections::with_sigma(&inputs.market, &inputs.risk, sigma)?.input_ids(&inputs.account, &inputs.params)
}
