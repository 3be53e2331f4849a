//! The matcher and the executor under criterion: `cargo bench -p samebits-executor`.
#![allow(missing_docs, reason = "criterion's macros make functions of their own")]

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use samebits_executor::{
    Crossed, Discard, Engine, Event, Instrument, Kind, Market, Matcher, Rules, Side, run,
};

const COUNT: u64 = 100_000;

fn draw(number: u64) -> u64 {
    number.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 17
}

fn side(draw: u64) -> Side {
    if draw.is_multiple_of(2) { Side::Buy } else { Side::Sell }
}

fn orders(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("matcher");
    group.throughput(Throughput::Elements(COUNT));
    let fresh = || Matcher::with_capacity(COUNT as usize);
    group.bench_function("limit orders within 50 ticks", |bench| {
        bench.iter_batched_ref(
            fresh,
            |matcher| {
                for id in 1..=COUNT {
                    let draw = draw(id);
                    let price = 10_000 + (draw >> 1) as i64 % 101;
                    let _ = matcher.limit(id, side(draw), price, 1 + (draw >> 10) as i64 % 5);
                }
                matcher.digest()
            },
            BatchSize::LargeInput,
        );
    });
    group.finish();
}

fn levels(criterion: &mut Criterion) {
    let events: Vec<Event> = (1..=COUNT)
        .map(|number| {
            let draw = draw(number);
            let side = side(draw);
            let price = 10_000 - side.sign() * (1 + (draw >> 4) as i64 % 60);
            let qty = (draw >> 16) as i64 % 50;
            Event { price, qty, sequence: number, side: Some(side), ..Event::new(number as i64, Kind::Level) }
        })
        .collect();
    let fresh = || {
        let mut rules = Rules::new(Market::Levels);
        rules.crossed = Crossed::Allow;
        Engine::new(vec![(Instrument::new("X"), rules)], Vec::new())
    };
    let mut group = criterion.benchmark_group("executor");
    group.throughput(Throughput::Elements(COUNT));
    group.bench_function("levels without orders", |bench| {
        bench.iter_batched_ref(fresh, |engine| run(engine, &events, &mut Discard), BatchSize::LargeInput);
    });
    group.finish();
}

criterion_group!(benches, orders, levels);
criterion_main!(benches);
