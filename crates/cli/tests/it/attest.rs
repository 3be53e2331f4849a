//! Keys, attestations and proofs as files, and a store that was rewritten with its chain.

use crate::scene::{Call, samebits, store};
use samebits_snapshot::{DaySections, pack_shared};
use samebits_store::{Filter, NewRun, Store};
use std::path::{Path, PathBuf};

/// A folder with a key, an attestation with a list of Runs and one of the last day without.
struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        let folder = Self(tempfile::tempdir().unwrap());
        folder.call(&["attest", "keygen", "--out", "@key"], 0, "signs and stays secret");
        let all =
            ["attest", "--through", "2017-02-10", "--key", "@key", "--out", "@all", "--list", "--verify"];
        folder.call(&all, 0, "ATTESTED: 6 Runs of 3 days, 2017-02-08 to 2017-02-10");
        let last = ["attest", "--day", "2017-02-10", "--key", "@key", "--out", "@last", "--name", "a store"];
        folder.call(&last, 0, "ATTESTED: 2 Runs of 1 days");
        folder
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Calls the command with `@name` put for a file of the folder.
    fn on(&self, store: &Path, arguments: &[&str], code: i32, part: &str) -> Call {
        let named: Vec<String> = arguments
            .iter()
            .map(|argument| {
                let file = argument.strip_prefix('@').map(|name| self.path(name).display().to_string());
                file.unwrap_or_else(|| (*argument).to_owned())
            })
            .collect();
        let call = samebits(store, &named.iter().map(String::as_str).collect::<Vec<_>>());
        let all = format!("{}{}", call.out, call.err);
        assert_eq!(call.code, code, "{arguments:?}: {all}");
        assert!(all.contains(part), "{arguments:?}: {all}");
        call
    }

    fn call(&self, arguments: &[&str], code: i32, part: &str) -> Call {
        self.on(store(), arguments, code, part)
    }
}

#[test]
fn a_store_as_it_was_attested() {
    let folder = Folder::new();
    let verify = ["verify", "--root", "@all", "--key", "@key.pub"];
    folder.call(
        &verify,
        0,
        "every id and chain; attested for `s.db`, 2017-02-08 to 2017-02-10, by the key that was given",
    );
    folder.call(&["verify", "--root", "@all"], 0, "which nothing vouches for: give the signer's with --key");
    folder.call(
        &["verify", "--root", "@last", "--key", "@key.pub"],
        0,
        "attested for `a store`, 2017-02-10 to",
    );
    folder.call(&["verify", "--root", "@last", "--optimality"], 0, "every id and chain; attested for");
    let call = folder.call(&["--json", "verify", "--root", "@all", "--key", "@key.pub"], 0, "");
    let answer: serde_json::Value = serde_json::from_str(&call.out).unwrap();
    assert_eq!(
        (&answer["attestation"]["days"], &answer["attestation"]["key_pinned"]),
        (&3.into(), &true.into())
    );
}

#[test]
fn keys_and_files_are_not_overwritten() {
    let folder = Folder::new();
    for private in ["key", "key.pub"] {
        let before = std::fs::read(folder.path(private)).unwrap();
        folder.call(&["attest", "keygen", "--out", "@key"], 2, "not written");
        assert_eq!(std::fs::read(folder.path(private)).unwrap(), before);
    }
    // One of the two files is in the way: the other is not left behind.
    std::fs::write(folder.path("half"), "").unwrap();
    folder.call(&["attest", "keygen", "--out", "@half"], 2, "not written");
    assert!(!folder.path("half.pub").exists());
    folder.call(&["attest", "--day", "2017-02-09", "--key", "@key", "--out", "@all"], 2, "not written");
    folder.call(&["attest", "keygen", "--out", "@other"], 0, "");
    assert_ne!(std::fs::read(folder.path("key")).unwrap(), std::fs::read(folder.path("other")).unwrap());
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(folder.path("key")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        std::fs::set_permissions(folder.path("other"), std::fs::Permissions::from_mode(0o644)).unwrap();
        let sign = ["attest", "--day", "2017-02-09", "--key", "@other", "--out", "@warned"];
        folder.call(&sign, 0, "others can read this private key");
    }
}

#[test]
fn wrong_questions() {
    let folder = Folder::new();
    let sign = |day: &'static str| ["attest", "--day", day, "--key", "@key", "--out", "@new"];
    folder.call(&sign("2017-02-11"), 4, "no Runs on 2017-02-11");
    folder.call(&sign("yesterday"), 2, "not a date");
    folder.call(&["attest"], 2, "--key");
    folder.call(&["attest", "--key", "@key", "--out", "@new"], 2, "--day");
    folder.call(&["attest", "--day", "2017-02-08", "--key", "@key.pub", "--out", "@new"], 2, "private key");
    folder.call(&["attest", "--day", "2017-02-08", "--key", "@none", "--out", "@new"], 2, "none");
    folder.call(&["verify", "--key", "@key.pub"], 2, "--root");
    folder.call(&["verify", "--root", "@all", "--key", "@key"], 2, "public key");
    folder.call(&["verify", "--root", "@none"], 2, "none");
    assert!(!folder.path("new").exists());
}

/// A file of another signer, and a file with a byte changed.
#[test]
fn files_that_are_not_what_was_kept() {
    let folder = Folder::new();
    folder.call(&["attest", "keygen", "--out", "@forger"], 0, "");
    folder.call(&["attest", "--through", "2017-02-10", "--key", "@forger", "--out", "@forged"], 0, "");
    folder.call(&["verify", "--root", "@forged"], 0, "which nothing vouches for");
    folder.call(&["verify", "--root", "@forged", "--key", "@key.pub"], 5, "DAMAGED: ");
    let good = std::fs::read(folder.path("all")).unwrap();
    for at in (0..good.len()).step_by(good.len() / 9) {
        let mut bad = good.clone();
        // Into the signature's digits too.
        bad[at] = if bad[at] == b'7' { b'8' } else { b'7' };
        std::fs::write(folder.path("bad"), &bad).unwrap();
        let call = folder.call(&["verify", "--root", "@bad", "--key", "@key.pub"], 5, "DAMAGED: ");
        assert!(call.err.contains("bad: "), "byte {at}: {}", call.err);
    }
    std::fs::write(folder.path("bad"), &good[..good.len() - 1]).unwrap();
    folder.call(&["verify", "--root", "@bad"], 5, "not in canonical form");
    std::fs::write(folder.path("bad"), vec![b'\n'; 2 << 20]).unwrap();
    folder.call(&["verify", "--root", "@bad"], 2, "at most 1048576");
}

#[test]
fn proofs_are_checked_without_the_store() {
    let folder = Folder::new();
    folder.call(&["attest", "proof", "A2/1", "--out", "@proof"], 0, "A2/1 among 2 Runs of 2017-02-09");
    folder.call(&["attest", "proof", "A2/1", "--out", "@proof"], 2, "not written");
    folder.call(&["attest", "proof", "A2/9", "--out", "@none"], 2, "no Run fits");
    let nowhere = folder.path("no-such.db");
    let check = ["attest", "check-proof", "@proof", "--root", "@all", "--key", "@key.pub"];
    folder.on(&nowhere, &check, 0, "PROVEN: A2/1, Run ");
    folder.on(&nowhere, &check[..5], 0, "which nothing vouches for");
    folder.on(
        &nowhere,
        &["attest", "check-proof", "@proof", "--root", "@last"],
        2,
        "has no Runs of 2017-02-09",
    );
    let text = std::fs::read_to_string(folder.path("proof")).unwrap();
    std::fs::write(folder.path("proof"), text.replace("A2", "A3")).unwrap();
    folder.on(
        &nowhere,
        &check,
        5,
        "DAMAGED: A3/1 of 2017-02-09: the proof does not lead to the attested root",
    );
}

/// The store written anew with another actor in one Run, every link made anew: `verify` alone sees nothing.
#[test]
fn a_store_rewritten_with_its_chain() {
    let folder = Folder::new();
    let forged = folder.path("forged.db");
    copy(&forged, 9, "mallory");
    folder.on(&forged, &["verify"], 0, "VERIFIED: 6 Runs");
    let call = folder.on(
        &forged,
        &["verify", "--root", "@all", "--key", "@key.pub"],
        5,
        "DAMAGED: 2 problems in 6 Runs",
    );
    for part in [
        "DAMAGED: A2/1: attested day 2017-02-09: not as attested",
        "DAMAGED: A2/2: attested day 2017-02-10: not",
    ] {
        assert!(call.err.contains(part), "{}", call.err);
    }
    folder.on(&forged, &["verify", "--root", "@last"], 5, "the days before are not as attested");
    // A store that ends before the attested days do, and one that goes on after them.
    let shorter = folder.path("shorter.db");
    copy(&shorter, 2, "test");
    folder.on(&shorter, &["verify"], 0, "VERIFIED: 4 Runs");
    folder.on(
        &shorter,
        &["verify", "--root", "@all"],
        5,
        "attested day 2017-02-10: attested, and not there any more",
    );
    let early = ["attest", "--through", "2017-02-09", "--key", "@key", "--out", "@early"];
    folder.on(&shorter, &early, 0, "ATTESTED: 4 Runs");
    folder.call(&["verify", "--root", "@early", "--key", "@key.pub"], 0, "2017-02-08 to 2017-02-09");
}

/// The first `sequences` Runs of each account in a store of its own; `A2/1` recorded by `actor`.
fn copy(path: &Path, sequences: i64, actor: &str) {
    let good = samebits_replay::open(store()).unwrap();
    let mut other = Store::create(path).unwrap();
    let heads = good.list(&Filter::default()).unwrap();
    for head in heads.iter().filter(|head| head.sequence < sequences) {
        let run = good.get(&head.run_id).unwrap().run;
        let sections = DaySections::new(&run.inputs.market, &run.inputs.risk).unwrap();
        let packed = pack_shared(&run, &sections).unwrap();
        let forged = (head.account.as_str(), head.sequence) == ("A2", 1);
        let actor = if forged { actor } else { &head.actor };
        other.append(&[NewRun { packed: &packed, run: &run, actor, recorded_at: head.recorded_at }]).unwrap();
    }
}
