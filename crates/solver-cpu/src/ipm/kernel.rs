//! `K = T^-1 + theta Sigma` on the assets that can move, factored once an iteration in the scaled form
//! `I + h theta Sigma h`, `h = sqrt(T)`, whose eigenvalues are at least 1; right-hand sides are carried along.
//!
//! Dense `Sigma`: [`System`]. Factor form: `theta Sigma = theta D + U U'` with `U = sqrt(theta) B L_F` and `theta D` in
//! `T^-1`; with `V = h U` and `C = I + V' V = L L'` (`k x k`), `K^-1 = h (I - V C^-1 V') h`. Without risk `k = 0`.

use samebits_canon::{Cholesky, Isa, System, dot_on, gram::gram_in, matvec_transposed};
use samebits_qp::{Error, Problem, Risk};

use super::dense::Dense;

/// Ridge, relative to the largest variance, below which an eigenvalue of `Sigma` counts as zero and not as negative.
const RIDGE: f64 = 1e-11;

pub(super) struct Kernel {
    isa: Isa,
    n: usize,
    /// Assets that can move.
    live: Vec<usize>,
    h: Vec<f64>,
    form: Form,
    /// Length of the live assets: the forward-solved right-hand side that came after the carried ones.
    second: Vec<f64>,
    scratch: Vec<f64>,
}

enum Form {
    Dense { sigma: Vec<f64>, system: System },
    Factor(Factor),
}

/// `live x k` matrices, and the carried rows scaled by `h`.
struct Factor {
    k: usize,
    root: Vec<f64>,
    specific: Vec<f64>,
    v: Vec<f64>,
    core: Dense,
    /// `k` numbers on their way back.
    behind: Vec<f64>,
    rows: Vec<f64>,
    inner: Vec<f64>,
    second_inner: Vec<f64>,
    packed: Vec<f64>,
}

impl Kernel {
    /// For `carried` right-hand sides over the assets that are not `frozen`.
    pub(super) fn new(
        isa: Isa,
        problem: &Problem,
        frozen: &[bool],
        curved: bool,
        carried: usize,
    ) -> Result<Self, Error> {
        let live: Vec<usize> = (0..problem.n()).filter(|&i| !frozen[i]).collect();
        let p = live.len();
        let form = match &*problem.risk {
            Risk::Dense(sigma) => {
                let all: Vec<f64> = sigma.iter().copied().collect();
                let mut system = System::new(isa, 1);
                check(&mut system, &all, problem.n())?;
                if curved {
                    let kept = live.iter().flat_map(|&i| live.iter().map(move |&j| (i, j)));
                    let sigma = kept.map(|(i, j)| all[i * problem.n() + j]).collect();
                    system.shape(p, carried);
                    Form::Dense { sigma, system }
                } else {
                    Form::Factor(Factor::new(Vec::new(), 0, vec![0.0; p], carried))
                }
            }
            Risk::Factor { exposures, covariance, specific } => {
                let k = covariance.nrows();
                let entries: Vec<f64> = covariance.iter().copied().collect();
                let factor = Cholesky::new(isa, &entries, k)
                    .map_err(|error| not_positive("factor covariance", &error))?;
                let k = if curved { k } else { 0 };
                let mut root = Vec::with_capacity(p * k);
                for &i in &live {
                    for j in 0..k {
                        let column = (j..k).map(|q| factor.l()[q * k + j]);
                        let own = exposures.row(i);
                        root.push(column.zip(own.iter().skip(j)).fold(0.0, |sum, (l, b)| sum + b * l));
                    }
                }
                let specific = live.iter().map(|&i| specific[i]).collect();
                Form::Factor(Factor::new(root, k, specific, carried))
            }
        };
        let (h, second) = (vec![0.0; p], vec![0.0; p]);
        Ok(Self { isa, n: problem.n(), live, h, form, second, scratch: vec![0.0; p] })
    }

    /// Factors `diag(stiffness) + theta Sigma` with the carried rows (`carried x n`); false when a pivot is not positive.
    pub(super) fn factor(&mut self, theta: f64, stiffness: &[f64], carry: &[f64]) -> bool {
        let n = self.n;
        match &mut self.form {
            Form::Dense { sigma, system } => {
                for (h, &i) in self.h.iter_mut().zip(&self.live) {
                    *h = (1.0 / stiffness[i]).sqrt();
                }
                let p = self.live.len();
                for (j, &asset) in self.live.iter().enumerate() {
                    let scale = theta * self.h[j];
                    let (column, carried) = system.column_mut(j);
                    // A6: (theta h_j) Sigma_ij, then times h_i.
                    for ((out, s), h) in column.iter_mut().zip(&sigma[j * p + j..]).zip(&self.h[j..]) {
                        *out = (scale * s) * h;
                    }
                    column[0] += 1.0;
                    for (out, row) in carried.iter_mut().zip(carry.chunks_exact(n)) {
                        *out = row[asset] * self.h[j];
                    }
                }
                system.factor().is_ok()
            }
            Form::Factor(factor) => {
                for ((h, &i), specific) in self.h.iter_mut().zip(&self.live).zip(&factor.specific) {
                    *h = (1.0 / (stiffness[i] + theta * specific)).sqrt();
                }
                for (rows, carry) in
                    factor.rows.chunks_exact_mut(self.live.len().max(1)).zip(carry.chunks_exact(n))
                {
                    for ((out, &i), h) in rows.iter_mut().zip(&self.live).zip(&self.h) {
                        *out = carry[i] * h;
                    }
                }
                factor.factor(self.isa, theta, &self.h)
            }
        }
    }

    /// `gram[r * carried + s] = C_r' K^-1 C_s`.
    pub(super) fn gram(&self, gram: &mut [f64]) {
        match &self.form {
            Form::Dense { system, .. } => system.carried_gram(gram),
            Form::Factor(factor) => factor.gram(self.isa, gram),
        }
    }

    /// Takes one more right-hand side (length `n`) and returns its products with the carried ones.
    pub(super) fn push(&mut self, rhs: &[f64], products: &mut [f64]) {
        for ((out, &i), h) in self.second.iter_mut().zip(&self.live).zip(&self.h) {
            *out = rhs[i] * h;
        }
        match &mut self.form {
            Form::Dense { system, .. } => {
                system.forward(&mut self.second);
                products.fill(0.0);
                for (j, y) in self.second.iter().enumerate() {
                    for (out, carried) in products.iter_mut().zip(system.column(j).1) {
                        *out += carried * y;
                    }
                }
            }
            Form::Factor(factor) => factor.push(self.isa, &self.second, products),
        }
    }

    /// `K^-1 (sum of coefficients_r C_r)`, plus `K^-1` of the pushed right-hand side when `pushed`; 0 for frozen assets.
    pub(super) fn back(&mut self, coefficients: &[f64], pushed: bool, out: &mut [f64]) {
        let x = &mut self.scratch;
        match &mut self.form {
            Form::Dense { system, .. } => {
                system.combine(coefficients, x);
                if pushed {
                    add(x, &self.second);
                }
                system.backward(x);
            }
            Form::Factor(factor) => {
                factor.combine(self.isa, coefficients, x);
                if pushed {
                    add(x, &self.second);
                    add(&mut factor.behind, &factor.second_inner);
                }
                factor.back(self.isa, x);
            }
        }
        out.fill(0.0);
        for ((x, &i), h) in self.scratch.iter().zip(&self.live).zip(&self.h) {
            out[i] = x * h;
        }
    }
}

impl Factor {
    fn new(root: Vec<f64>, k: usize, specific: Vec<f64>, carried: usize) -> Self {
        let p = specific.len();
        Self {
            k,
            v: vec![0.0; root.len()],
            root,
            specific,
            core: Dense::new(k),
            behind: vec![0.0; k],
            rows: vec![0.0; carried * p],
            inner: vec![0.0; carried * k],
            second_inner: vec![0.0; k],
            packed: Vec::new(),
        }
    }

    fn factor(&mut self, isa: Isa, theta: f64, h: &[f64]) -> bool {
        let (k, p) = (self.k, h.len());
        if k == 0 {
            return true;
        }
        let root = theta.sqrt();
        for ((v, u), h) in self.v.chunks_exact_mut(k).zip(self.root.chunks_exact(k)).zip(h) {
            let scale = root * h;
            for (v, u) in v.iter_mut().zip(u) {
                *v = scale * u;
            }
        }
        gram_in(isa, &self.v, k, &mut self.core.a, &mut self.packed);
        for i in 0..k {
            self.core.a[i * k + i] += 1.0;
        }
        self.core.factor();
        if p > 0 {
            for (inner, row) in self.inner.chunks_exact_mut(k).zip(self.rows.chunks_exact(p)) {
                matvec_transposed(isa, &self.v, row, inner);
                self.core.forward(inner);
            }
        }
        self.core.is_finite()
    }

    fn gram(&self, isa: Isa, gram: &mut [f64]) {
        let p = self.specific.len();
        gram.fill(0.0);
        if p == 0 {
            return;
        }
        let carried = self.rows.len() / p;
        let inner = |r: usize| &self.inner[r * self.k..(r + 1) * self.k];
        let row = |r: usize| &self.rows[r * p..(r + 1) * p];
        for r in 0..carried {
            for s in 0..=r {
                let value = dot_on(isa, row(r), row(s)) - dot_on(isa, inner(r), inner(s));
                gram[r * carried + s] = value;
                gram[s * carried + r] = value;
            }
        }
    }

    fn push(&mut self, isa: Isa, second: &[f64], products: &mut [f64]) {
        products.fill(0.0);
        if second.is_empty() {
            return;
        }
        if self.k > 0 {
            matvec_transposed(isa, &self.v, second, &mut self.second_inner);
            self.core.forward(&mut self.second_inner);
        }
        for (r, (out, row)) in products.iter_mut().zip(self.rows.chunks_exact(second.len())).enumerate() {
            let inner = &self.inner[r * self.k..(r + 1) * self.k];
            *out = dot_on(isa, row, second) - dot_on(isa, inner, &self.second_inner);
        }
    }

    /// `sum of coefficients_r rows_r` into `x`, and of the inner vectors into `behind`.
    fn combine(&mut self, isa: Isa, coefficients: &[f64], x: &mut [f64]) {
        if !x.is_empty() {
            matvec_transposed(isa, &self.rows, coefficients, x);
        }
        if self.k > 0 {
            matvec_transposed(isa, &self.inner, coefficients, &mut self.behind);
        }
    }

    /// `x - V L^-T` of the vector on its way back.
    fn back(&mut self, isa: Isa, x: &mut [f64]) {
        if self.k == 0 || x.is_empty() {
            return;
        }
        self.core.backward(&mut self.behind);
        for (x, v) in x.iter_mut().zip(self.v.chunks_exact(self.k)) {
            *x -= dot_on(isa, v, &self.behind);
        }
    }
}

/// Refuses a `Sigma` with an eigenvalue that is negative beyond rounding.
fn check(system: &mut System, sigma: &[f64], n: usize) -> Result<(), Error> {
    let largest = (0..n).fold(0.0, |best, i| samebits_canon::max(best, sigma[i * n + i]));
    system.shape(n, 0);
    for j in 0..n {
        let (column, _) = system.column_mut(j);
        column.copy_from_slice(&sigma[j * n + j..(j + 1) * n]);
        column[0] += RIDGE * largest;
    }
    system.factor().map_err(|error| not_positive("sigma", &error))
}

fn not_positive(what: &'static str, error: &samebits_canon::Error) -> Error {
    match *error {
        samebits_canon::Error::NotPositive { column, pivot } => Error::NotPositive { what, column, pivot },
        _ => Error::NotPositive { what, column: 0, pivot: f64::NAN },
    }
}

fn add(x: &mut [f64], y: &[f64]) {
    for (x, y) in x.iter_mut().zip(y) {
        *x += y;
    }
}
