//! Bits of the device's answers whatever the machine: order of the batch, memory, blocks, order of warps, generation.

use crate::compare::results_differ;
use crate::scene::{mixed, shuffle, tracking};
use crate::stand::{By, PLAIN, Stand};
use samebits_ptx_run::Order;
use samebits_qp::Problem;
use samebits_solver_gpu::ptx::GENERATIONS;
use samebits_testkit::{Draw, Form, hostile};

/// A batch of everything.
fn batch(count: usize, seed: u64) -> Vec<Problem> {
    let mut all = mixed(count, 40, seed);
    all.extend((0..4).map(|k| hostile(seed + k)));
    all.push(tracking(56, seed, Form::TaxLotsDense));
    shuffle(&mut all, &mut Draw::new(seed));
    all
}

/// Neighbours, order and number of problems move no bit.
#[test]
fn any_order_of_a_batch() {
    let problems = batch(16, 31);
    for by in By::ALL {
        let shared = PLAIN.share(Box::new(PLAIN.device()));
        let (first, report) = by.on(&shared, &problems, &PLAIN.settings);
        assert!(report.on_device > 12, "{by:?}: {report:?}");
        for seed in 0..2 {
            let mut order: Vec<usize> = (0..problems.len()).collect();
            shuffle(&mut order, &mut Draw::new(seed));
            order.truncate(problems.len() - 3 * seed as usize);
            let shuffled: Vec<Problem> = order.iter().map(|&k| problems[k].clone()).collect();
            let (again, report) = by.on(&shared, &shuffled, &PLAIN.settings);
            assert_eq!(report.lost, None);
            for (answer, &k) in again.iter().zip(&order) {
                assert_eq!(results_differ(answer, &first[k]), None, "{by:?}: problem {k}");
            }
        }
    }
}

#[test]
fn any_number_of_blocks() {
    let problems = batch(8, 41);
    for blocks in [1, 2, 5] {
        for by in By::ALL {
            Stand { blocks, ..PLAIN }.check_all(by, &problems);
        }
    }
}

#[test]
fn any_order_of_warps() {
    let problems = batch(10, 51);
    for order in [Order::Reverse, Order::Shuffled(1), Order::Shuffled(77)] {
        for by in By::ALL {
            Stand { order, ..PLAIN }.check_all(by, &problems);
        }
    }
}

#[test]
fn any_generation() {
    for generation in GENERATIONS {
        let mut problems = batch(if generation == 70 { 6 } else { 14 }, 61);
        problems.push(tracking(97, 5, Form::TaxLotsCap));
        problems.push(tracking(97, 6, Form::Factor));
        for by in [By::ActiveSet, By::Raw] {
            Stand { generation, ..PLAIN }.check_all(by, &problems);
        }
    }
}

/// From memory for nothing to memory for everything: fewer problems on the device, no other bit.
#[test]
fn any_memory() {
    let problems = batch(14, 71);
    for by in By::ALL {
        let mut before = 0;
        for memory in [0, 4 << 10, 700 << 10, 1 << 20, 6 << 20] {
            let report = Stand { memory, ..PLAIN }.check(by, &problems);
            assert!(report.on_device >= before, "{by:?}, {memory} bytes: {report:?}");
            assert!(report.on_device == 0 || memory > 4 << 10, "{by:?}, {memory} bytes: {report:?}");
            assert!(report.on_cpu < 9 || memory < 6 << 20, "{by:?}, {memory} bytes: {report:?}");
            before = report.on_device;
        }
    }
}

/// A large problem takes the whole device, a launch a part: the matrix is written and factored by many blocks.
#[test]
fn the_whole_device() {
    let mut problems = vec![tracking(140, 3, Form::LongOnly), tracking(20, 4, Form::TaxLotsDense)];
    problems.extend([33, 70].map(|n| tracking(n, 9, Form::TaxLotsCap)));
    problems.push(tracking(24, 9, Form::Factor));
    let shared = PLAIN.share(Box::new(PLAIN.device())).with_whole_device_from(16);
    for by in [By::Raw, By::Ipm] {
        let (found, report) = by.on(&shared, &problems, &PLAIN.settings);
        assert_eq!((report.on_device, report.lost), (problems.len(), None));
        crate::stand::assert_same("whole", &problems, &found, by, &PLAIN.settings);
    }
    // Matrices without factors and infeasible problems, paused and taken up again.
    let odd: Vec<Problem> = (0..40).map(|k| hostile(600 + k)).collect();
    let whole = PLAIN.share(Box::new(PLAIN.device())).with_whole_device_from(1);
    let (mut found, mut cpu) = (Vec::new(), Vec::new());
    for some in odd.chunks(8) {
        let (answers, report) = By::Raw.on(&whole, some, &PLAIN.settings);
        assert_eq!(report.lost, None);
        found.extend(answers);
        cpu.extend(By::Raw.on_cpu(some, &PLAIN.settings));
    }
    for (own, theirs) in found.iter().zip(&cpu) {
        assert_eq!(results_differ(own, theirs), None);
    }
}
