//! Matrix tiles equal chains of fused operations.

use samebits_canon::fma;

use crate::{Bench, mix, text};

#[test]
fn tiles_are_ascending_chains() {
    for (name, m, k) in [("m8n8k4", 8, 4), ("m16n8k4", 16, 4), ("m16n8k8", 16, 8), ("m16n8k16", 16, 16)] {
        let mut b = Bench::new(text!("tiles.sm_80"));
        let mut s = 5;
        let mut random =
            |n: usize| -> Vec<f64> { (0..n).map(|_| (mix(&mut s) >> 11) as f64 / 4.5e15 - 1.0).collect() };
        let (left, right, sum) = (random(m * k), random(k * 8), random(m * 8));
        let (pa, pb, pc) = (b.put_f64(&left), b.put_f64(&right), b.put_f64(&sum));
        b.run(name, (1, 32), 0, &[pa.into(), pb.into(), pc.into()]).unwrap();
        let got = b.get_f64(pc, m * 8);
        for i in 0..m {
            for j in 0..8 {
                let want = (0..k).fold(sum[i * 8 + j], |c, q| fma(left[i * k + q], right[q * 8 + j], c));
                assert_eq!(got[i * 8 + j].to_bits(), want.to_bits(), "{name} {i} {j}");
            }
        }
    }
}
