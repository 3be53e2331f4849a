//! Frozen weights: the same in debug and release builds, and on whatever thread a plan is made.

use crate::scene::{Shape, USUAL, planned, question};
use samebits_planner::{Plan, Transition};
use samebits_testkit::weights_hash;

fn hash(found: &Plan) -> u64 {
    let weights: Vec<f64> = found.evaluation.periods.iter().flat_map(|p| p.weights.clone()).collect();
    weights_hash(&weights)
}

fn questions() -> Vec<Transition> {
    let mut target = question(Shape { periods: 4, budget: 0.3, ..USUAL });
    target.final_tracking = Some(0.01);
    vec![
        question(USUAL),
        question(Shape { seed: 11, losses: 4, ..USUAL }),
        question(Shape { seed: 12, n: 20, dense: true, ..USUAL }),
        target,
    ]
}

const FROZEN: [u64; 4] =
    [0x197b_6389_fc4f_183d, 0xff1e_3993_d421_95df, 0xa26f_9dfa_5620_dc8d, 0xd355_1e5f_6125_4431];

#[test]
fn frozen_weights() {
    let found: Vec<u64> = questions().iter().map(|asked| hash(&planned(asked))).collect();
    assert_eq!(found, FROZEN, "{found:#x?}");
}

#[test]
fn threads_do_not_matter() {
    let asked = questions().remove(1);
    let hashes: Vec<u64> = std::thread::scope(|scope| {
        let own: Vec<_> = (0..3).map(|_| scope.spawn(|| hash(&planned(&asked)))).collect();
        own.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(hashes, [FROZEN[1]; 3]);
}
