//! Cold solves, the finish, and the search over sides, one thread, the widest instruction set.

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use samebits_canon::Isa;
use samebits_qp::sides::{Start, search, session};
use samebits_qp::{Path, Settings, Solver};
use samebits_solver_cpu::{ActiveSet, Ipm, RawIpm};
use samebits_testkit::{Form, Tracking};

const SETTINGS: Settings = Settings::new(1e-9, 200);

fn solvers(c: &mut Criterion) {
    let isa = Isa::detect();
    let (active, ipm, raw) = (ActiveSet::new(isa, 1), Ipm::new(isa, 1), RawIpm { isa });
    for (form, name) in
        [(Form::TaxLotsDense, "tax_lots_dense"), (Form::Factor, "factor"), (Form::LongOnly, "long_only")]
    {
        let mut group = c.benchmark_group(name);
        for n in [100, 500] {
            let problem = Tracking::new(n, 1).problem(form, 0.0);
            group.bench_function(BenchmarkId::new("active-set", n), |b| {
                b.iter(|| active.solve(&problem, &SETTINGS).expect("well formed"));
            });
            group.bench_function(BenchmarkId::new("ipm", n), |b| {
                b.iter(|| ipm.solve(&problem, &SETTINGS).expect("well formed"));
            });
            let answer = raw.solve(&problem, &SETTINGS).expect("well formed");
            group.bench_function(BenchmarkId::new("finish", n), |b| {
                b.iter(|| active.finish(&problem, &answer, Path::Finished, &SETTINGS).expect("well formed"));
            });
        }
        group.finish();
    }
}

/// The whole decision over sides: N = 100 with 25 conflicts, N = 500 with 60.
fn sides(c: &mut Criterion) {
    let isa = Isa::detect();
    let active = ActiveSet::new(isa, 1);
    let mut group = c.benchmark_group("sides");
    group.sample_size(10);
    for (n, most) in [(100, 25), (500, 60)] {
        let (problem, conflicts) = Tracking::new(n, 1).conflicts(Form::TaxLotsDense, most);
        group.bench_function(BenchmarkId::from_parameter(n), |b| {
            b.iter(|| {
                let mut sessions = vec![session(&active, &problem, &SETTINGS).expect("well formed")];
                search(&mut sessions, &problem, &conflicts, Start::default(), isa).expect("well formed")
            });
        });
    }
    group.finish();
}

criterion_group!(all, solvers, sides);
criterion_main!(all);
