//! Covariances computed again from the closes that a store has in their place.

use ndarray::ArrayView2;
use samebits_canon::Isa;
use samebits_riskmodel::{Recipe, Scratch, recomputed_in};
use samebits_snapshot::record::{Params, Value};
use samebits_snapshot::{Predictor, PricePanel};
use std::sync::{Arc, Mutex, PoisonError};

/// Predicts what `samebits-riskmodel` computes: recipes `ledoit-wolf-identity/1` and `/2`, whose covariances are the same.
#[derive(Debug)]
pub struct RiskPredictor {
    isa: Isa,
    /// Memory of the threads that are done.
    idle: Mutex<Vec<Scratch>>,
}

impl RiskPredictor {
    /// With the instructions `isa`, which move no bit.
    pub const fn new(isa: Isa) -> Self {
        Self { isa, idle: Mutex::new(Vec::new()) }
    }

    /// For a store, with the widest instructions of the machine.
    #[must_use]
    pub fn shared() -> Arc<dyn Predictor> {
        Arc::new(Self::new(Isa::detect()))
    }
}

impl Predictor for RiskPredictor {
    fn covariance(&self, recipe: &Params, panel: &PricePanel) -> Result<Vec<f32>, String> {
        samebits_canon::assert_ieee().map_err(|error| error.to_string())?;
        let recipe = recipe_of(recipe)?;
        let closes = ArrayView2::from_shape((panel.sessions, panel.names), &panel.closes)
            .map_err(|error| error.to_string())?;
        let idle = || self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let mut scratch = idle().pop().unwrap_or_default();
        let found = recomputed_in(self.isa, &recipe, closes, &mut scratch);
        idle().push(scratch);
        found.map_err(|error| error.to_string())
    }
}

/// The settings that a covariance depends on.
fn recipe_of(recorded: &Params) -> Result<Recipe, String> {
    let setting = |name: &str| recorded.settings.get(name).map(|setting| &setting.value);
    let Some(Value::Text(id)) = setting("id") else { return Err("a recipe without a name".to_owned()) };
    let count = |name: &str| match setting(name) {
        Some(Value::Integer(value)) => Ok(*value),
        other => Err(format!("recipe {id}: {name} is {other:?}")),
    };
    let out_of_range = |name: &str| format!("recipe {id}: {name} is out of range");
    let days = |name: &str| count(name)?.try_into().map_err(|_| out_of_range(name));
    let Some(Value::Real(specific_variance_min)) = setting("specific_variance_min") else {
        return Err(format!("recipe {id}: specific_variance_min is missing"));
    };
    let recipe = Recipe {
        id: id.clone(),
        window_days: days("window_days")?,
        annualisation: count("annualisation")?.try_into().map_err(|_| out_of_range("annualisation"))?,
        beta_days: days("beta_days")?,
        momentum_days: days("momentum_days")?,
        momentum_skip_days: days("momentum_skip_days")?,
        reversal_days: days("reversal_days")?,
        size_days: days("size_days")?,
        liquidity_days: days("liquidity_days")?,
        specific_variance_min: *specific_variance_min,
    };
    recipe.check().map_err(|error| error.to_string())?;
    Ok(recipe)
}
