//! Wrong kernels must be found, and their repairs must not.

use samebits_ptx_run::{Error, Module, Options, Param, Space, Stats};

use crate::{Bench, ORDERS, text};

fn on(text: &str, name: &str, block: u32, bytes: usize, order: usize) -> Result<Stats, Error> {
    let mut b = Bench::ordered(text, ORDERS[order]);
    // A race on fresh memory would else be met as a read of what nobody wrote yet.
    b.options.uninitialised = !name.contains("race");
    let data = b.put_u32(&vec![1; bytes / 4]);
    b.run(name, (1, block), 0, &[data.into()])
}

#[test]
fn missing_barriers_are_races_in_every_order() {
    for order in 0..ORDERS.len() {
        for text in [text!("faults.sm_70"), text!("faults.sm_80")] {
            let first = on(text, "race", 128, 1024, order);
            assert!(matches!(first, Err(Error::Race { space: Space::Shared, .. })), "{first:?}");
            let Err(Error::Race { line, first_line, first_warp, second_warp, .. }) = first else { return };
            assert!(line > 0 && first_line > 0 && line != first_line && first_warp != second_warp);
            assert_eq!(on(text, "race_fixed", 128, 1024, order).unwrap().barriers, 1);
            let second = on(text, "loop_race", 128, 1024, order);
            assert!(matches!(second, Err(Error::Race { space: Space::Shared, .. })), "{second:?}");
            on(text, "loop_race_fixed", 128, 1024, order).unwrap();
            let third = on(text, "global_race", 64, 512, order);
            assert!(matches!(third, Err(Error::Race { space: Space::Global, .. })), "{third:?}");
        }
    }
}

#[test]
fn missing_barriers_show_in_the_answer_of_some_order() {
    let answers: Vec<Vec<u32>> = ["race", "race_fixed"]
        .into_iter()
        .flat_map(|name| ORDERS.map(|order| (name, order)))
        .map(|(name, order)| {
            let mut b = Bench::ordered(text!("faults.sm_70"), order);
            (b.options.races, b.options.uninitialised) = (false, false);
            let data = b.put_f64(&(0..128).map(f64::from).collect::<Vec<f64>>());
            b.run(name, (1, 128), 0, &[data.into()]).unwrap();
            b.get_u32(data, 256)
        })
        .collect();
    assert_ne!(answers[0], answers[1]);
    assert!(answers[4..].iter().all(|a| *a == answers[4]));
}

#[test]
fn lanes_of_a_warp_race_too() {
    let text = text!("faults.sm_70");
    let found = on(text, "lane_race", 32, 128, 0);
    assert!(matches!(found, Err(Error::LaneRace { space: Space::Shared, warp: 0, .. })), "{found:?}");
    on(text, "lane_race_fixed", 32, 128, 0).unwrap();
    assert!(matches!(on(text, "same_word", 32, 128, 0), Err(Error::LaneRace { .. })));
    on(text, "same_value", 32, 128, 0).unwrap();
    on(text, "bytes", 128, 128, 0).unwrap();
}

#[test]
fn accesses_are_checked() {
    let text = text!("faults.sm_70");
    on(text, "outside", 32, 128, 0).unwrap();
    let found = on(text, "outside", 33, 128, 0);
    assert!(matches!(found, Err(Error::OutOfBounds { space: Space::Global, bytes: 4, .. })), "{found:?}");
    assert!(matches!(on(text, "crooked", 1, 128, 0), Err(Error::Misaligned { .. })));
    let found = on(text, "unwritten", 64, 256, 0);
    assert!(matches!(found, Err(Error::Uninitialised { space: Space::Shared, .. })), "{found:?}");
    on(text, "zero", 1, 8, 0).unwrap();
    let mut b = Bench::new(text);
    let data = b.put_u32(&[0, 5]);
    assert!(matches!(b.run("zero", (1, 1), 0, &[data.into()]), Err(Error::Undefined { .. })));
    b.memory.free(data).unwrap();
    assert!(matches!(b.run("zero", (1, 1), 0, &[data.into()]), Err(Error::OutOfBounds { .. })));
    let fresh = b.memory.alloc(8);
    assert!(matches!(b.run("zero", (1, 1), 0, &[fresh.into()]), Err(Error::Uninitialised { .. })));
    b.options = Options { uninitialised: false, ..Options::default() };
    b.memory.write(fresh, &[1, 0, 0, 0]).unwrap();
    b.run("zero", (1, 1), 0, &[fresh.into()]).unwrap();
}

#[test]
fn lanes_and_warps_that_never_come() {
    let text = text!("faults.sm_70");
    let found = on(text, "diverged", 32, 128, 0);
    assert!(matches!(found, Err(Error::Diverged { needed: u32::MAX, .. })), "{found:?}");
    on(text, "diverged", 16, 128, 0).unwrap();
    let found = on(text, "half_barrier", 32, 128, 0);
    assert!(matches!(found, Err(Error::Diverged { present: 0xffff, .. })), "{found:?}");
    let found = on(text, "deadlock", 96, 384, 0);
    assert!(matches!(found, Err(Error::Deadlock { waiting: 1, .. })), "{found:?}");
    on(text, "leaves_early", 96, 384, 1).unwrap();
}

#[test]
fn copies_must_be_waited_for() {
    let run = |name: &str| {
        let mut b = Bench::new(text!("faults.sm_80"));
        let x: Vec<f64> = (0..64).map(f64::from).collect();
        let (from, to) = (b.put_f64(&x), b.memory.alloc(512));
        let result = b.run(name, (1, 32), 0, &[from.into(), to.into()]);
        result.map(|_| b.get_f64(to, 64))
    };
    let got = run("copy_waited").unwrap();
    assert!(got.chunks(2).enumerate().all(|(i, c)| c == [2.0 * i as f64 + 1.0, 2.0 * i as f64]));
    for name in ["copy_unwaited", "copy_short"] {
        let found = run(name);
        assert!(matches!(found, Err(Error::Uninitialised { space: Space::Shared, .. })), "{found:?}");
    }
}

#[test]
fn nothing_unknown_is_passed_over() {
    let wrap = |body: &str| {
        format!(
            ".version 8.0\n.target sm_70\n.address_size 64\n.visible .entry k()\n{{\n.reg .f64 %fd<4>;\n{body}\nret;\n}}\n"
        )
    };
    let parse = |body: &str| Module::parse(&wrap(body)).err();
    assert!(parse("add.f64 %fd1, %fd2, %fd3;").is_none());
    for body in [
        "add.rz.f64 %fd1, %fd2, %fd3;",
        "sin.approx.f64 %fd1, %fd2;",
        "rcp.approx.ftz.f64 %fd1, %fd2;",
        "frobnicate %fd1;",
        "call foo;",
    ] {
        assert!(matches!(parse(body), Some(Error::Unsupported { line: 7, .. })), "{body}");
    }
    for body in ["add.f64 %fd1, %fd2, %fd9;", "bra nowhere;", "add.f64 %fd1, %fd2;"] {
        assert!(matches!(parse(body), Some(Error::Syntax { line: 7, .. })), "{body}");
    }
    let mut b = Bench::new(&wrap(""));
    assert!(matches!(b.run("other", (1, 1), 0, &[]), Err(Error::NoKernel { .. })));
    assert!(matches!(b.run("k", (1, 1), 0, &[Param::from(1_u32)]), Err(Error::Launch { .. })));
    assert!(matches!(b.run("k", (1, 1025), 0, &[]), Err(Error::Launch { .. })));
    assert_eq!(b.module.kernels(), ["k"]);
}
