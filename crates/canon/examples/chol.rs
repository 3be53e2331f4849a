#![allow(missing_docs)]
use samebits_canon::*;
use std::time::Instant;
fn main() {
    for isa in Isa::available() {
        for n in [100usize, 500, 1000, 3000] {
            if isa.name() == "portable" && n > 1000 {
                continue;
            }
            let mut s = System::new(isa, 1);
            let mut best = f64::INFINITY;
            for _ in 0..if n > 1000 { 3 } else { 20 } {
                s.shape(n, 1);
                for j in 0..n {
                    let (c, r) = s.column_mut(j);
                    for (i, x) in c.iter_mut().enumerate() {
                        *x = if i == 0 { 2.0 } else { 1.0 / (1.0 + i as f64) / 4.0 };
                    }
                    r.fill(1.0);
                }
                let t = Instant::now();
                s.factor().unwrap();
                best = best.min(t.elapsed().as_secs_f64());
            }
            println!(
                "{} {n} {:.3} ms {:.1} GFLOP/s",
                isa.name(),
                best * 1e3,
                (n as f64).powi(3) / 3.0 / best / 1e9
            );
        }
    }
}
