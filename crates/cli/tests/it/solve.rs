//! `samebits solve`.

use crate::scene::{check, json};
use std::path::{Path, PathBuf};

fn fixture(name: &str) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fixtures").join(name);
    path.to_str().unwrap().to_owned()
}

#[test]
fn every_solver_set_and_thread_prints_the_same_bits() {
    let file = fixture("rebalance/te_cap_101_001.json.zst");
    let first = json(&["solve", &file]);
    assert_eq!((first["status"].as_str(), first["path"].as_str()), (Some("optimal"), Some("active-set")));
    assert_eq!(first["weights"].as_array().unwrap().len(), 30);
    for (weight, hex) in
        first["weights"].as_array().unwrap().iter().zip(first["weights_hex"].as_array().unwrap())
    {
        assert_eq!(format!("{:016x}", weight.as_f64().unwrap().to_bits()), hex.as_str().unwrap());
    }
    assert!(first["certificate"]["gap"].as_f64().unwrap() < 1e-12);
    for arguments in [
        vec!["solve", &file, "--solver", "ipm", "--isa", "portable"],
        vec!["solve", &file, "--solver", "clarabel-finished/1", "--threads", "3"],
        vec!["solve", &file, "--isa", "portable", "--threads", "7"],
    ] {
        let other = json(&arguments);
        assert_eq!(other["weights_hex"], first["weights_hex"], "{arguments:?}");
        assert_eq!(other["objective"], first["objective"], "{arguments:?}");
    }
    assert_ne!(json(&["solve", &file, "--solver", "clarabel"])["weights_hex"], first["weights_hex"]);
}

#[test]
fn a_conflict_names_its_rows() {
    let file = fixture("rebalance/infeasible_101_031.json.zst");
    check(&["solve", &file], 0, "these contradict each other: net; factor 0");
    let found = json(&["solve", &file]);
    assert_eq!(found["status"], "infeasible");
    assert!(found["conflict"].as_array().unwrap().len() > 1 && found["distance"].as_f64().unwrap() > 0.0);
}

#[test]
fn the_general_form() {
    let found = json(&["solve", &fixture("qp/HS21.mp.zst")]);
    assert_eq!((found["status"].as_str(), found["path"].as_str()), (Some("optimal"), Some("raw")));
    assert!((found["objective"].as_f64().unwrap() + 99.96).abs() < 1e-6);
    check(&["solve", &fixture("qp/YAO.mp.zst")], 1, "YAO: failed");
    check(&["solve", &fixture("qp/HS21.mp.zst"), "--solver", "ipm"], 2, "goes through clarabel");
}

#[test]
fn bad_input_is_said() {
    let file = fixture("rebalance/te_cap_101_001.json.zst");
    check(&["solve", "no-such-file.json"], 2, "no-such-file.json");
    check(&["solve", &file, "--solver", "simplex"], 2, "solver `simplex` is not in this build");
    check(&["solve", &file, "--isa", "mmx"], 2, "--isa mmx: this processor has portable");
    check(&["solve", &file, "--tolerance", "0"], 2, "--tolerance 0");
    check(
        &["solve", Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml").to_str().unwrap()],
        2,
        "error:",
    );
    // A covariance that is not positive semidefinite.
    let folder = tempfile::tempdir().unwrap();
    let bytes = std::fs::read(fixture("rebalance/plain_101_008.json.zst")).unwrap();
    let mut value: serde_json::Value =
        serde_json::from_slice(&samebits_instances::unpack(&bytes).unwrap()).unwrap();
    let sigma: Vec<f32> = (0..25).map(|at| if at / 5 == at % 5 { 0.01 } else { 0.5 }).collect();
    let bytes: Vec<u8> = sigma.iter().flat_map(|x| x.to_le_bytes()).collect();
    value["sigma_f32_le_base64_row_major"] =
        base64::Engine::encode(&base64::engine::general_purpose::STANDARD, bytes).into();
    let path = folder.path().join("indefinite.json");
    std::fs::write(&path, value.to_string()).unwrap();
    check(&["solve", path.to_str().unwrap()], 2, "sigma is not positive definite: pivot");
}
