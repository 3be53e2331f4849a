//! Frozen files in `fixtures/attest/v1`, from a fixed key and eight made-up Runs: what was signed once can be read and
//! checked by every later release, and is written with the same bytes. They are never rewritten.

use samebits_attest::{Attestation, Entry, History, Proof, PublicKey, SecretKey, Span};
use samebits_snapshot::Digest;
use samebits_units::Date;

pub(crate) const THROUGH: &[u8] = include_bytes!("../../../../fixtures/attest/v1/through.txt");
pub(crate) const DAY: &[u8] = include_bytes!("../../../../fixtures/attest/v1/day.txt");
pub(crate) const PROOF: &[u8] = include_bytes!("../../../../fixtures/attest/v1/proof.txt");
pub(crate) const PUBLIC: &[u8] = include_bytes!("../../../../fixtures/attest/v1/public.pem");

pub(crate) fn date(text: &str) -> Date {
    text.parse().unwrap()
}

pub(crate) fn entry(account: &str, sequence: i64) -> Entry {
    let name = format!("{account}/{sequence}");
    Entry {
        account: account.into(),
        sequence,
        run_id: Digest::of("test run", name.as_bytes()),
        link: Digest::of("test link", name.as_bytes()),
    }
}

/// Three days: three, one and four Runs, handed over in no order.
pub(crate) fn rows() -> Vec<(Date, Entry)> {
    let (first, second, third) = (date("2017-02-08"), date("2017-02-09"), date("2017-02-13"));
    vec![
        (third, entry("two words, 100%", 0)),
        (second, entry("B", 0)),
        (first, entry("A", 9)),
        (first, entry("01-di-us", 17)),
        (third, entry("B", 1)),
        (first, entry("Z\u{fc}rich", 3)),
        (third, entry("01-di-us", 18)),
        (third, entry("A", 10)),
    ]
}

pub(crate) fn history() -> History {
    rows().into_iter().collect()
}

pub(crate) fn key() -> SecretKey {
    SecretKey::from_seed(std::array::from_fn(|at| at as u8))
}

#[test]
fn the_same_bytes_are_written() {
    let (history, key) = (history(), key());
    let through = history.statement("golden", Span::Through(date("2017-02-14")), true).unwrap();
    assert_eq!(String::from_utf8(through.sign(&key).unwrap()).unwrap().as_bytes(), THROUGH);
    let day = history.statement("golden store", Span::Day(date("2017-02-13")), false).unwrap();
    assert_eq!(day.sign(&key).unwrap(), DAY);
    let proof = history.proof(date("2017-02-13"), "B", 1).unwrap();
    assert_eq!(proof.to_text().as_bytes(), PROOF);
    assert_eq!(key.public().to_pem().as_bytes(), PUBLIC);
}

#[test]
fn frozen_files_are_read_and_hold() {
    let pinned = PublicKey::from_pem(PUBLIC).unwrap();
    let proof = Proof::read(PROOF).unwrap();
    for bytes in [THROUGH, DAY] {
        let kept = Attestation::read(bytes).unwrap();
        kept.check_key(&pinned).unwrap();
        assert_eq!(history().differences(&kept.statement), []);
        proof.check(&kept.statement).unwrap();
    }
    // The file of one day continues the file before.
    let (through, day) = (Attestation::read(THROUGH).unwrap(), Attestation::read(DAY).unwrap());
    assert_eq!(day.statement.previous, through.statement.days[1].day.root);
    assert_eq!(day.statement.root(), through.statement.root());
}

/// The tree of the third day, written out from the formulas of `docs/attest.md`.
#[test]
fn the_formulas() {
    let leaf = |account: &str, sequence: i64| {
        let entry = entry(account, sequence);
        let parts: [&[u8]; 4] =
            [account.as_bytes(), &sequence.to_le_bytes(), entry.run_id.as_bytes(), entry.link.as_bytes()];
        Digest::of_parts("samebits 2026 attest leaf", &parts)
    };
    let node = |left: Digest, right: Digest| {
        Digest::of_parts("samebits 2026 attest node", &[left.as_bytes(), right.as_bytes()])
    };
    let left = node(leaf("01-di-us", 18), leaf("A", 10));
    let merkle = node(left, node(leaf("B", 1), leaf("two words, 100%", 0)));
    let days = history().days();
    assert_eq!((days[2].merkle, days[2].count), (merkle, 4));
    assert_eq!(days[1].merkle, leaf("B", 0));
    let root = |day: &str, count: u64, merkle: Digest, before: &[u8; 32]| {
        let day = date(day).days().to_le_bytes();
        Digest::of_parts("samebits 2026 day root", &[&day, &count.to_le_bytes(), merkle.as_bytes(), before])
    };
    assert_eq!(days[0].root, root("2017-02-08", 3, days[0].merkle, &[0; 32]));
    assert_eq!(days[2].root, root("2017-02-13", 4, merkle, days[1].root.as_bytes()));
    assert_eq!(entry("B", 0).leaf(), leaf("B", 0));
}
