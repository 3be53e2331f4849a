//! Every byte of the frozen files changed to every other value, every length cut: a typed error, never a panic, and
//! never an attestation or a proof that holds.

use crate::golden::{DAY, PROOF, PUBLIC, THROUGH, key};
use samebits_attest::{Attestation, Error, MAX_BYTES, Proof, PublicKey};
use std::collections::BTreeMap;

/// Which error, for counting.
fn kind(error: &Error) -> &'static str {
    match error {
        Error::TooLong { .. } => "too long",
        Error::TooNew { .. } => "too new",
        Error::Malformed { .. } => "malformed",
        Error::NotCanonical { .. } => "not canonical",
        Error::Inconsistent { .. } => "inconsistent",
        Error::BadSignature { .. } => "bad signature",
        Error::BadKey { .. } => "bad key",
        Error::OtherKey { .. } => "other key",
        Error::NotAttested { .. } => "not attested",
        Error::NotIncluded { .. } => "not included",
        _ => "another",
    }
}

/// Changes every byte and cuts every length; `judge` must refuse. How often with which error.
fn torture(good: &[u8], judge: impl Fn(&[u8]) -> Result<(), Error>) -> BTreeMap<&'static str, usize> {
    assert!(judge(good).is_ok());
    let mut seen = BTreeMap::new();
    let mut refuse = |bytes: &[u8], what: &str, at: usize| match judge(bytes) {
        Ok(()) => panic!("{what} {at} is not noticed"),
        Err(error) => *seen.entry(kind(&error)).or_default() += 1,
    };
    let mut bad = good.to_vec();
    for at in 0..good.len() {
        for other in (0..=u8::MAX).filter(|other| *other != good[at]) {
            bad[at] = other;
            refuse(&bad, "byte", at);
        }
        bad[at] = good[at];
        refuse(&good[..at], "length", at);
        refuse(&[&good[..at], &good[at + 1..]].concat(), "without byte", at);
        refuse(&[&good[..at], &good[at..=at], &good[at..]].concat(), "byte twice", at);
    }
    refuse(&[good, b"\n"].concat(), "a line more", 0);
    refuse(&[good, b"x"].concat(), "a byte more", 0);
    refuse(&[good, good].concat(), "twice", 0);
    let lines: Vec<&[u8]> = good.split_inclusive(|byte| *byte == b'\n').collect();
    for at in 1..lines.len() {
        let mut swapped = lines.clone();
        swapped.swap(at - 1, at);
        refuse(&swapped.concat(), "lines swapped", at);
        let mut doubled = lines.clone();
        doubled.insert(at, lines[at]);
        refuse(&doubled.concat(), "line twice", at);
        let mut without = lines.clone();
        without.remove(at);
        refuse(&without.concat(), "without line", at);
    }
    seen
}

#[test]
fn attestations() {
    let seen = torture(THROUGH, |bytes| Attestation::read(bytes).map(drop));
    for expected in ["malformed", "not canonical", "inconsistent", "bad signature", "too new"] {
        assert!(seen.contains_key(expected), "{expected}: {seen:?}");
    }
    assert!(!seen.contains_key("another"), "{seen:?}");
    let seen = torture(DAY, |bytes| Attestation::read(bytes).map(drop));
    assert!(seen["bad signature"] > 100 && !seen.contains_key("another"), "{seen:?}");
}

#[test]
fn proofs() {
    let statement = Attestation::read(DAY).unwrap().statement;
    let seen = torture(PROOF, |bytes| Proof::read(bytes)?.check(&statement));
    for expected in ["malformed", "not canonical", "not attested", "not included", "too new"] {
        assert!(seen.contains_key(expected), "{expected}: {seen:?}");
    }
    assert!(!seen.contains_key("another"), "{seen:?}");
}

#[test]
fn pinned_keys() {
    let kept = Attestation::read(DAY).unwrap();
    let seen = torture(PUBLIC, |bytes| kept.check_key(&PublicKey::from_pem(bytes)?));
    assert!(seen["bad key"] > 1000 && seen["other key"] > 100 && seen.len() == 2, "{seen:?}");
}

#[test]
fn long_files_are_refused_before_they_are_read() {
    let mut long = THROUGH.to_vec();
    long.resize(MAX_BYTES + 1, b'\n');
    for error in [Attestation::read(&long).unwrap_err(), Proof::read(&long).unwrap_err()] {
        assert_eq!(kind(&error), "too long");
    }
    long.truncate(MAX_BYTES);
    assert_eq!(kind(&Attestation::read(&long).unwrap_err()), "not canonical");
    // Nor is one written that could not be read.
    let history = (0..9000).map(|at| {
        let day = crate::golden::date("2017-02-08").plus_days(at).unwrap();
        (day, crate::golden::entry("A", i64::from(at)))
    });
    let history: samebits_attest::History = history.collect();
    let span = samebits_attest::Span::Through(crate::golden::date("2099-12-31"));
    let error = history.statement("long", span, false).unwrap().sign(&key()).unwrap_err();
    assert_eq!(kind(&error), "too long");
}

/// Numbers at the ends of their ranges, in files that are otherwise whole.
#[test]
fn numbers_at_their_ends() {
    let text = String::from_utf8(PROOF.to_vec()).unwrap();
    let statement = Attestation::read(DAY).unwrap().statement;
    for place in [
        format!("place {} {}", u64::MAX, u64::MAX),
        format!("place {} {}", u64::MAX - 1, u64::MAX),
        format!("place 0 {}", u64::MAX),
        "place 0 0".into(),
        "place 0 1".into(),
        "place 4 4".into(),
    ] {
        let mut proof = Proof::read(text.replace("place 2 4", &place).as_bytes()).unwrap();
        assert_eq!(kind(&proof.check(&statement).unwrap_err()), "not included", "{place}");
        proof.count = 4;
        assert_eq!(kind(&proof.check(&statement).unwrap_err()), "not included", "{place}");
    }
    assert!(Proof::read(text.replace("place 2 4", "place 2 18446744073709551616").as_bytes()).is_err());
    let far = text.replace("run B 1", &format!("run B {}", i64::MIN));
    assert_eq!(kind(&Proof::read(far.as_bytes()).unwrap().check(&statement).unwrap_err()), "not included");
}
