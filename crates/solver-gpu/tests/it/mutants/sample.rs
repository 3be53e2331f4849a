//! A sample of the faults, and three by name.

use super::court::{Court, Trial, Verdict};
use super::fault::Fault;
use super::trials::{few, trials};
use crate::scene::tracking;
use crate::stand::By;
use samebits_testkit::Form;

/// Sites of the factorisation where a fault changes nothing: fault, function, which ones of their kind there, why.
const EQUIVALENT: [(Fault, &str, &[usize], &str); 6] = [
    (Fault::Barrier, "factor", &[0], "callers come from a barrier of their own"),
    (Fault::Barrier, "factor", &[1], "the first to look at what thread 0 wrote is its own warp"),
    (Fault::Barrier, "factor", &[8], "the next factorisation begins with a barrier"),
    (Fault::Barrier, "cholesky", &[0, 2, 3], "the next thing done begins with a barrier"),
    (
        Fault::OwnLane,
        "factor",
        &[36, 37, 38, 39, 68, 69, 70, 71],
        "of the last column only its owner goes on",
    ),
    (Fault::CopyWait, "factor", &[1], "all groups that are left are empty"),
];

/// Judges a site of a fault in a function, after `skipped` others; says by what it is caught.
fn caught(court: &Court, fault: Fault, function: &str, skipped: usize) -> String {
    let fits = |at: &usize| court.sites[*at].fault == fault && court.sites[*at].function.contains(function);
    let at = (0..court.sites.len()).filter(fits).nth(skipped).expect("a site");
    match court.judge(at) {
        Verdict::Caught(what) => what,
        other => panic!("{:?}: {other:?}", court.sites[at]),
    }
}

/// One problem, its search on compute 9.0.
fn one() -> Court {
    Court::new("active_set", 90, vec![Trial::Batch(By::ActiveSet, vec![tracking(52, 3, Form::TaxLotsDense)])])
}

/// A fused multiply-add of the factorisation that rounds its product.
#[test]
fn a_split_fma() {
    let court = Court::new("cholesky", 90, vec![Trial::SelfTest]);
    let what = caught(&court, Fault::FmaSplit, "factor", 0);
    assert!(what.contains("canon says"), "{what}");
}

/// A barrier between the strips of the triangular solve.
#[test]
fn a_missing_barrier() {
    let what = caught(&one(), Fault::Barrier, "backward", 0);
    assert!(what.contains("race on "), "{what}");
}

/// An entry of the factorisation that comes from the lane beside its own.
#[test]
fn a_wrong_lane() {
    let court = Court::new("cholesky", 90, vec![Trial::SelfTest]);
    let what = caught(&court, Fault::WrongLane, "factor", 20);
    // The pivots are no longer positive; what comes of that is noticed first.
    let said = ["canon says", "no pivot", "race on"];
    assert!(said.iter().any(|own| what.contains(own)), "{what}");
}

/// Judges every `step`-th site that the trials come to, fault by fault; returns how many were made and who survived.
fn sample(court: &Court, step: usize) -> (usize, Vec<String>) {
    let (mut made, mut survivors) = (0, Vec::new());
    for fault in Fault::ALL {
        let own = (0..court.sites.len()).filter(|&at| court.sites[at].fault == fault && court.is_reached(at));
        for at in own.skip(step / 2).step_by(step) {
            made += 1;
            if court.judge(at) == Verdict::Survived {
                let site = &court.sites[at];
                survivors.push(format!("{fault:?} {} {} (line {})", site.function, site.ordinal, site.line));
            }
        }
    }
    (made, survivors)
}

/// Every fault is caught, but those that change nothing.
fn factorisation(generation: u32, step: usize) {
    let court = Court::new("cholesky", generation, trials("cholesky"));
    let (made, survivors) = sample(&court, step);
    let known = |survivor: &&String| {
        EQUIVALENT.iter().any(|(fault, function, ordinals, _)| {
            let is_own = |ordinal| survivor.contains(&format!("{function} {ordinal} "));
            let mangled = |ordinal| survivor.contains(&format!("{function}PdiiiS_ {ordinal} "));
            survivor.starts_with(&format!("{fault:?}")) && ordinals.iter().any(|k| is_own(k) || mangled(k))
        })
    };
    let unknown: Vec<&String> = survivors.iter().filter(|survivor| !known(survivor)).collect();
    assert!(unknown.is_empty() && made > 25, "{generation}: {made} made, survivors {unknown:#?}");
}

#[test]
fn in_the_factorisation() {
    factorisation(90, 5);
}

/// Most faults of a sample are caught. Those that are not sit where an answer hides them: scales that only tolerances
/// use, a sketch that only a start uses, a sum whose other rounding another step takes back.
fn solver(module: &'static str, step: usize) {
    let court = Court::new(module, 90, few(module));
    let (made, survivors) = sample(&court, step);
    assert!(made > 10 && 5 * survivors.len() < 3 * made, "{module}: {made} made, survivors {survivors:#?}");
}

#[test]
fn in_the_search() {
    solver("active_set", 53);
}

#[test]
fn in_the_interior_point() {
    solver("ipm", 41);
}
