//! Memory: no allocation inside an iteration, and one work matrix of the problem's size.
#![allow(clippy::unwrap_used, reason = "a test may stop")]

use samebits_canon::Isa;
use samebits_qp::{Path, Settings, Solver};
use samebits_solver_cpu::{ActiveSet, RawIpm};
use samebits_testkit::{Form, Tracking};
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

const SETTINGS: Settings = Settings::new(1e-9, 200);

/// Allocations, bytes held and the most bytes held, of one thread.
#[derive(Debug, Clone, Copy, Default)]
struct Count {
    allocations: usize,
    held: isize,
    most: isize,
}

thread_local! {
    static COUNT: Cell<Count> = const { Cell::new(Count { allocations: 0, held: 0, most: 0 }) };
}

fn note(allocations: usize, bytes: isize) {
    let _ = COUNT.try_with(|count| {
        let Count { allocations: before, held, most } = count.get();
        let held = held + bytes;
        count.set(Count { allocations: before + allocations, held, most: most.max(held) });
    });
}

struct Counting;

#[allow(unsafe_code, reason = "an allocator that counts and hands on")]
// SAFETY: every call goes to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        note(1, layout.size() as isize);
        // SAFETY: the caller's promise is handed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        note(0, -(layout.size() as isize));
        // SAFETY: the caller's promise is handed on.
        unsafe { System.dealloc(memory, layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

fn counted<T>(work: impl FnOnce() -> T) -> (T, Count) {
    let before = COUNT.get();
    COUNT.set(Count { most: before.held, ..before });
    let result = work();
    let after = COUNT.get();
    let count = Count {
        allocations: after.allocations - before.allocations,
        held: after.held - before.held,
        most: after.most - before.held,
    };
    (result, count)
}

/// With its memory warm, a finish of many steps allocates what one of few steps does: the answer's own arrays.
#[test]
fn steps_do_not_allocate() {
    for form in [Form::TaxLotsDense, Form::Factor, Form::LongOnly] {
        let solver = ActiveSet::new(Isa::detect(), 1);
        let problem = Tracking::new(120, 3).problem(form, 0.0);
        let answer = |gamma: f64| {
            let other = samebits_qp::Problem { gamma, ..problem.clone() };
            RawIpm { isa: Isa::detect() }.solve(&other, &SETTINGS).unwrap()
        };
        // The answer to another aversion to risk is further away.
        let (near, far) = (answer(problem.gamma), answer(0.3 * problem.gamma));
        let run = |from| {
            let finish =
                || solver.finish(&problem, from, Path::Finished, &SETTINGS).unwrap().unwrap().iterations;
            counted(finish)
        };
        run(&near);
        run(&far);
        let ((few, near), (many, far)) = (run(&near), run(&far));
        assert!(many > few + 1, "{form:?}: {many} {few}");
        assert_eq!(far.allocations, near.allocations, "{form:?}: {many} steps {far:?}, {few} steps {near:?}");
        assert!(near.allocations < 64 && far.held == 0, "{form:?}: {near:?} {far:?}");
    }
}

/// `8 N^2` bytes for the factorisation, and arrays of the order of `N` times the width of a block.
#[test]
fn one_work_matrix() {
    let n = 600;
    let problem = Tracking::new(n, 1).problem(Form::TaxLotsDense, 0.0);
    let ((), count) = counted(|| {
        let solver = ActiveSet::new(Isa::detect(), 1);
        solver.fast(&problem, &SETTINGS).unwrap().unwrap();
    });
    let limit = 8 * (n * n + 400 * n) as isize;
    assert!(count.most < limit, "{} bytes, at most {limit}", count.most);
    assert!(count.most > 8 * (100 * n) as isize, "nothing was counted");
}
