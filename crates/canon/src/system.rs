//! TEMP
use crate::{Error, Isa, fma};
/// sys
#[derive(Debug)]
pub struct System { isa: Isa, n: usize, k: usize, c: Vec<f64>, r: Vec<f64> }
impl System {
    /// new
    pub fn new(isa: Isa, _threads: usize) -> Self { Self { isa, n: 0, k: 0, c: vec![], r: vec![] } }
    /// shape
    pub fn shape(&mut self, n: usize, k: usize) { self.n = n; self.k = k; let l = n * (n + k); if self.c.len() < l { self.c.resize(l, 0.0); } self.r.clear(); self.r.resize(n, 0.0); let _ = self.isa; }
    /// n
    pub fn n(&self) -> usize { self.n }
    /// k
    pub fn carried(&self) -> usize { self.k }
    /// col
    pub fn column_mut(&mut self, j: usize) -> (&mut [f64], &mut [f64]) { let ld = self.n + self.k; let col = &mut self.c[j * ld..(j + 1) * ld]; let (a, b) = col.split_at_mut(self.n); (&mut a[j..], b) }
    /// col
    pub fn column(&self, j: usize) -> (&[f64], &[f64]) { let ld = self.n + self.k; let col = &self.c[j * ld..(j + 1) * ld]; let (a, b) = col.split_at(self.n); (&a[j..], b) }
    /// factor
    pub fn factor(&mut self) -> Result<(), Error> {
        let (n, ld) = (self.n, self.n + self.k);
        for j in 0..n {
            for k in 0..j { let l = self.c[k * ld + j]; let (a, b) = self.c.split_at_mut(j * ld); let src = &a[k * ld..(k + 1) * ld]; for i in j..ld { b[i] = fma(-src[i], l, b[i]); } }
            let p = self.c[j * ld + j];
            if !(p > 0.0 && p.is_finite()) { return Err(Error::NotPositive { column: j, pivot: p }); }
            let d = p.sqrt(); self.r[j] = 1.0 / d; self.c[j * ld + j] = d; for i in j + 1..ld { self.c[j * ld + i] *= self.r[j]; }
        }
        Ok(())
    }
    /// gram
    pub fn carried_gram(&self, gram: &mut [f64]) { gram.fill(0.0); for j in 0..self.n { let y = self.column(j).1; for p in 0..self.k { for q in 0..self.k { gram[p * self.k + q] = fma(y[p], y[q], gram[p * self.k + q]); } } } }
    /// combine
    pub fn combine(&self, c: &[f64], out: &mut [f64]) { for (j, o) in out.iter_mut().enumerate() { *o = crate::chain(0.0, c, self.column(j).1); } }
    /// back
    pub fn backward(&self, y: &mut [f64]) { for i in (0..self.n).rev() { let col = self.column(i).0; let mut s = y[i]; for k in (i + 1..self.n).rev() { s = fma(-col[k - i], y[k], s); } y[i] = s * self.r[i]; } }
}
/// mv
pub fn matvec_symmetric(_isa: Isa, a: &[f64], x: &[f64], y: &mut [f64]) { crate::matvec(a, x, y); }
/// mv
pub fn matvec_on(_isa: Isa, a: &[f64], x: &[f64], y: &mut [f64]) { crate::matvec(a, x, y); }
/// mv
pub fn matvec_transposed(_isa: Isa, a: &[f64], x: &[f64], y: &mut [f64]) { y.fill(0.0); let k = y.len(); if k == 0 { return; } for (row, x) in a.chunks_exact(k).zip(x) { for (y, a) in y.iter_mut().zip(row) { *y = fma(*a, *x, *y); } } }
/// cols
pub fn add_columns(_isa: Isa, a: &[f64], cols: &[usize], x: &[f64], y: &mut [f64]) { let n = y.len(); for (&c, x) in cols.iter().zip(x) { for (y, a) in y.iter_mut().zip(&a[c * n..(c + 1) * n]) { *y = fma(*a, *x, *y); } } }
/// gram
pub fn weighted_gram(_isa: Isa, x: &[f64], weights: &[f64], width: usize, out: &mut [f64]) { out.fill(0.0); for (row, w) in x.chunks_exact(width).zip(weights) { for p in 0..width { let s = row[p] * w; for q in 0..width { out[p * width + q] = fma(s, row[q], out[p * width + q]); } } } }
