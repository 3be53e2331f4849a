//! Problems from seeds: families that share a covariance, batches of mixed shapes, edges.

use ndarray::Array2;
use rayon::prelude::*;
use samebits_canon::{Isa, max};
use samebits_qp::{Problem, Risk, Settings, Solver};
use samebits_solver_cpu::ActiveSet;
use samebits_testkit::{Draw, Form, Tracking};
use std::ops::Range;
use std::sync::Arc;

/// All forms of a drawn problem.
pub const FORMS: [Form; 4] = [Form::TaxLotsDense, Form::TaxLotsCap, Form::Factor, Form::LongOnly];

/// Accounts of a day: their problems share one covariance, dense or in factor form.
#[derive(Debug, Clone)]
pub struct Family {
    /// Names.
    pub n: usize,
    seed: u64,
    sigma: Array2<f64>,
    exposures: Array2<f64>,
    dense: Arc<Risk>,
    factor: Arc<Risk>,
}

impl Family {
    /// Draws a covariance of `n` names and its factor form.
    pub fn new(n: usize, seed: u64) -> Self {
        let draw = Tracking::new(n, seed);
        let (dense, factor) = (draw.problem(Form::LongOnly, 0.0).risk, draw.problem(Form::Factor, 0.0).risk);
        let sigma = match &*dense {
            Risk::Dense(sigma) => sigma.clone(),
            Risk::Factor { .. } => Array2::eye(n),
        };
        let exposures = match &*factor {
            Risk::Factor { exposures, .. } => exposures.clone(),
            Risk::Dense(_) => Array2::zeros((n, 0)),
        };
        Self { n, seed, sigma, exposures, dense, factor }
    }

    /// An account's problem; the cap of [`Form::TaxLotsCap`] is one fifth below the risk of the problem without it.
    pub fn problem(&self, form: Form, account: u64) -> Problem {
        let mut draw = Draw::new(self.seed ^ (account << 40) ^ ((self.n as u64) << 20));
        let own = Tracking::with_model(self.sigma.clone(), self.exposures.clone(), &mut draw);
        let shared = |form, cap| {
            let mut problem = own.problem(form, cap);
            problem.risk = if form == Form::Factor { self.factor.clone() } else { self.dense.clone() };
            problem
        };
        if form != Form::TaxLotsCap {
            return shared(form, 0.0);
        }
        let free = shared(Form::TaxLotsDense, 0.0);
        let settings = Settings::new(1e-9, 200);
        let most = ActiveSet::new(Isa::detect(), 1).solve(&free, &settings).map_or(0.0, |answer| {
            let variance = free.variance(&free.active(&answer.weights));
            0.8 * max(variance, 0.0).sqrt()
        });
        shared(Form::TaxLotsCap, max(most, 1e-6))
    }
}

/// Which problems are compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mixture {
    /// Numbers of names, and how many covariances are drawn of each.
    pub sizes: Vec<(usize, u64)>,
    /// Accounts of each covariance; each has all four forms.
    pub accounts: u64,
    /// Most families of a batch.
    pub batch: usize,
    /// Seed of the order.
    pub seed: u64,
}

impl Mixture {
    /// How many problems these are.
    pub fn count(&self) -> usize {
        let families = self.sizes.iter().fold(0, |sum, (_, seeds)| sum + *seeds as usize);
        families * self.accounts as usize * FORMS.len()
    }

    /// Batches of mixed shapes in shuffled order, each drawn when it is asked for; batches are of many sizes.
    pub fn batches(&self) -> impl Iterator<Item = Vec<Problem>> {
        let mut families: Vec<(usize, u64)> =
            self.sizes.iter().flat_map(|&(n, seeds)| (0..seeds).map(move |seed| (n, seed))).collect();
        let mut draw = Draw::new(self.seed);
        shuffle(&mut families, &mut draw);
        let (accounts, most) = (self.accounts, self.batch.max(1));
        std::iter::from_fn(move || {
            if families.is_empty() {
                return None;
            }
            let count = (1 + draw.below(most)).min(families.len());
            let own = families.split_off(families.len() - count);
            let mut problems = drawn(&own, accounts);
            shuffle(&mut problems, &mut draw);
            Some(problems)
        })
    }
}

fn drawn(families: &[(usize, u64)], accounts: u64) -> Vec<Problem> {
    let family = |&(n, seed): &(usize, u64)| {
        let family = Family::new(n, seed);
        let one = |k: usize| family.problem(FORMS[k % FORMS.len()], (k / FORMS.len()) as u64);
        (0..FORMS.len() * accounts as usize).into_par_iter().map(one).collect::<Vec<Problem>>()
    };
    families.par_iter().flat_map(family).collect()
}

/// Problems at the edges, see [`samebits_testkit::hostile`].
pub fn hostile(seeds: Range<u64>) -> Vec<Problem> {
    seeds.into_par_iter().map(samebits_testkit::hostile).collect()
}

/// Puts `items` into an order that only `draw` decides.
pub fn shuffle<T>(items: &mut [T], draw: &mut Draw) {
    for last in (1..items.len()).rev() {
        items.swap(last, draw.below(last + 1));
    }
}

/// A symmetric positive definite matrix (row-major `n x n`) with entries over many orders of magnitude. With `broken`, the
/// pivot of that column is not positive.
pub fn matrix(n: usize, seed: u64, broken: Option<usize>) -> Vec<f64> {
    let mut draw = Draw::new(seed ^ ((n as u64) << 32) ^ 0x00c0_1e5c);
    let loadings: Vec<[f64; 4]> = (0..n).map(|_| std::array::from_fn(|_| draw.uniform() - 0.5)).collect();
    let scale: Vec<f64> = (0..n).map(|_| f64::from_bits((1003 + draw.below(41) as u64) << 52)).collect();
    let own: Vec<f64> = (0..n).map(|_| 0.04 + 0.02 * draw.uniform()).collect();
    let mut out = vec![0.0; n * n];
    for i in 0..n {
        for j in 0..=i {
            let common = loadings[i].iter().zip(&loadings[j]).fold(0.0, |sum, (a, b)| sum + a * b);
            let diagonal = if i != j {
                0.0
            } else if broken == Some(i) {
                -9.0
            } else {
                own[i]
            };
            let entry = scale[i] * scale[j] * (common + diagonal);
            out[i * n + j] = entry;
            out[j * n + i] = entry;
        }
    }
    out
}
