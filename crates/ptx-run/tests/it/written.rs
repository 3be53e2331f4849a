//! Short kernels written by hand, for what a compiler seldom makes.

use samebits_ptx_run::{Error, Module, Order, Param, Space};

use crate::{Bench, ORDERS};

/// A kernel `k(out)`: `%rd1` is the address, `%r1` the thread, `%rd2` the address of its own word.
fn kernel(vars: &str, body: &str) -> String {
    format!(
        ".version 8.0\n.target sm_90\n.address_size 64\n{vars}\n.visible .entry k(.param .u64 out)\n{{\n\
         .reg .pred %p<8>; .reg .b32 %r<32>; .reg .b64 %rd<32>; .reg .f64 %fd<8>;\n\
         ld.param.u64 %rd1, [out]; mov.u32 %r1, %tid.x; mul.wide.u32 %rd2, %r1, 4; add.s64 %rd2, %rd1, %rd2;\n\
         {body}\nret;\n}}\n"
    )
}

fn run(vars: &str, body: &str, threads: u32, order: Order) -> Result<Vec<u32>, Error> {
    let mut b = Bench::ordered(&kernel(vars, body), order);
    let out = b.put_u32(&vec![0; 256]);
    b.run("k", (1, threads), 0, &[Param::from(out)])?;
    Ok(b.get_u32(out, threads as usize))
}

#[test]
fn lanes_that_come_later_are_waited_for() {
    let body = "
        bra.uni START;
        MEET:
        shfl.sync.bfly.b32 %r3, %r2, 31, 31, -1;
        st.global.u32 [%rd2], %r3;
        ret;
        START:
        mov.u32 %r2, %r1;
        setp.lt.u32 %p1, %r1, 16;
        @%p1 bra MEET;
        add.u32 %r2, %r2, 100;
        bra.uni MEET;";
    let got = run("", body, 32, Order::Forward).unwrap();
    for (i, v) in got.into_iter().enumerate() {
        let from = 31 - i as u32;
        assert_eq!(v, if from < 16 { from } else { from + 100 });
    }
    let never = body.replace("add.u32 %r2, %r2, 100;", "setp.eq.u32 %p2, %r1, 20; @%p2 exit;");
    assert!(matches!(run("", &never, 32, Order::Forward), Err(Error::Diverged { .. })));
    let elsewhere = body.replace("add.u32 %r2, %r2, 100;", "bar.warp.sync -1;");
    assert!(matches!(run("", &elsewhere, 32, Order::Forward), Err(Error::Diverged { .. })));
}

const HAND_OVER: &str = "
    setp.lt.u32 %p1, %r1, 32;
    shl.b32 %r2, %r1, 2;
    @!%p1 bra CONSUMER;
    st.shared.u32 [%r2], %r1;
    bar.arrive 3, 64;
    st.global.u32 [%rd2], 1000;
    ret;
    CONSUMER:
    bar.sync 3, 64;
    ld.shared.u32 %r3, [%r2+-128];
    st.global.u32 [%rd2], %r3;";

#[test]
fn a_warp_may_arrive_without_waiting() {
    let vars = ".extern .shared .align 16 .b8 dyn[]; .shared .align 4 .b32 buffer[32];";
    let body = format!("mov.u32 %r9, buffer; {HAND_OVER}");
    for order in ORDERS {
        let got = run(vars, &body, 64, order).unwrap();
        assert!(got[..32].iter().all(|&v| v == 1000));
        assert!((0..32).all(|i| got[32 + i] == i as u32));
        let alone = body.replace("bar.arrive 3, 64;", "");
        assert!(matches!(run(vars, &alone, 64, order), Err(Error::Deadlock { waiting: 2, .. })));
    }
    let blind = body.replace("bar.sync 3, 64;", "").replace("bar.arrive 3, 64;", "");
    let found = run(vars, &blind, 64, Order::Forward);
    let Err(Error::Race { space, address, first_warp, second_warp, .. }) = found else {
        panic!("{found:?}");
    };
    assert_eq!((space, address, first_warp, second_warp), (Space::Shared, 0, 0, 1));
    let uneven =
        body.replace("bar.arrive 3, 64;", "bar.arrive 3, 32;").replace("bar.sync 3, 64;", "bar.sync 3, 40;");
    assert!(matches!(run(vars, &uneven, 64, Order::Forward), Err(Error::Barrier { .. })));
}

#[test]
fn copies_may_be_shorter_than_their_size() {
    let vars = ".global .align 16 .b32 from[4] = {1, -2, 0x30, 4};";
    let body = "
        .shared .align 16 .b8 to[16];
        mov.u32 %r2, to; mov.u64 %rd3, from; mov.u32 %r3, 8;
        cp.async.ca.shared.global [%r2], [%rd3], 16, %r3;
        cp.async.wait_all;
        ld.shared.v4.u32 {%r4, %r5, %r6, %r7}, [to];
        st.global.v2.u32 [%rd1], {%r4, %r5};
        st.global.v2.u32 [%rd1+8], {%r6, %r7};
        st.global.u32 [from+4], 9;
        ld.global.u32 %r8, [from+4];
        st.global.u32 [%rd1+16], %r8;";
    let mut b = Bench::new(&kernel(vars, body));
    let out = b.put_u32(&[7; 8]);
    b.run("k", (1, 1), 0, &[Param::from(out)]).unwrap();
    assert_eq!(b.get_u32(out, 5), [1, 2_u32.wrapping_neg(), 0, 0, 9]);
    let crooked = body.replace("[%rd1+8]", "[%rd1+12]");
    assert!(matches!(run(vars, &crooked, 1, Order::Forward), Err(Error::Misaligned { bytes: 8, .. })));
}

#[test]
fn generic_addresses_know_their_space() {
    let body = "
        .local .align 8 .b8 mine[32]; .shared .align 8 .b8 ours[8];
        mov.u64 %rd3, mine; cvta.local.u64 %rd4, %rd3;
        mov.u64 %rd5, ours; cvta.shared.u64 %rd6, %rd5;
        add.u32 %r2, %r1, 40;
        st.u8 [%rd4+3], %r2; ld.local.s8 %r3, [%rd3+3];
        st.local.v2.u64 [mine+16], {%rd4, %rd6}; ld.u64 %rd7, [%rd4+24];
        isspacep.shared %p1, %rd7; isspacep.local %p2, %rd4; isspacep.global %p3, %rd1;
        and.pred %p1, %p1, %p2; and.pred %p1, %p1, %p3;
        selp.u32 %r4, 1000, 0, %p1;
        add.u32 %r4, %r4, %r3;
        setp.eq.u32 %p4, %r1, 0;
        @%p4 st.u32 [%rd6], 5;
        bar.sync 0;
        cvta.to.shared.u64 %rd8, %rd6; ld.shared.u32 %r5, [%rd8]; add.u32 %r4, %r4, %r5;
        st.u32 [%rd2], %r4;";
    let got = run("", body, 40, Order::Forward).unwrap();
    assert!((0..40).all(|i| got[i] == 1045 + i as u32));
    let past = body.replace("[%rd4+24]", "[%rd4+32]");
    let found = run("", &past, 40, Order::Forward);
    assert!(matches!(found, Err(Error::OutOfBounds { space: Space::Local, .. })), "{found:?}");
}

#[test]
fn parameters_by_address() {
    let text = ".version 8.0\n.target sm_70\n.address_size 64
        .visible .entry k(.param .u32 pick, .param .align 8 .b8 list[24], .param .u64 out) {
        .reg .b32 %r<4>; .reg .b64 %rd<8>;
        mov.b64 %rd1, list; ld.param.u32 %r1, [pick]; mul.wide.u32 %rd2, %r1, 8; add.s64 %rd3, %rd1, %rd2;
        ld.param.u64 %rd4, [%rd3]; ld.param.u64 %rd5, [out]; st.global.u64 [%rd5], %rd4; ret; }";
    let mut b = Bench::new(text);
    let out = b.memory.alloc(8);
    let list: Vec<u8> = [10_u64, 20, 30].iter().flat_map(|v| v.to_le_bytes()).collect();
    for (pick, want) in [(0_u32, 10_u64), (2, 30)] {
        b.run("k", (1, 1), 0, &[pick.into(), Param(list.clone()), out.into()]).unwrap();
        assert_eq!(b.get::<8>(out, 1)[0], want.to_le_bytes());
    }
    assert!(matches!(
        b.run("k", (1, 1), 0, &[9_u32.into(), Param(list), out.into()]),
        Err(Error::OutOfBounds { space: Space::Param, .. })
    ));
}

#[test]
fn atomics_may_meet_atomics_only() {
    let body = "
        atom.global.add.u32 %r2, [%rd1], 1;
        red.global.max.u32 [%rd1+4], %r1;";
    assert_eq!(run("", body, 96, Order::Shuffled(3)).unwrap()[..2], [96, 95]);
    let mixed = format!("{body} ld.global.u32 %r3, [%rd1];");
    assert!(run("", &mixed, 96, Order::Forward).is_err());
    let strong = format!("{body} ld.volatile.global.u32 %r3, [%rd1];");
    run("", &strong, 96, Order::Forward).unwrap();
    let sum = kernel("", "red.global.add.f64 [%rd1], %fd1;");
    assert!(matches!(Module::parse(&sum), Err(Error::Unsupported { .. })));
}
