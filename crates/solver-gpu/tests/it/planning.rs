//! The host's planning: memory within its budget and given back, every covariance sent once, nothing past its place.

use crate::scene::{family, mixed, shuffle, tracking};
use crate::stand::{By, PLAIN, Stand, assert_same};
use crate::watch::{Log, Watch, seen};
use samebits_qp::Problem;
use samebits_solver_gpu::{Kernel, Report};
use samebits_testkit::{Draw, Form};

/// Runs a batch on a watched device whose kernels may do nothing.
fn watched(stand: Stand, by: By, problems: &[Problem], runs: bool) -> (Log, Report) {
    let (device, log) = Watch::new(stand.device());
    let device = if runs { device } else { device.idle() };
    let (found, report) = by.on(&stand.share(Box::new(device)), problems, &stand.settings);
    if runs {
        assert_same("watched", problems, &found, by, &stand.settings);
    }
    assert_eq!(report.lost, None);
    let log = seen(&log);
    assert!(log.faults.is_empty(), "{stand:?} {by:?}: {:?}", log.faults);
    assert!(log.live.is_empty(), "{stand:?} {by:?}: not released: {:?}", log.live);
    (log, report)
}

/// Every budget from nothing to plenty, in small steps, for batches of one kind and of many.
#[test]
fn memory_stays_within_its_budget() {
    let alike = family((0..40).map(|_| 6), Form::TaxLotsDense);
    let day: Vec<Problem> = vec![tracking(5, 2, Form::Factor); 70];
    let batches = [alike, day, mixed(40, 12, 8)];
    for problems in &batches {
        let (mut used, mut before) = (0_usize, 0);
        let mut memory: u64 = 3 << 10;
        while memory < 16 << 20 {
            for blocks in [1, 300] {
                for by in [By::ActiveSet, By::Raw] {
                    let (log, _) = watched(Stand { blocks, memory, ..PLAIN }, by, problems, false);
                    assert!(log.most <= memory, "{} of {memory} bytes, {blocks} blocks, {by:?}", log.most);
                    used += usize::from(log.allocations > 0);
                    before = before.max(log.launches.len());
                }
            }
            memory += memory / 4 + 1;
        }
        assert!(used > 40 && before > 10, "{used} batches used the device, at most {before} launches");
    }
}

/// Accounts of three days, shuffled: three covariances are sent, each once, whoever needs them and in whatever chunk.
#[test]
fn a_covariance_is_sent_once() {
    let mut draw = Draw::new(3);
    let days = [40, 41, 43].map(|n| tracking(n, n as u64, Form::TaxLotsDense));
    let mut problems = Vec::new();
    for k in 0..120 {
        let mut account = days[k % 3].clone();
        account.gamma *= 0.5 + draw.uniform();
        problems.push(account);
    }
    shuffle(&mut problems, &mut draw);
    for by in By::ALL {
        // Searches that end in an optimum have no batch after them; iterations have the finish.
        let (log, _) = watched(PLAIN, by, &problems, by == By::ActiveSet);
        for n in [40_u64, 41, 43] {
            let bytes = (4 * n * n).next_multiple_of(16);
            let count = log.sent.iter().filter(|(_, sent)| *sent == bytes).count();
            // The finish after the iterations is a batch of its own.
            let batches = if by == By::Ipm { 2 } else { 1 };
            assert_eq!(count, batches, "{by:?}: times that the covariance of {n} assets was sent");
        }
        let prepares = |kernel: &Kernel| matches!(kernel, Kernel::Sketch | Kernel::Check);
        let prepared = log.launches.iter().filter(|(kernel, _)| prepares(kernel)).count();
        assert!((1..=6).contains(&prepared), "{by:?}: {prepared} preparations");
        let work = log.launches.len() - prepared;
        assert!(work >= 4, "{by:?}: {work} launches");
    }
}

/// Bytes for bytes: a covariance is sent once, be it one `Arc` or two with the same content; singles as singles.
#[test]
fn bytes_of_covariances() {
    let one = tracking(37, 1, Form::TaxLotsDense);
    let equal = tracking(37, 1, Form::TaxLotsDense);
    let other = tracking(37, 2, Form::TaxLotsDense);
    let wide = crate::scene::with_entries(one.clone(), |_, _, entry| entry * (1.0 + 1e-12));
    let factor = tracking(37, 1, Form::Factor);
    let single = 4_u64 * 37 * 37;
    let double = 2 * single;
    let factors = 3 * 37 * 6 * 8 + 6 * 6 * 8 + 37 * 8;
    for (problems, bytes) in [
        (vec![one.clone(), one.clone()], single.next_multiple_of(16)),
        (vec![one.clone(), equal], single.next_multiple_of(16)),
        (vec![one.clone(), other], 2 * single.next_multiple_of(16)),
        (vec![wide, one.clone()], double.next_multiple_of(16) + single.next_multiple_of(16)),
        (vec![factor.clone(), factor], factors + 8),
    ] {
        let (log, report) = watched(PLAIN, By::ActiveSet, &problems, true);
        assert_eq!(report.on_device, 2);
        // The first copy holds the problems, the second the descriptions.
        let sent: u64 = log.sent.iter().skip(2).map(|(_, bytes)| bytes).sum();
        assert_eq!(sent, bytes);
    }
}

/// Too many covariances for the memory: waves, one after another, each with its own.
#[test]
fn waves() {
    let problems: Vec<_> = (0..100).map(|k| tracking(33 + k % 4, k as u64, Form::LongOnly)).collect();
    let (whole, _) = watched(PLAIN, By::ActiveSet, &problems, true);
    let little = Stand { memory: 1 << 20, ..PLAIN };
    let (log, report) = watched(little, By::ActiveSet, &problems, true);
    assert_eq!(report.on_device, problems.len());
    assert!(log.most <= little.memory && log.allocations > whole.allocations, "{}", log.allocations);
}

/// As many covariances as fill their half of the memory, blocks that fill their quarter, chunks that fill theirs.
#[test]
fn memory_filled_to_the_brim() {
    let problems: Vec<_> = (0..600).map(|k| tracking(6, k, Form::LongOnly)).collect();
    for by in [By::ActiveSet, By::Raw] {
        let mut memory: u64 = 400 << 10;
        while memory < 1 << 20 {
            let (log, _) = watched(Stand { memory, blocks: 300, ..PLAIN }, by, &problems, false);
            assert!(log.most <= memory, "{} of {memory} bytes, {by:?}", log.most);
            memory += 20_000;
        }
    }
}
