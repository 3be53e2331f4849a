//! Every kernel and instruction set equals the plain loop in all bits, over random shapes and hostile values.

use proptest::prelude::*;
use samebits_canon::{Cholesky, Isa, cholesky, gram};

fn hostile() -> impl Strategy<Value = f64> {
    prop_oneof![
        -1.0..1.0_f64,
        (-1.0..1.0_f64).prop_map(|x| x * 1e150),
        (-1.0..1.0_f64).prop_map(|x| x * 1e-160),
        Just(f64::MIN_POSITIVE / 8.0),
        Just(-0.0),
        Just(1.0 + f64::EPSILON),
    ]
}

fn matrix() -> impl Strategy<Value = (usize, Vec<f64>)> {
    (1..40_usize, 0..20_usize)
        .prop_flat_map(|(n, rows)| (Just(n), prop::collection::vec(hostile(), n * rows)))
}

fn bits(values: &[f64]) -> Vec<u64> {
    values.iter().map(|value| value.to_bits()).collect()
}

proptest! {
    #[test]
    fn gram_is_the_same_everywhere((n, x) in matrix()) {
        let plain = bits(&gram::reference(&x, n));
        for isa in Isa::available() {
            prop_assert_eq!(&bits(&gram::gram(isa, &x, n)), &plain, "{}", isa.name());
        }
    }

    #[test]
    fn cholesky_is_the_same_everywhere(
        (n, x) in (1..40_usize).prop_flat_map(|n| (Just(n), prop::collection::vec(-1.0..1.0_f64, n * (n + 3)))),
        spoil in any::<bool>(),
    ) {
        let mut a = gram::reference(&x, n);
        if spoil {
            a[(n - 1) * n + n - 1] = -1.0;
        }
        let plain = cholesky::reference(&a, n);
        for isa in Isa::available() {
            match (Cholesky::new(isa, &a, n), &plain) {
                (Ok(found), Ok(plain)) => {
                    let found: Vec<f64> = (0..n * n).map(|at| found.entry(at / n, at % n)).collect();
                    prop_assert_eq!(bits(&found), bits(plain));
                }
                (found, plain) => prop_assert_eq!(found.err(), plain.as_ref().err().cloned()),
            }
        }
    }
}
