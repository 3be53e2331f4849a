//! Readers of attestations, proofs and keys; what a proof claims is checked too.
#![no_main]

use samebits_attest::{Attestation, Proof, PublicKey, SecretKey};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let _ = SecretKey::from_pem(bytes);
    let _ = PublicKey::from_pem(bytes);
    let attestation = Attestation::read(bytes);
    let kept = Attestation::read(include_bytes!("../../fixtures/attest/v1/day.txt"));
    if let (Ok(proof), Ok(kept)) = (Proof::read(bytes), kept) {
        let _ = proof.check(&kept.statement);
    }
    if let Ok(attestation) = attestation {
        let _ = attestation.check_key(&attestation.key);
    }
});
