//! The covariance in the two operations that the active set needs: its gradient, and the inverse of the block of free
//! assets applied to a few vectors.
//!
//! Dense: ordered Cholesky of the block with the vectors carried along (clause A5). Factor form, `Sigma = G G' + D` with
//! `G = B L` and `F = L L'`: Woodbury's identity `(D + G G')^-1 = D^-1 - D^-1 G (I + G' D^-1 G)^-1 G' D^-1`, with all
//! products from one matrix `X' D^-1 X`, `X = [G, vectors]`.

use ndarray::Array2;
use samebits_canon::{
    Isa, System, add_columns, add_product, matvec_on, matvec_symmetric, matvec_transposed, weighted_gram,
};
use samebits_qp::{Error, Problem, Risk};

/// Memory for both operations, kept from solve to solve.
#[derive(Debug)]
pub(super) struct Sigma {
    isa: Isa,
    system: System,
    /// `G`, row-major `n x k`; factor form only.
    g: Vec<f64>,
    k: usize,
    /// `X`, row-major, one row a free asset.
    x: Vec<f64>,
    /// `1 / D` of the free assets.
    inverse: Vec<f64>,
    /// `X' D^-1 X`.
    products: Vec<f64>,
    exposed: Vec<f64>,
    step: Vec<f64>,
    moved: Vec<f64>,
}

impl Sigma {
    pub(super) fn new(isa: Isa, threads: usize) -> Self {
        Self {
            isa,
            system: System::new(isa, threads),
            g: Vec::new(),
            k: 0,
            x: Vec::new(),
            inverse: Vec::new(),
            products: Vec::new(),
            exposed: Vec::new(),
            step: Vec::new(),
            moved: Vec::new(),
        }
    }

    /// Prepares for `problem`: the root `G` of the common part of a factor form.
    ///
    /// # Errors
    /// [`Error::NotPositive`] when the factor covariance is not positive definite.
    pub(super) fn fill(&mut self, problem: &Problem) -> Result<(), Error> {
        let Risk::Factor { exposures, covariance, .. } = &problem.risk else { return Ok(()) };
        let (n, k) = exposures.dim();
        self.k = k;
        self.system.shape(k, 0);
        for j in 0..k {
            let (lower, _) = self.system.column_mut(j);
            for (entry, i) in lower.iter_mut().zip(j..k) {
                *entry = covariance[[i, j]];
            }
        }
        self.system.factor().map_err(|error| not_positive("factor covariance", error))?;
        let mut lower = vec![0.0; k * k];
        for j in 0..k {
            for (i, l) in (j..k).zip(self.system.column(j).0) {
                lower[i * k + j] = *l;
            }
        }
        self.g.clear();
        self.g.resize(n * k, 0.0);
        if n > 0 && k > 0 {
            let exposures: Vec<f64> = exposures.iter().copied().collect();
            add_product(self.isa, &mut self.g, &exposures, &lower, k, k);
        }
        Ok(())
    }

    /// `out = Sigma d`.
    pub(super) fn gradient(&mut self, problem: &Problem, d: &[f64], out: &mut [f64]) {
        match &problem.risk {
            Risk::Dense(sigma) => matvec_symmetric(self.isa, entries(sigma), d, out),
            Risk::Factor { specific, .. } => {
                self.common(d, out);
                for ((out, d), s) in out.iter_mut().zip(d).zip(specific) {
                    *out += s * d;
                }
            }
        }
    }

    /// `out = out + Sigma[:, assets] x`.
    pub(super) fn add_columns(&mut self, problem: &Problem, assets: &[usize], x: &[f64], out: &mut [f64]) {
        match &problem.risk {
            Risk::Dense(sigma) => add_columns(self.isa, entries(sigma), assets, x, out),
            Risk::Factor { specific, .. } => {
                let mut step = std::mem::take(&mut self.step);
                let mut moved = std::mem::take(&mut self.moved);
                step.clear();
                step.resize(out.len(), 0.0);
                moved.resize(out.len(), 0.0);
                for (&asset, x) in assets.iter().zip(x) {
                    step[asset] = *x;
                }
                self.common(&step, &mut moved);
                for (i, out) in out.iter_mut().enumerate() {
                    *out += moved[i] + specific[i] * step[i];
                }
                (self.step, self.moved) = (step, moved);
            }
        }
    }

    /// `out = G (G' d)`.
    fn common(&mut self, d: &[f64], out: &mut [f64]) {
        self.exposed.clear();
        self.exposed.resize(self.k, 0.0);
        matvec_transposed(self.isa, &self.g, d, &mut self.exposed);
        matvec_on(self.isa, &self.g, &self.exposed, out);
    }

    /// Factors the block of `free` assets with `vectors` right-hand sides; `fill(j, out)` writes entry `j` of each.
    ///
    /// # Errors
    /// [`Error::NotPositive`] with the asset where the block stops being positive definite.
    pub(super) fn factor(
        &mut self,
        problem: &Problem,
        free: &[usize],
        vectors: usize,
        mut fill: impl FnMut(usize, &mut [f64]),
    ) -> Result<(), Error> {
        match &problem.risk {
            Risk::Dense(sigma) => {
                self.system.shape(free.len(), vectors);
                let (n, sigma) = (sigma.ncols(), entries(sigma));
                for (j, &asset) in free.iter().enumerate() {
                    let row = &sigma[asset * n..(asset + 1) * n];
                    let (lower, carried) = self.system.column_mut(j);
                    for (entry, &other) in lower.iter_mut().zip(&free[j..]) {
                        *entry = row[other];
                    }
                    fill(j, carried);
                }
                self.system.factor().map_err(|error| match error {
                    samebits_canon::Error::NotPositive { column, pivot } => {
                        Error::NotPositive { what: "sigma", column: free[column], pivot }
                    }
                    other => not_positive("sigma", other),
                })
            }
            Risk::Factor { specific, .. } => self.factor_form(specific.as_slice(), free, vectors, fill),
        }
    }

    fn factor_form(
        &mut self,
        specific: Option<&[f64]>,
        free: &[usize],
        vectors: usize,
        mut fill: impl FnMut(usize, &mut [f64]),
    ) -> Result<(), Error> {
        let specific = specific.unwrap_or_default();
        let (k, width) = (self.k, self.k + vectors);
        self.inverse.clear();
        self.inverse.extend(free.iter().map(|&asset| 1.0 / specific[asset]));
        self.x.clear();
        self.x.resize(free.len() * width, 0.0);
        for ((j, &asset), row) in free.iter().enumerate().zip(self.x.chunks_exact_mut(width.max(1))) {
            row[..k].copy_from_slice(&self.g[asset * k..(asset + 1) * k]);
            fill(j, &mut row[k..]);
        }
        self.products.clear();
        self.products.resize(width * width, 0.0);
        weighted_gram(self.isa, &self.x, &self.inverse, width, &mut self.products);
        self.system.shape(k, vectors);
        for j in 0..k {
            let (lower, carried) = self.system.column_mut(j);
            for (entry, i) in lower.iter_mut().zip(j..k) {
                *entry = self.products[j * width + i] + if i == j { 1.0 } else { 0.0 };
            }
            carried.copy_from_slice(&self.products[j * width + k..(j + 1) * width]);
        }
        self.system.factor().map_err(|error| not_positive("factor core", error))
    }

    /// `gram[p][q] = v_p' Sigma_FF^-1 v_q` for the vectors of the factorisation.
    pub(super) fn gram(&self, problem: &Problem, gram: &mut [f64]) {
        self.system.carried_gram(gram);
        if matches!(problem.risk, Risk::Factor { .. }) {
            let vectors = self.system.carried();
            let width = self.k + vectors;
            for (p, row) in gram.chunks_exact_mut(vectors.max(1)).enumerate() {
                let own = &self.products[(self.k + p) * width + self.k..(self.k + p + 1) * width];
                for (entry, product) in row.iter_mut().zip(own) {
                    *entry = product - *entry;
                }
            }
        }
    }

    /// `out = Sigma_FF^-1 (sum of coefficients times vectors)`, one entry a free asset.
    pub(super) fn solve(&mut self, problem: &Problem, coefficients: &[f64], out: &mut [f64]) {
        match &problem.risk {
            Risk::Dense(_) => {
                self.system.combine(coefficients, out);
                self.system.backward(out);
            }
            Risk::Factor { .. } => {
                let k = self.k;
                self.exposed.clear();
                self.exposed.resize(k, 0.0);
                self.system.combine(coefficients, &mut self.exposed);
                self.system.backward(&mut self.exposed);
                self.step.clear();
                self.step.extend(self.exposed.iter().map(|u| -u));
                self.step.extend_from_slice(coefficients);
                matvec_on(self.isa, &self.x, &self.step, out);
                for (out, inverse) in out.iter_mut().zip(&self.inverse) {
                    *out *= inverse;
                }
            }
        }
    }
}

/// The entries row by row; matrices of problems are standard layout unless a caller sliced them.
fn entries(sigma: &Array2<f64>) -> &[f64] {
    sigma.as_slice().unwrap_or_default()
}

fn not_positive(what: &'static str, error: samebits_canon::Error) -> Error {
    match error {
        samebits_canon::Error::NotPositive { column, pivot } => Error::NotPositive { what, column, pivot },
        _ => Error::NotPositive { what, column: 0, pivot: f64::NAN },
    }
}
