#![allow(warnings)]
use samebits_executor::*;
use std::time::Instant;
struct N;
fn main() {
    let n = 2_000_000usize;
    let mut s: u64 = 0x1234abcd;
    let mut nx = || {
        s ^= s << 13;
        s ^= s >> 7;
        s ^= s << 17;
        s
    };
    let mut c = Vec::new();
    for i in 0..n {
        let r = nx();
        let t = ((r >> 1) % 101) as i64 - 50;
        c.push((i as u64 + 1, r & 1 == 1, 10000 + t, (1 + (r >> 10) % 5) as i64))
    }
    for _ in 0..40 {
        let mut b = Matcher::with_capacity(1 << 20);
        let t = Instant::now();
        for &(id, bu, ti, q) in &c {
            b.limit(id, if bu { Side::Buy } else { Side::Sell }, ti, q).unwrap();
        }
        let d = b.digest();
        let e = t.elapsed().as_nanos() as f64;
        println!("matcher flox workload: {:.1} ns/op trades {} {}", e / n as f64, b.trades(), d.short())
    }
    if std::env::args().len() > 1 {
        return;
    }
    let mut s: u64 = 77;
    let mut nx = || {
        s ^= s << 13;
        s ^= s >> 7;
        s ^= s << 17;
        s
    };
    let m = 5_000_000usize;
    let mut ops = Vec::with_capacity(m);
    let mut id = 0u64;
    for _ in 0..m {
        let r = nx();
        let k = r % 100;
        if k < 48 {
            id += 1;
            let bu = (r >> 8) & 1 == 1;
            let d = ((r >> 16) % 40) as i64;
            let t = if bu { 9999 - d } else { 10001 + d };
            ops.push((0u8, id, bu, t, 1 + ((r >> 40) % 9) as i64))
        } else if k < 94 && id > 0 {
            let back = ((r >> 16) % 4000).min(id - 1);
            ops.push((1, id - back, false, 0, 0))
        } else {
            id += 1;
            let bu = (r >> 8) & 1 == 1;
            ops.push((0, id, bu, if bu { 10010 } else { 9990 }, 1 + ((r >> 40) % 20) as i64))
        }
    }
    for _ in 0..4 {
        let mut b = Matcher::with_capacity(1 << 20);
        let t = Instant::now();
        for &(k, i, bu, ti, q) in &ops {
            if k == 0 {
                b.limit(i, if bu { Side::Buy } else { Side::Sell }, ti, q).unwrap();
            } else {
                let _ = b.cancel(i);
            }
        }
        let d = b.digest();
        let e = t.elapsed().as_nanos() as f64;
        println!("mixed: {:.1} ns/op trades {} {}", e / m as f64, b.trades(), d.short())
    }
    if std::env::args().len() > 1 {
        return;
    }
    // L2 rows
    let mut ev = Vec::new();
    let mut mid = 10000i64;
    let mut s: u64 = 99;
    let mut nx = || {
        s ^= s << 13;
        s ^= s >> 7;
        s ^= s << 17;
        s
    };
    for i in 0..2_000_000i64 {
        let r = nx();
        if r % 1000 == 0 {
            mid += if r >> 20 & 1 == 1 { 1 } else { -1 };
        }
        let buy = (r >> 9) & 1 == 1;
        let d = ((r >> 12) % 20) as i64;
        let mut e = Event::new(i * 1000, Kind::Level);
        e.sequence = i as u64;
        e.side = Some(if buy { Side::Buy } else { Side::Sell });
        e.price = if buy { mid - 1 - d - 40 } else { mid + 1 + d + 40 };
        e.qty = ((r >> 30) % 100) as i64;
        if (r >> 50) % 10 == 0 {
            e.kind = Kind::Trade;
            e.price = if buy { mid + 41 } else { mid - 41 };
            e.qty = e.qty.max(1);
        }
        ev.push(e);
    }
    for resting in [0i64, 100, 1000] {
        for _ in 0..3 {
            struct S {
                n: i64,
                done: bool,
            }
            impl Strategy for S {
                fn name(&self) -> &str {
                    "s"
                }
                fn on_event(&mut self, e: &Event, c: &mut Context<'_>) {
                    if !self.done {
                        self.done = true;
                        for i in 0..self.n {
                            c.send(Message::New(NewOrder::limit(
                                i as u64 + 1,
                                if i % 2 == 0 { Side::Buy } else { Side::Sell },
                                5,
                                if i % 2 == 0 { 9800 - (i / 2) % 200 } else { 10200 + (i / 2) % 200 },
                            )));
                        }
                    }
                }
                fn fork(&self) -> Box<dyn Strategy> {
                    Box::new(S { n: self.n, done: self.done })
                }
            }
            let mut en = Engine::new(
                vec![(Instrument::new("X"), {
                    let mut r = Rules::new(Market::Levels);
                    r.crossed = Crossed::Allow;
                    r
                })],
                vec![Box::new(S { n: resting, done: false })],
            );
            let t = Instant::now();
            let mut k = Counts::default();
            run(&mut en, &ev, &mut k).unwrap();
            let e = t.elapsed().as_nanos() as f64;
            println!(
                "L2 {} resting: {:.1} ns/row {:.1} M/s {:?} {}",
                resting,
                e / ev.len() as f64,
                ev.len() as f64 / e * 1e3,
                k,
                en.digest(|_| true).short()
            );
        }
    }
}
