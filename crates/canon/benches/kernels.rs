//! The kernels on every instruction set of the machine, one thread. Bits are the same in each row.

use criterion::{BatchSize, BenchmarkId, Criterion, criterion_group, criterion_main};
use samebits_canon::{Isa, System, dot_on, matvec_symmetric};

/// Diagonally dominant, hence positive definite.
fn matrix(n: usize) -> Vec<f64> {
    let entry =
        |i: usize, j: usize| if i == j { 2.0 } else { 1.0 / ((i.max(j) * 7 + i.min(j) * 3) % n + n) as f64 };
    (0..n * n).map(|at| entry(at / n, at % n)).collect()
}

fn shaped(isa: Isa, a: &[f64], n: usize, carried: usize) -> System {
    let mut system = System::new(isa, 1);
    system.shape(n, carried);
    fill(&mut system, a, n);
    system
}

fn fill(system: &mut System, a: &[f64], n: usize) {
    for j in 0..n {
        let (column, carried) = system.column_mut(j);
        column.copy_from_slice(&a[j * n + j..(j + 1) * n]);
        carried.fill(1.0);
    }
}

fn factor(c: &mut Criterion) {
    let mut group = c.benchmark_group("system_factor");
    for n in [100, 500, 1000] {
        let a = matrix(n);
        for isa in Isa::available() {
            if isa == Isa::Portable && n > 500 {
                continue;
            }
            let mut system = shaped(isa, &a, n, 8);
            // Writing the columns is part of it: the factor takes their place.
            group.bench_function(BenchmarkId::new(isa.name(), n), |b| {
                b.iter(|| {
                    fill(&mut system, &a, n);
                    system.factor().expect("positive definite");
                });
            });
        }
    }
    group.finish();
}

fn vectors(c: &mut Criterion) {
    let n = 500;
    let a = matrix(n);
    let x: Vec<f64> = (0..n).map(|i| 1.0 / (i + 1) as f64).collect();
    let mut group = c.benchmark_group("vectors_500");
    for isa in Isa::available() {
        let mut system = shaped(isa, &a, n, 8);
        system.factor().expect("positive definite");
        group.bench_function(BenchmarkId::new("forward_backward", isa.name()), |b| {
            b.iter_batched_ref(
                || x.clone(),
                |x| {
                    system.forward(x);
                    system.backward(x);
                },
                BatchSize::SmallInput,
            );
        });
        let mut out = vec![0.0; n];
        group.bench_function(BenchmarkId::new("matvec_symmetric", isa.name()), |b| {
            b.iter(|| matvec_symmetric(isa, &a, &x, &mut out));
        });
        group.bench_function(BenchmarkId::new("dot", isa.name()), |b| b.iter(|| dot_on(isa, &x, &x)));
    }
    group.finish();
}

criterion_group!(kernels, factor, vectors);
criterion_main!(kernels);
