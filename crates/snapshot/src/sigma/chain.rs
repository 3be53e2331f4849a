//! Days in a row, each stored beside the one before.

use super::{Base, Hints, Link, PanelHint, PreviousHint, PricePanel};
use crate::record::{Market, Matrix32, RiskModel};
use crate::{DaySections, Error, Predictor};
use std::sync::Arc;

/// Encodes days one after another. Each day's blobs must be stored before, or together with, those of the next.
#[derive(Debug)]
pub struct DayChain {
    predictor: Arc<dyn Predictor>,
    panel: Option<(Link, PricePanel)>,
    sigma: Option<(Link, Matrix32)>,
}

impl DayChain {
    /// Begins a chain; its first day stands alone.
    pub fn new(predictor: Arc<dyn Predictor>) -> Self {
        Self { predictor, panel: None, sigma: None }
    }

    /// Encodes the next day; `window` holds the closes that the covariance was made of, where they are known.
    ///
    /// # Errors
    /// [`Error::NotStorable`].
    pub fn day(
        &mut self,
        market: &Market,
        risk: &RiskModel,
        window: Option<PricePanel>,
    ) -> Result<DaySections, Error> {
        let base = self.panel.as_ref().map(|(link, value)| Base { link: *link, value });
        let previous = self
            .sigma
            .as_ref()
            .map(|(link, value)| PreviousHint { sigma: Base { link: *link, value }, directions: &[] });
        let hints = Hints {
            predictor: Some(&*self.predictor),
            panel: window.as_ref().map(|window| PanelHint { window, base }),
            previous,
            master: None,
        };
        let sections = DaySections::with_hints(market, risk, &hints)?;
        if let (Some(link), Some(window)) = (sections.panel_link(), window) {
            self.panel = Some((link, window));
        }
        self.sigma = Some((sections.sigma_link(), risk.sigma.clone()));
        Ok(sections)
    }
}
