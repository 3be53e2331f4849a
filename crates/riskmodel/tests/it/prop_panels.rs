//! Random panels: the invariants of a model hold for every one.

use crate::model::check;
use crate::scenes::{recipe, walks};
use proptest::prelude::*;
use samebits_riskmodel::scaled_ranks;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn models_of_random_walks(names in 10_usize..60, days in 40_usize..120, seed in any::<u64>()) {
        check(&walks(seed, days + 1, names), &recipe(days));
    }

    #[test]
    fn ranks_keep_order_and_balance(values in prop::collection::vec(-8_i32..8, 2..60)) {
        let floats: Vec<f64> = values.iter().map(|&v| f64::from(v)).collect();
        let ranks = scaled_ranks(&floats);
        for (a, x) in values.iter().zip(&ranks) {
            for (b, y) in values.iter().zip(&ranks) {
                prop_assert_eq!(a.cmp(b), x.total_cmp(y));
            }
        }
        let sum = ranks.iter().fold(0.0, |sum, &x| sum + f64::from(x));
        prop_assert!(sum.abs() < 1e-5);
    }
}
