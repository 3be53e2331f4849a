//! An allocator that counts.
#![allow(unsafe_code, reason = "an allocator is unsafe by its trait")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

/// The system's allocator, counting the bytes that each thread holds and the most it has held. Memory that C libraries
/// ask for is not seen.
#[derive(Debug, Clone, Copy, Default)]
pub struct Counting;

thread_local! {
    static LIVE: Cell<isize> = const { Cell::new(0) };
    static MOST: Cell<isize> = const { Cell::new(0) };
}

/// This thread holds `by` bytes more, or fewer; a thread that is ending counts nothing. For an allocator that is not [`Counting`].
pub fn count(by: isize) {
    let _ = LIVE.try_with(|live| {
        let now = live.get() + by;
        live.set(now);
        let _ = MOST.try_with(|most| {
            if now > most.get() {
                most.set(now);
            }
        });
    });
}

// SAFETY: every call goes to the system's allocator as it came; counting neither allocates nor panics.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size() as isize);
        // SAFETY: the caller's promise is passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count(layout.size() as isize);
        // SAFETY: the caller's promise is passed on.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        count(-(layout.size() as isize));
        // SAFETY: the caller's promise is passed on.
        unsafe { System.dealloc(place, layout) }
    }

    unsafe fn realloc(&self, place: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count(size as isize - layout.size() as isize);
        // SAFETY: the caller's promise is passed on.
        unsafe { System.realloc(place, layout, size) }
    }
}

/// What `work` returns, and the most bytes it held at once beyond those held before it; 0 without [`Counting`].
pub fn peak<T>(work: impl FnOnce() -> T) -> (T, usize) {
    let before = LIVE.get();
    MOST.set(before);
    let done = work();
    (done, (MOST.get() - before).max(0) as usize)
}

/// What a reader may hold beside what its limits count, bytes: heads, errors, tables of fixed size.
pub const SLACK: u64 = 1 << 20;

/// What `work` returns.
///
/// # Panics
/// When it held more than twice the `declared` limit and [`SLACK`].
pub fn within<T>(declared: u64, work: impl FnOnce() -> T) -> T {
    let (done, most) = peak(work);
    let allowed = 2 * declared + SLACK;
    assert!(most as u64 <= allowed, "held {most} bytes, twice the limit of {declared} are {}", 2 * declared);
    done
}
