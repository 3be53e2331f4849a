//! No memory is asked for after warm-up: a counting allocator around the system's.
#![allow(clippy::unwrap_used, unsafe_code, reason = "a test may stop; an allocator is unsafe by its trait")]

use samebits_executor::{
    Context, Crossed, Discard, Engine, Event, Instrument, Kind, Market, Matcher, Message, NewOrder, Rules,
    Side, Strategy,
};
use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicU64, Ordering};

struct Counting;

static COUNT: AtomicU64 = AtomicU64::new(0);

// SAFETY: every call goes to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        COUNT.fetch_add(1, Ordering::Relaxed);
        // SAFETY: the caller's promise is passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        // SAFETY: the caller's promise is passed on.
        unsafe { System.dealloc(place, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

#[derive(Clone)]
struct Resting(bool);

impl Strategy for Resting {
    fn name(&self) -> &'static str {
        "resting"
    }

    fn on_event(&mut self, event: &Event, context: &mut Context<'_>) {
        if !std::mem::replace(&mut self.0, true) {
            for number in 0..1_000_i64 {
                let side = if number % 2 == 0 { Side::Buy } else { Side::Sell };
                let price = 10_000 - side.sign() * (300 + number / 2);
                let order = NewOrder::limit(1 + number as u64, side, 5, price);
                context.send(Message::New(NewOrder { symbol: event.symbol, ..order }));
            }
        }
    }

    fn fork(&self) -> Box<dyn Strategy> {
        Box::new(self.clone())
    }
}

/// A walk of levels and trades around 10,000 that touches every one of its prices again and again.
fn event(number: u64) -> Event {
    let draw = number.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 20;
    let side = if draw & 1 == 0 { Side::Buy } else { Side::Sell };
    let price = 10_000 - side.sign() * (1 + (draw >> 4 & 63) as i64);
    let kind = if (draw >> 10).is_multiple_of(16) { Kind::Trade } else { Kind::Level };
    let qty = 1 + (draw >> 16 & 63) as i64;
    Event { price, qty, sequence: number, side: Some(side), ..Event::new(number as i64, kind) }
}

/// One test, so that nothing else allocates beside it.
#[test]
fn none_after_warm_up() {
    let mut rules = Rules::new(Market::Levels);
    rules.crossed = Crossed::Allow;
    let mut engine = Engine::new(vec![(Instrument::new("X"), rules)], vec![Box::new(Resting(false))]);
    for number in 0..50_000 {
        engine.step(&event(number), &mut Discard).unwrap();
    }
    let before = COUNT.load(Ordering::Relaxed);
    for number in 50_000..250_000 {
        engine.step(&event(number), &mut Discard).unwrap();
    }
    assert_eq!(COUNT.load(Ordering::Relaxed) - before, 0, "200,000 events with 1,000 resting orders");

    let mut matcher = Matcher::with_capacity(1 << 16);
    let mut act = |number: u64| {
        let event = event(number);
        let side = event.side.unwrap();
        matcher.limit(number, side, event.price + 3 * side.sign(), event.qty).unwrap();
        if number > 500 {
            let _ = matcher.cancel(number - 500);
        }
    };
    (1..50_000).for_each(&mut act);
    let before = COUNT.load(Ordering::Relaxed);
    (50_000..250_000).for_each(&mut act);
    assert_eq!(COUNT.load(Ordering::Relaxed) - before, 0, "200,000 orders and as many cancels");
}
