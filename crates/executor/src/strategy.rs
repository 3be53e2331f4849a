//! Who trades: programs that see events and send messages.

use crate::event::Event;
use crate::order::Message;
use crate::report::Report;

/// A strategy. Everything it may know reaches it through these calls; it decides by that alone.
pub trait Strategy: Send {
    /// Its name; names order everything that needs an order.
    fn name(&self) -> &str;

    /// Before the first event: symbols have their numbers now.
    fn on_start(&mut self, context: &mut Context<'_>) {
        let _ = context;
    }

    /// A market event has reached it.
    fn on_event(&mut self, event: &Event, context: &mut Context<'_>);

    /// A report about one of its orders has reached it.
    fn on_report(&mut self, report: &Report, context: &mut Context<'_>) {
        let _ = (report, context);
    }

    /// A timer that it set has run out.
    fn on_timer(&mut self, token: u64, context: &mut Context<'_>) {
        let _ = (token, context);
    }

    /// A copy that goes on from here on its own: what a checkpoint holds.
    fn fork(&self) -> Box<dyn Strategy>;
}

/// What a strategy can do.
#[derive(Debug)]
pub struct Context<'a> {
    /// ns UTC at the strategy.
    pub now: i64,
    pub(crate) symbols: &'a [String],
    pub(crate) outbox: &'a mut Vec<Message>,
    pub(crate) timers: &'a mut Vec<(i64, u64)>,
}

impl Context<'_> {
    /// Sends a message to the venue.
    pub fn send(&mut self, message: Message) {
        self.outbox.push(message);
    }

    /// Asks to be called at a time, with a token.
    pub fn wake_at(&mut self, time: i64, token: u64) {
        self.timers.push((time, token));
    }

    /// The number of a symbol.
    pub fn symbol(&self, name: &str) -> Option<u16> {
        self.symbols.iter().position(|known| known == name).map(|at| at as u16)
    }
}
