//! The instances: draws of the generator, around the covariance of real prices where these have the names.

use anyhow::{Context, Result, bail};
use ndarray::{Array2, s};
use samebits_canon::Isa;
use samebits_panel::Panel;
use samebits_qp::{Problem, Settings, Solver, Status};
use samebits_riskmodel::{Recipe, RiskModel, Window};
use samebits_solver_cpu::ActiveSet;
use samebits_testkit::{Draw, Form, Tracking};
use std::path::Path;

/// Which question is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Kind {
    TaxLotsDense,
    TaxLotsCap,
    Factor,
    LongOnly,
    Cholesky,
}

impl Kind {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::TaxLotsDense => "tax-lots-dense",
            Self::TaxLotsCap => "tax-lots-cap",
            Self::Factor => "factor",
            Self::LongOnly => "long-only",
            Self::Cholesky => "cholesky",
        }
    }

    const fn form(self) -> Form {
        match self {
            Self::TaxLotsCap => Form::TaxLotsCap,
            Self::Factor => Form::Factor,
            Self::LongOnly => Form::LongOnly,
            Self::TaxLotsDense | Self::Cholesky => Form::TaxLotsDense,
        }
    }
}

/// A draw and where its covariance comes from.
pub(crate) struct Drawn {
    pub(crate) n: usize,
    pub(crate) data: &'static str,
    pub(crate) tracking: Tracking,
}

/// A draw of `n` names.
pub(crate) fn draw(n: usize, seed: u64, prices: &Path) -> Result<Drawn> {
    let panel = Panel::load(prices).with_context(|| prices.display().to_string())?;
    if n > panel.securities.len() {
        return Ok(Drawn { n, data: "synthetic", tracking: Tracking::new(n, seed) });
    }
    let rows = s![.., ..n];
    let weights = vec![1.0 / n as f64; n];
    let (prices, volumes) = (panel.closes.slice(rows), panel.volumes.slice(rows));
    let window = Window { dates: &panel.dates, prices, volumes, weights: &weights };
    let model = RiskModel::build(Isa::detect(), &Recipe::default(), &window)?;
    let matrix = |values: &[f32], columns: usize| {
        Array2::from_shape_vec((n, columns), values.iter().map(|x| f64::from(*x)).collect())
    };
    let (sigma, loadings) = (matrix(&model.sigma, n)?, matrix(&model.loadings, 6)?);
    Ok(Drawn { n, data: "prices", tracking: Tracking::with_model(sigma, loadings, &mut Draw::new(seed)) })
}

/// A problem, and what it is called.
pub(crate) struct Instance {
    pub(crate) kind: Kind,
    pub(crate) n: usize,
    pub(crate) data: &'static str,
    pub(crate) problem: Problem,
}

impl Instance {
    pub(crate) fn new(drawn: &Drawn, kind: Kind) -> Result<Self> {
        let cap = if kind == Kind::TaxLotsCap { binding_cap(&drawn.tracking)? } else { 0.0 };
        let problem = drawn.tracking.problem(kind.form(), cap);
        Ok(Self { kind, n: drawn.n, data: drawn.data, problem })
    }
}

/// One fifth below the tracking error without a cap; one twentieth where that cannot be met.
fn binding_cap(tracking: &Tracking) -> Result<f64> {
    let settings = Settings::new(1e-9, 200);
    let solver = ActiveSet::new(Isa::detect(), 1);
    let free = tracking.problem(Form::TaxLotsDense, 0.0);
    let found = solver.solve(&free, &settings)?;
    let error = free.variance(&free.active(&found.weights)).sqrt();
    for cap in [0.8 * error, 0.95 * error] {
        if solver.solve(&tracking.problem(Form::TaxLotsCap, cap), &settings)?.status == Status::Optimal {
            return Ok(cap);
        }
    }
    bail!("no cap below the free tracking error can be met")
}
