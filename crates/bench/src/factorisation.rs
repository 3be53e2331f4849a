//! Cholesky factorisations of the instance's covariance: ours on every instruction set, faer, `OpenBLAS`.

use crate::instance::Drawn;
use crate::row::{Row, median};
use anyhow::{Context, Result};
use ndarray::Array2;
use samebits_canon::{Isa, System};
use samebits_qp::Risk;
use samebits_testkit::{Form, weights_hash};
use std::time::Instant;

const ROUNDS: usize = 31;

/// Times `setup` left out of `work`; returns milliseconds.
type Timed<'a> = Box<dyn FnMut() -> Result<f64> + 'a>;

/// One row a factorisation; the objective column holds GFLOP/s (`n^3 / 3` over the time), the hash that of `L`.
pub(crate) fn rows(drawn: &Drawn, budget: f64) -> Result<Vec<Row>> {
    let problem = drawn.tracking.problem(Form::TaxLotsDense, 0.0);
    let Risk::Dense(sigma) = &*problem.risk else { return Ok(Vec::new()) };
    let mut sets = Isa::available();
    sets.reverse();
    let mut hashes = vec![None; sets.len()];
    #[cfg_attr(
        not(any(feature = "faer", feature = "openblas")),
        expect(unused_mut, reason = "others are features")
    )]
    let mut names: Vec<String> = sets.iter().map(|isa| format!("samebits {}", isa.name())).collect();
    let mut systems: Vec<System> = sets.iter().map(|isa| System::new(*isa, 1)).collect();
    for (system, hash) in systems.iter_mut().zip(&mut hashes) {
        ours(system, sigma)?;
        *hash = Some(of_factor(system));
    }
    let mut all: Vec<Timed<'_>> = Vec::new();
    for system in &mut systems {
        all.push(Box::new(move || ours(system, sigma)));
    }
    #[cfg(feature = "faer")]
    {
        names.push("faer llt".to_owned());
        all.push(Box::new(|| with_faer(sigma)));
    }
    #[cfg(feature = "openblas")]
    {
        names.push("OpenBLAS dpotrf".to_owned());
        all.push(Box::new(|| with_openblas(sigma)));
    }
    let mut times: Vec<Vec<f64>> = vec![Vec::new(); all.len()];
    for _ in 0..ROUNDS {
        for (work, times) in all.iter_mut().zip(&mut times) {
            if times.iter().fold(0.0, |sum, ms| sum + ms) < 1e3 * budget / 4.0 {
                times.push(work()?);
            }
        }
    }
    drop(all);
    hashes.resize(names.len(), None);
    let row = |((name, times), hash): ((String, Vec<f64>), Option<u64>)| {
        let runs = times.len();
        let ms = median(times);
        let rate = (drawn.n as f64).powi(3) / 3.0 / ms / 1e6;
        Row {
            ms_median: ms,
            runs,
            weights_hash: hash,
            ..Row::missing("cholesky", drawn.n, drawn.data, &name, &format!("{rate:.1} GFLOP/s"))
        }
    };
    Ok(names.into_iter().zip(times).zip(hashes).map(row).collect())
}

fn ours(system: &mut System, sigma: &Array2<f64>) -> Result<f64> {
    let n = sigma.nrows();
    let values = sigma.as_slice().context("row-major")?;
    system.shape(n, 0);
    for j in 0..n {
        system.column_mut(j).0.copy_from_slice(&values[j * n + j..(j + 1) * n]);
    }
    let begun = Instant::now();
    system.factor()?;
    Ok(begun.elapsed().as_secs_f64() * 1e3)
}

fn of_factor(system: &System) -> u64 {
    let all: Vec<f64> = (0..system.n()).flat_map(|j| system.column(j).0.to_vec()).collect();
    weights_hash(&all)
}

#[cfg(feature = "faer")]
fn with_faer(sigma: &Array2<f64>) -> Result<f64> {
    use faer::dyn_stack::{MemBuffer, MemStack};
    use faer::linalg::cholesky::llt::factor::{
        LltRegularization, cholesky_in_place, cholesky_in_place_scratch,
    };
    use faer::{MatMut, Par, Spec};
    let n = sigma.nrows();
    let mut values: Vec<f64> = sigma.iter().copied().collect();
    let mut memory = MemBuffer::new(cholesky_in_place_scratch::<f64>(n, Par::Seq, Spec::default()));
    let matrix = MatMut::from_column_major_slice_mut(&mut values, n, n);
    let begun = Instant::now();
    let stack = MemStack::new(&mut memory);
    cholesky_in_place(matrix, LltRegularization::default(), Par::Seq, stack, Spec::default())
        .map_err(|error| anyhow::anyhow!("faer: {error:?}"))?;
    Ok(begun.elapsed().as_secs_f64() * 1e3)
}

#[cfg(feature = "openblas")]
fn with_openblas(sigma: &Array2<f64>) -> Result<f64> {
    use ndarray_linalg::{CholeskyInto, UPLO};
    let matrix = sigma.clone();
    let begun = Instant::now();
    let factor = matrix.cholesky_into(UPLO::Lower)?;
    let ms = begun.elapsed().as_secs_f64() * 1e3;
    drop(factor);
    Ok(ms)
}
