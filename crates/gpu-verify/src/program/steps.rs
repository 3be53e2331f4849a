//! Factors, solvers and memory, a row each.

use crate::Machine;
use crate::row::{Row, Verdict};
use samebits_gpu_verify::check::{self, Backend, Compared};
use samebits_gpu_verify::draws::Mixture;
use samebits_solver_gpu::GpuError;
use std::fmt::Write;
use std::time::Instant;

/// Factors of every order up to 64 and of a few large ones.
pub(crate) fn cholesky(machine: &Machine<'_>, show: &mut dyn FnMut(Row)) {
    let arguments = machine.arguments;
    let small: Vec<usize> =
        if arguments.emulate { (1..=64).step_by(9).collect() } else { (1..=64).collect() };
    let large: &[(usize, u64)] = match (arguments.emulate, arguments.quick) {
        (true, _) => &[(100, 4), (136, 4)],
        (false, true) => &[(100, 64), (500, 8)],
        (false, false) => &[(100, 256), (500, 32), (1000, 8), (3000, 2)],
    };
    let begun = Instant::now();
    let each = if arguments.emulate { 4 } else { 32 };
    show(Row::compared("cholesky", "orders 1 to 64", orders(machine, &small, each), true, begun));
    for &(n, count) in large {
        let begun = Instant::now();
        show(Row::compared("cholesky", format!("order {n}"), orders(machine, &[n], count), true, begun));
    }
}

fn orders(machine: &Machine<'_>, orders: &[usize], count: u64) -> Result<Compared, GpuError> {
    let mut device = (machine.open)()?;
    let mut all = Compared::default();
    for &n in orders {
        all.add(check::cholesky(device.as_mut(), n, count)?);
    }
    Ok(all)
}

/// Drawn problems of every form, stopped searches, and problems at the edges, by every solver.
pub(crate) fn solvers(machine: &Machine<'_>, show: &mut dyn FnMut(Row)) {
    let Machine { arguments, open, isa } = *machine;
    let (drawn, edges) = mixtures(machine);
    for (what, mixture) in &drawn {
        for backend in Backend::ALL {
            let begun = Instant::now();
            let found = check::mixture(open, backend, mixture, check::SETTINGS, arguments.memory, isa);
            show(Row::compared("solvers", format!("{}, {what}", backend.name()), found, true, begun));
        }
    }
    let stopped = Mixture {
        sizes: if arguments.emulate { vec![(9, 1), (20, 1)] } else { vec![(20, 8), (64, 8), (200, 2)] },
        accounts: 2,
        batch: 4,
        seed: 11,
    };
    for backend in Backend::ALL {
        let begun = Instant::now();
        let found = check::mixture(open, backend, &stopped, check::STOPPED, arguments.memory, isa);
        show(Row::compared("solvers", format!("{}, stopped after 7", backend.name()), found, false, begun));
    }
    for backend in Backend::ALL {
        let begun = Instant::now();
        let found = check::edges(open, backend, edges, arguments.memory, isa);
        show(Row::compared("solvers", format!("{}, edges", backend.name()), found, false, begun));
    }
}

/// What is drawn: (what, which), and how many seeds of edges.
fn mixtures(machine: &Machine<'_>) -> (Vec<(String, Mixture)>, u64) {
    let arguments = machine.arguments;
    let each = |n: &usize| (*n, 1);
    if !arguments.sizes.is_empty() {
        let sizes: Vec<(usize, u64)> = arguments.sizes.iter().map(|n| (*n, 2)).collect();
        let edges = if arguments.emulate { 40 } else { 2000 };
        let mixture = Mixture { sizes, accounts: 2, batch: 6, seed: 5 };
        return (vec![("the sizes asked for".to_owned(), mixture)], edges);
    }
    if arguments.emulate {
        let sizes = [1, 2, 3, 5, 8, 13, 16, 17, 24, 33, 48, 64].iter().map(each).collect();
        let small = Mixture { sizes, accounts: 1, batch: 6, seed: 5 };
        return (vec![("1 to 64 names".to_owned(), small)], 60);
    }
    let named = |what: &str, sizes, accounts, batch, seed| {
        (what.to_owned(), Mixture { sizes, accounts, batch, seed })
    };
    if arguments.quick {
        let sizes = (1..=64).step_by(7).map(|n| (n, 1)).collect();
        let small = named("1 to 64 names", sizes, 2, 12, 5);
        return (vec![small, named("100 names", vec![(100, 2)], 2, 2, 6)], 200);
    }
    let small = (1..=64).map(|n| (n, 7)).collect();
    let mut all = vec![
        named("1 to 64 names", small, 3, 60, 5),
        named("1 to 1000 names", vec![(40, 8), (100, 12), (250, 6), (500, 6), (1000, 2)], 4, 12, 6),
    ];
    if arguments.large {
        all.push(named("3000 names", vec![(3000, 1)], 1, 1, 7));
    }
    (all, 2000)
}

/// One batch of mixed shapes under budgets from far too small to ample.
pub(crate) fn memory(machine: &Machine<'_>, show: &mut dyn FnMut(Row)) {
    let Machine { arguments, open, isa } = *machine;
    let sizes = match (arguments.emulate, arguments.quick) {
        (true, _) => vec![(4, 1), (20, 1), (40, 1)],
        (false, true) => vec![(30, 4), (100, 2)],
        (false, false) => vec![(30, 8), (100, 8), (300, 4), (500, 4)],
    };
    let budgets: &[u64] = if arguments.emulate { &[18, 21, 26] } else { &[20, 24, 27, 30] };
    let mixture = Mixture { sizes, accounts: 2, batch: usize::MAX, seed: 3 };
    let problems: Vec<_> = mixture.batches().flatten().collect();
    for &budget in budgets {
        let begun = Instant::now();
        let what = format!("at most {} KiB", (1_u64 << budget) >> 10);
        let found = match check::bounded(open, 1 << budget, &problems, isa) {
            Ok(found) => found,
            Err(error) => {
                show(Row::new("memory", what, Verdict::Lost, error.to_string(), begun));
                continue;
            }
        };
        let (kept, count) = (found.is_kept(), found.count);
        let mut row = Row::compared("memory", what, Ok(found.compared), false, begun);
        if !kept {
            row.verdict = Verdict::Differs;
        }
        let _ = write!(
            row.detail,
            "; {} KiB at most, {} left; {} KiB sent, {} KiB fetched, {} launches",
            count.most.div_ceil(1024),
            count.live,
            count.sent >> 10,
            count.fetched >> 10,
            count.launches
        );
        show(row);
    }
}
