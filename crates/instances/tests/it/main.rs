//! Problem files: both forms, and bytes that are neither.
#![allow(clippy::unwrap_used, reason = "a test may stop")]

use proptest::prelude::*;
use samebits_instances::{Error, Instance, portfolio, read, unpack};
use samebits_qp::Risk;
use std::path::PathBuf;

fn file(name: &str) -> Vec<u8> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fixtures").join(name);
    std::fs::read(path).unwrap()
}

#[test]
fn both_forms_are_told_apart_and_read() {
    let Instance::Portfolio(found) = read(&file("rebalance/te_cap_101_001.json.zst")).unwrap() else {
        panic!("not a portfolio");
    };
    assert_eq!((found.name.as_str(), found.problem.n()), ("te_cap_101_001", 30));
    assert!(found.problem.risk_cap.is_some() && matches!(*found.problem.risk, Risk::Dense(_)));
    assert_eq!(found.rows.len(), found.problem.rows.len());
    let Instance::General(found) = read(&file("qp/DUALC2.mp.zst")).unwrap() else { panic!("not general") };
    assert_eq!((found.name.as_str(), found.problem.n(), found.problem.a.rows), ("DUALC2", 7, 229));
    // Plain bytes are read as well as compressed ones.
    let plain = unpack(&file("qp/HS21.mp.zst")).unwrap();
    assert!(matches!(read(&plain).unwrap(), Instance::General(_)));
}

/// A short position is a weight below zero; what it costs to hold is the constant.
#[test]
fn shorts_become_weights_below_zero() {
    let Instance::Portfolio(found) = read(&file("rebalance/long_short_101_021.json.zst")).unwrap() else {
        panic!("not a portfolio");
    };
    assert!(found.problem.lower.iter().any(|lower| *lower < 0.0), "{:?}", found.problem.lower);
}

type Case<'a> = (&'a dyn Fn(&mut serde_json::Value), &'a str);

#[test]
fn wrong_fields_are_named() {
    let plain = String::from_utf8(unpack(&file("rebalance/plain_101_008.json.zst")).unwrap()).unwrap();
    let value: serde_json::Value = serde_json::from_str(&plain).unwrap();
    let spoiled = |spoil: &dyn Fn(&mut serde_json::Value)| {
        let mut value = value.clone();
        spoil(&mut value);
        portfolio(value.to_string().as_bytes()).unwrap_err().to_string()
    };
    let n = |v: &mut serde_json::Value| v["n"] = 6.into();
    let benchmark = |v: &mut serde_json::Value| v["benchmark"].as_array_mut().unwrap().truncate(2);
    let asset = |v: &mut serde_json::Value| v["lots"][0]["asset"] = 99.into();
    let sigma = |v: &mut serde_json::Value| v["sigma_f32_le_base64_row_major"] = "AAAA".into();
    let base64 = |v: &mut serde_json::Value| v["sigma_f32_le_base64_row_major"] = "?!".into();
    let missing = |v: &mut serde_json::Value| drop(v.as_object_mut().unwrap().remove("gamma"));
    let cases: [Case<'_>; 6] = [
        (&n, ": "),
        (&benchmark, "benchmark"),
        (&asset, "lots"),
        (&sigma, "sigma"),
        (&base64, "sigma"),
        (&missing, "gamma"),
    ];
    for (spoil, part) in cases {
        let error = spoiled(spoil);
        assert!(error.contains(part), "{error}, expected {part}");
    }
}

/// A MessagePack array that claims four thousand million entries, and a frame that unpacks to more than is there.
#[test]
fn declared_sizes_are_not_believed() {
    let error = read(&[0xdd, 0xff, 0xff, 0xff, 0xff, 0x01]).unwrap_err();
    assert!(matches!(error, Error::MessagePack(_)), "{error}");
    let mut cut = file("qp/HS118.mp.zst");
    cut.truncate(cut.len() / 2);
    assert!(matches!(read(&cut).unwrap_err(), Error::Compressed(_) | Error::MessagePack(_)));
    assert!(read(b"").is_err() && read(b"{").is_err() && read(b"{}").is_err() && read(b"[]").is_err());
}

proptest! {
    /// Foreign bytes give an error, and a flipped byte gives an error or another problem: never a panic.
    #[test]
    fn foreign_bytes(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(read(&bytes).is_err());
    }

    #[test]
    fn flipped_bytes(at in any::<prop::sample::Index>(), bit in 0..8_u32) {
        for name in ["qp/HS118.mp.zst", "rebalance/plain_101_008.json.zst"] {
            let mut plain = unpack(&file(name)).unwrap();
            let at = at.index(plain.len());
            plain[at] ^= 1 << bit;
            let _ = read(&plain);
        }
    }
}
