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
    /// Whether `g` and `specific` stand for the covariance.
    factored: bool,
    /// `D`; factor form only.
    specific: Vec<f64>,
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
    /// Common part that [`Sigma::flush`] still has to add: `G'` times the columns added.
    pending: Vec<f64>,
}

impl Sigma {
    pub(super) fn new(isa: Isa, threads: usize) -> Self {
        Self {
            isa,
            system: System::new(isa, threads),
            factored: false,
            specific: Vec::new(),
            g: Vec::new(),
            k: 0,
            x: Vec::new(),
            inverse: Vec::new(),
            products: Vec::new(),
            exposed: Vec::new(),
            step: Vec::new(),
            moved: Vec::new(),
            pending: Vec::new(),
        }
    }

    /// Prepares for `risk`: the root `G` of the common part of a factor form.
    ///
    /// # Errors
    /// [`Error::NotPositive`] when the factor covariance is not positive definite.
    pub(super) fn fill(&mut self, risk: &Risk) -> Result<(), Error> {
        self.factored = false;
        let Risk::Factor { exposures, covariance, specific } = risk else { return Ok(()) };
        self.factored = true;
        self.specific.clear();
        self.specific.extend(specific);
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
        match &*problem.risk {
            Risk::Dense(sigma) if !self.factored => matvec_symmetric(self.isa, entries(sigma), d, out),
            _ => {
                self.pending.clear();
                self.pending.resize(self.k, 0.0);
                self.common(d, out);
                for ((out, d), s) in out.iter_mut().zip(d).zip(&self.specific) {
                    *out += s * d;
                }
            }
        }
    }

    /// `out = out + Sigma[:, assets] x`.
    pub(super) fn add_columns(&mut self, problem: &Problem, assets: &[usize], x: &[f64], out: &mut [f64]) {
        match &*problem.risk {
            Risk::Dense(sigma) if !self.factored => add_columns(self.isa, entries(sigma), assets, x, out),
            _ => {
                let k = self.k;
                for (&asset, x) in assets.iter().zip(x) {
                    out[asset] += self.specific[asset] * x;
                    for (sum, g) in self.pending.iter_mut().zip(&self.g[asset * k..(asset + 1) * k]) {
                        *sum += g * x;
                    }
                }
            }
        }
    }

    /// Completes `out` after [`Sigma::add_columns`], which leaves the common part of a factor form for later.
    pub(super) fn flush(&mut self, out: &mut [f64]) {
        if self.factored && self.pending.iter().any(|sum| *sum != 0.0) {
            self.moved.resize(out.len(), 0.0);
            matvec_on(self.isa, &self.g, &self.pending, &mut self.moved);
            for (out, moved) in out.iter_mut().zip(&self.moved) {
                *out += moved;
            }
            self.pending.fill(0.0);
        }
    }

    /// The gradient of the listed assets, as [`Sigma::flush`] would leave it.
    pub(super) fn gather(&self, gradient: &[f64], assets: &[usize], out: &mut Vec<f64>) {
        out.clear();
        if !self.factored {
            out.extend(assets.iter().map(|&i| gradient[i]));
            return;
        }
        let k = self.k;
        out.extend(assets.iter().map(|&i| {
            let row = &self.g[i * k..(i + 1) * k];
            gradient[i] + row.iter().zip(&self.pending).fold(0.0, |sum, (g, p)| sum + g * p)
        }));
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
        match &*problem.risk {
            Risk::Dense(sigma) if !self.factored => {
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
            _ => self.factor_form(free, vectors, fill),
        }
    }

    fn factor_form(
        &mut self,
        free: &[usize],
        vectors: usize,
        mut fill: impl FnMut(usize, &mut [f64]),
    ) -> Result<(), Error> {
        let (k, width) = (self.k, self.k + vectors);
        self.inverse.clear();
        for &asset in free {
            // Without specific risk the block has no such inverse.
            let specific = self.specific[asset];
            if !(specific > 0.0) {
                return Err(Error::NotPositive { what: "specific", column: asset, pivot: specific });
            }
            self.inverse.push(1.0 / specific);
        }
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
    pub(super) fn gram(&self, gram: &mut [f64]) {
        self.system.carried_gram(gram);
        if self.factored {
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
    pub(super) fn solve(&mut self, coefficients: &[f64], out: &mut [f64]) {
        if !self.factored {
            self.system.combine(coefficients, out);
            self.system.backward(out);
            return;
        }
        self.exposed.clear();
        self.exposed.resize(self.k, 0.0);
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

    /// Lets a factor form near a dense covariance stand for it: `Sigma ~ Y (V' Y)^-1 Y' + D` with `Y = Sigma V` for [`SKETCH`]
    /// vectors `V` of signs (Nystrom), `D` what is missing on the diagonal, at least a twentieth of it. Returns whether there is one.
    pub(super) fn sketch(&mut self, problem: &Problem) -> bool {
        let Risk::Dense(sigma) = &*problem.risk else { return false };
        let (n, k) = (problem.n(), SKETCH);
        let sigma = entries(sigma);
        let sign = |i: usize, j: usize| {
            let mixed = ((i * k + j) as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            if j == 0 || (mixed >> 40) & 1 == 0 { 1.0 } else { -1.0 }
        };
        let mut y = vec![0.0; n * k];
        let (mut v, mut column) = (vec![0.0; n], vec![0.0; n]);
        for j in 0..k {
            for (i, v) in v.iter_mut().enumerate() {
                *v = sign(i, j);
            }
            matvec_symmetric(self.isa, sigma, &v, &mut column);
            for (i, value) in column.iter().enumerate() {
                y[i * k + j] = *value;
            }
        }
        // V' Y with the rows of Y carried along: they come out as G.
        self.system.shape(k, n);
        for j in 0..k {
            let (lower, carried) = self.system.column_mut(j);
            for (entry, p) in lower.iter_mut().zip(j..k) {
                *entry = (0..n).fold(0.0, |sum, i| sum + sign(i, p) * y[i * k + j]);
            }
            for (i, entry) in carried.iter_mut().enumerate() {
                *entry = y[i * k + j];
            }
        }
        if self.system.factor().is_err() {
            return false;
        }
        self.g.clear();
        self.g.resize(n * k, 0.0);
        for j in 0..k {
            for (i, value) in self.system.column(j).1.iter().enumerate() {
                self.g[i * k + j] = *value;
            }
        }
        self.specific.clear();
        self.specific.extend((0..n).map(|i| {
            let own = sigma[i * n + i];
            let common = self.g[i * k..(i + 1) * k].iter().fold(0.0, |sum, g| sum + g * g);
            samebits_canon::max(own - common, 0.05 * own)
        }));
        self.k = k;
        self.factored = true;
        true
    }

    /// `G`, where a factor form stands for the covariance.
    pub(super) fn root(&self) -> Option<&[f64]> {
        self.factored.then_some(&self.g)
    }

    /// Whether a factor form stands for the covariance.
    pub(super) fn factored(&self) -> bool {
        self.factored
    }

    /// The curvature of asset `i` that it shares with no other one, as far as it is known: `D`, or the variance.
    pub(super) fn own(&self, problem: &Problem, i: usize) -> f64 {
        match &*problem.risk {
            Risk::Dense(sigma) if !self.factored => sigma[[i, i]],
            _ => self.specific[i],
        }
    }

    /// Ends what [`Sigma::sketch`] began.
    pub(super) fn exact(&mut self) {
        self.factored = false;
    }
}

/// Vectors of the sketch.
const SKETCH: usize = 8;

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
