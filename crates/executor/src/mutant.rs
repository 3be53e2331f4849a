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
