//! Covariances as the device gets them.

use crate::pack::{Fields, RISK, SKETCH, Writer, bytes};
use samebits_canon::{Cholesky, Isa};
use samebits_qp::Risk;
use samebits_solver_cpu::Host;
use std::sync::Arc;

/// A hash of numbers in four lanes, so that a lane's product is no one's wait. Equal hashes are looked at bit by bit.
#[derive(Default)]
struct Hash {
    lanes: [u64; 4],
    next: usize,
}

impl Hash {
    fn add(&mut self, x: f64) {
        let lane = &mut self.lanes[self.next % 4];
        *lane = (*lane ^ x.to_bits()).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29);
        self.next += 1;
    }

    fn value(&self) -> u64 {
        self.lanes
            .iter()
            .fold(self.next as u64, |all, lane| (all ^ lane).wrapping_mul(0x0100_0000_01b3).rotate_left(23))
    }
}

/// A covariance that problems share.
pub(crate) struct Covariance<'a> {
    risk: &'a Arc<Risk>,
    /// Of a factor form the roots of its common part, `n x k`: the active set's, and the interior point's.
    roots: Option<[Vec<f64>; 2]>,
    /// Whether a dense one has an entry that `f32` cannot hold.
    wide: bool,
    /// Of all its numbers: covariances with the same content are sent once.
    hash: u64,
    n: usize,
    k: usize,
}

impl<'a> Covariance<'a> {
    /// Prepares a covariance; `None` where a factor covariance is not positive definite or a matrix is not laid out row by
    /// row, so that its problems go to the CPU.
    pub(crate) fn new(host: &mut Host, isa: Isa, risk: &'a Arc<Risk>) -> Option<Self> {
        let n = risk.n();
        match &**risk {
            Risk::Dense(sigma) => {
                let entries = sigma.as_slice()?;
                let (mut wide, mut hash) = (false, Hash::default());
                for x in entries {
                    wide |= f64::from(*x as f32).to_bits() != x.to_bits();
                    hash.add(*x);
                }
                Some(Self { risk, roots: None, wide, hash: hash.value(), n, k: SKETCH })
            }
            Risk::Factor { exposures, covariance, specific } => {
                let mut hash = Hash::default();
                exposures.iter().chain(covariance).chain(specific).for_each(|x| hash.add(*x));
                let k = covariance.nrows();
                let root = host.root(risk).ok()??.to_vec();
                let entries: Vec<f64> = covariance.iter().copied().collect();
                let lower = Cholesky::new(isa, &entries, k).ok()?;
                // As the interior point on the CPU: two roundings a step, from the diagonal down.
                let entry = |(i, j): (usize, usize)| {
                    let own = exposures.row(i);
                    (j..k).fold(0.0, |sum, q| sum + own[q] * lower.l()[q * k + j])
                };
                let barrier = (0..n).flat_map(|i| (0..k).map(move |j| (i, j))).map(entry).collect();
                Some(Self { risk, roots: Some([root, barrier]), wide: true, hash: hash.value(), n, k })
            }
        }
    }

    /// What covariances of the same content have in common.
    pub(crate) fn key(&self) -> (u64, usize, usize) {
        (self.hash, self.n, self.k)
    }

    /// Whether the other one has the same bits throughout.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        let bits = |a: &mut dyn Iterator<Item = &f64>, b: &mut dyn Iterator<Item = &f64>| {
            a.zip(b).all(|(a, b)| a.to_bits() == b.to_bits())
        };
        match (&**self.risk, &**other.risk) {
            (Risk::Dense(a), Risk::Dense(b)) => a.dim() == b.dim() && bits(&mut a.iter(), &mut b.iter()),
            (
                Risk::Factor { exposures: b1, covariance: f1, specific: d1 },
                Risk::Factor { exposures: b2, covariance: f2, specific: d2 },
            ) => {
                b1.dim() == b2.dim()
                    && bits(&mut b1.iter().chain(f1).chain(d1), &mut b2.iter().chain(f2).chain(d2))
            }
            _ => false,
        }
    }

    /// Factors, of the form or of the sketch.
    pub(crate) fn k(&self) -> usize {
        self.k
    }

    fn is_dense(&self) -> bool {
        self.roots.is_none()
    }

    /// Bytes that are sent.
    pub(crate) fn sent(&self) -> usize {
        let (n, k) = (self.n, self.k);
        if self.is_dense() {
            bytes(n * n, if self.wide { 8 } else { 4 })
        } else {
            3 * bytes(n * k, 8) + bytes(n, 8) + bytes(k * k, 8)
        }
    }

    /// Bytes that it takes on the device.
    pub(crate) fn total(&self) -> usize {
        let sketch = if self.is_dense() { bytes(SKETCH * self.n, 8) + bytes(self.n, 8) } else { 0 };
        self.sent() + sketch
    }

    /// `struct Risk` of `kernels/batch.cuh`, when its memory begins at `at`: what is sent comes first.
    pub(crate) fn entry(&self, at: u64) -> [u8; RISK] {
        let mut out = [0; RISK];
        let mut fields = Fields::new(&mut out);
        let (n, k) = (self.n, self.k);
        let form = bytes(n * k, 8) as u64;
        if self.is_dense() {
            let root = at + self.sent() as u64;
            fields.longs([at, root, root + form, at, at, at]);
        } else {
            let (exposures, barrier) = (at + form, at + 2 * form);
            let factors = at + 3 * form;
            fields.longs([at, at, factors + bytes(k * k, 8) as u64, exposures, factors, barrier]);
        }
        fields.ints([n, k, usize::from(self.is_dense()), usize::from(self.wide), 0, u32::MAX as usize]);
        out
    }

    /// The bytes that are sent.
    pub(crate) fn write(&self, out: &mut [u8]) {
        let mut writer = Writer::new(out);
        let (n, k) = (self.n, self.k);
        match (&**self.risk, &self.roots) {
            (Risk::Dense(sigma), _) if self.wide => writer.f64s(n * n, sigma.iter().copied()),
            (Risk::Dense(sigma), _) => writer.f32s(n * n, sigma.iter().map(|x| *x as f32)),
            (Risk::Factor { exposures, covariance, specific }, roots) => {
                let [root, barrier] = roots.as_ref().map_or([&[][..]; 2], |[a, b]| [&a[..], &b[..]]);
                writer.f64s(n * k, (0..k).flat_map(|j| (0..n).map(move |i| root[i * k + j])));
                writer.f64s(n * k, exposures.columns().into_iter().flatten().copied());
                writer.f64s(n * k, (0..k).flat_map(|j| (0..n).map(move |i| barrier[i * k + j])));
                writer.f64s(k * k, covariance.iter().copied());
                writer.f64s(n, specific.iter().copied());
            }
        }
        assert!(writer.is_full(), "the covariance does not fill its place");
    }
}
