//! Attestations, problem files, scenarios.

use crate::memory::within;
use samebits_attest::{Attestation, Proof, PublicKey, SecretKey};
use samebits_instances::{Instance, Limits};
use std::path::Path;

/// Attestations, proofs and keys; what a proof claims is checked too.
pub fn attest(bytes: &[u8]) {
    within(bytes.len() as u64 * 16, || {
        let _ = SecretKey::from_pem(bytes);
        let _ = PublicKey::from_pem(bytes);
        let attestation = Attestation::read(bytes);
        let kept = Attestation::read(include_bytes!("../../../fixtures/attest/v1/day.txt"));
        if let (Ok(proof), Ok(kept)) = (Proof::read(bytes), kept) {
            let _ = proof.check(&kept.statement);
        }
        if let Ok(attestation) = attestation {
            let _ = attestation.check_key(&attestation.key);
        }
    });
}

/// Problem files of either form, packed or not; a problem that is read is one that holds together.
pub fn instance(bytes: &[u8]) {
    const LIMITS: Limits = Limits { unpacked: 1 << 16, assets: 64, memory: 1 << 20 };
    let found = within(LIMITS.memory, || samebits_instances::read_within(bytes, &LIMITS));
    match found {
        Ok(Instance::Portfolio(portfolio)) => portfolio.problem.validate().expect("it was read"),
        Ok(Instance::General(file)) => file.problem.validate().expect("it was read"),
        Err(_) => {}
    }
}

/// A scenario of the gate: its symbols and strategies.
pub fn scenario(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Ok(scenario) = samebits_gate::Scenario::parse(Path::new("group/name/scenario.toml"), text) {
        let _ = (scenario.check(), scenario.options(), scenario.instrument(), scenario.run_file());
    }
}
