//! Sealed records: the same content and ids in fewer bytes; every damage is found.

use crate::sample;
use samebits_snapshot::record::{Kept, Run};
use samebits_snapshot::{
    DaySections, Decided, Error, Limits, Narrow, Packed, Sealed, pack, pack_shared, seal,
};

fn packed(run: &Run) -> Packed {
    pack_shared(run, &DaySections::new(&run.inputs.market, &run.inputs.risk).unwrap()).unwrap()
}

/// A later Run of the account: a trade more, other numbers.
fn later(run: &Run, days: u64) -> Run {
    let mut later = run.clone();
    later.inputs.question.sequence += days;
    later.inputs.account.next_lot += days;
    later.inputs.account.lots[0].id += days;
    later.outcome.weights[1] += 0.001 * days as f64;
    later
}

fn narrow(run: &Run, kept: bool, base: Option<(u32, &[u8])>) -> Narrow {
    let kept = kept.then(|| Kept::of(&run.outcome));
    seal(&packed(run).bytes, &Limits::default(), kept.as_ref(), base).unwrap()
}

#[test]
fn a_sealed_record_has_the_ids_and_the_content_of_its_run() {
    let run = sample::run();
    for kept in [false, true] {
        let first = narrow(&run, kept, None);
        let second = narrow(&later(&run, 1), kept, Some((1, &first.columns)));
        assert!(second.bytes.len() < first.bytes.len());
        for (run, narrow, base) in
            [(&run, &first, None), (&later(&run, 1), &second, Some(&first.columns[..]))]
        {
            let sealed = Sealed::read(&narrow.bytes, &Limits::default()).unwrap();
            assert_eq!((sealed.is_kept(), sealed.distance()), (kept, u32::from(base.is_some())));
            let columns = sealed.columns(base).unwrap();
            assert_eq!(columns, narrow.columns);
            let unsealed = sealed.open(&columns).unwrap();
            assert_eq!(unsealed.manifest(), &pack(run).unwrap().manifest);
            assert_eq!(unsealed.info(), &run.info);
            assert_eq!(unsealed.account().unwrap(), run.inputs.account);
            assert_eq!(unsealed.account_after(), run.outcome.stages.account_after);
            let decided = unsealed.decided().unwrap();
            let whole = if kept {
                Decided::Kept(Box::new(Kept::of(&run.outcome)))
            } else {
                Decided::Full(Box::new(run.outcome.clone()))
            };
            assert_eq!(decided, whole);
        }
    }
}

#[test]
fn the_base_is_needed_and_must_be_the_right_one() {
    let run = sample::run();
    let first = narrow(&run, true, None);
    let second = narrow(&later(&run, 1), true, Some((1, &first.columns)));
    let sealed = Sealed::read(&second.bytes, &Limits::default()).unwrap();
    assert!(sealed.columns(None).unwrap_err().to_string().contains("1 Runs before"));
    let reversed: Vec<u8> = first.columns.iter().rev().copied().collect();
    let zeros = vec![0; first.columns.len()];
    for other in [&[][..], &reversed, &zeros] {
        let opened = sealed.columns(Some(other)).and_then(|columns| sealed.open(&columns));
        // Other columns may decode, to another Run: its ids say so.
        let id = opened.map(|unsealed| unsealed.manifest().run_id);
        assert_ne!(id, Ok(packed(&later(&run, 1)).manifest.run_id));
    }
}

#[test]
fn every_flipped_bit_and_every_cut_is_found() {
    let run = sample::run();
    for kept in [false, true] {
        let good = narrow(&run, kept, None).bytes;
        for at in 0..good.len() {
            for bit in 0..8 {
                let mut bad = good.clone();
                bad[at] ^= 1 << bit;
                assert!(Sealed::read(&bad, &Limits::default()).is_err(), "byte {at} bit {bit}");
            }
            assert!(Sealed::read(&good[..at], &Limits::default()).is_err(), "cut at {at}");
        }
        assert!(Sealed::read(&[&good[..], &[0]].concat(), &Limits::default()).is_err());
    }
}

/// Lengths that lie, with a hash that fits them.
#[test]
fn lengths_beyond_the_limits_are_refused_before_anything_is_allocated() {
    let good = narrow(&sample::run(), false, None).bytes;
    let rehash = |mut bytes: Vec<u8>| {
        let body = bytes.len() - 32;
        let hash = samebits_snapshot::Digest::of("samebits 2026 sealed record", &bytes[..body]);
        bytes[body..].copy_from_slice(hash.as_bytes());
        bytes
    };
    assert!(Sealed::read(&rehash(good.clone()), &Limits::default()).is_ok());
    for at in (16..40).step_by(4) {
        let mut huge = good.clone();
        huge[at..at + 4].copy_from_slice(&[0xff; 4]);
        let error = Sealed::read(&rehash(huge), &Limits::default()).unwrap_err();
        assert!(matches!(error, Error::Limit { .. }), "{error}");
        for change in [1_u8, 0x55] {
            let mut other = good.clone();
            other[at] ^= change;
            let other = rehash(other);
            let sealed = Sealed::read(&other, &Limits::default()).unwrap();
            assert!(sealed.columns(None).and_then(|columns| sealed.open(&columns)).is_err(), "byte {at}");
        }
    }
    let small = Limits { message: 1000, ..Limits::default() };
    assert!(matches!(Sealed::read(&good, &small), Err(Error::Limit { .. })));
    for (at, value) in [(8, 2), (8, 0), (10, 2)] {
        let mut other = good.clone();
        other[at] = value;
        assert!(Sealed::read(&rehash(other), &Limits::default()).is_err());
    }
}

#[test]
fn a_self_contained_file_is_not_sealed() {
    let run = sample::run();
    let error = seal(&pack(&run).unwrap().bytes, &Limits::default(), None, None).unwrap_err();
    assert!(error.to_string().contains("market is inline"), "{error}");
}
