//! Seeded faults: what `cargo xtask gate --mutants` switches on, one at a time.
//!
//! A place that carries a fault reads `mutant!("id", right, wrong)`. Without the feature `mutants` it *is* `right`:
//! nothing is compared and nothing is stored.

/// `right`, or `wrong` while the fault `id` is switched on in a build with the feature `mutants`.
#[macro_export]
macro_rules! mutant {
    ($id:literal, $right:expr, $wrong:expr) => {{
        #[cfg(feature = "mutants")]
        {
            if $crate::mutant::is_on($id) { $wrong } else { $right }
        }
        #[cfg(not(feature = "mutants"))]
        {
            $right
        }
    }};
}

#[cfg(feature = "mutants")]
mod switch {
    use std::cell::Cell;

    std::thread_local! {
        static CHOSEN: Cell<Option<&'static str>> = const { Cell::new(None) };
        static REACHED: Cell<bool> = const { Cell::new(false) };
    }

    /// Switches the fault `id` on in this thread, or all off.
    pub fn choose(id: Option<&'static str>) {
        CHOSEN.set(id);
        REACHED.set(false);
    }

    /// Whether the place of the chosen fault has run since it was chosen.
    pub fn reached() -> bool {
        REACHED.get()
    }

    /// A number that no run of the process sees twice.
    pub(crate) fn process_global() -> u64 {
        static NEXT: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);
        NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed)
    }

    /// The order that a hash map of this process would give.
    #[expect(clippy::disallowed_types, reason = "the fault is that it uses one")]
    pub(crate) fn shuffle(items: &mut [u32]) {
        let set: std::collections::HashSet<u32> = items.iter().copied().collect();
        for (slot, item) in items.iter_mut().zip(set) {
            *slot = item;
        }
    }

    /// Whether the fault `id` is on in this thread.
    pub fn is_on(id: &str) -> bool {
        let on = CHOSEN.get() == Some(id);
        if on {
            REACHED.set(true);
        }
        on
    }
}

#[cfg(feature = "mutants")]
pub use switch::{choose, is_on, reached};
#[cfg(feature = "mutants")]
pub(crate) use switch::{process_global, shuffle};
