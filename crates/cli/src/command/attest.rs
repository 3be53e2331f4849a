//! `samebits attest`, and what `verify --root` asks of it

use super::verify;
use crate::arguments::{Attest, AttestCommand, CheckProof, Sign};
use crate::exit::Exit;
use crate::output::{Output, open};
use anyhow::{Context, anyhow};
use samebits_attest::{
    Attestation, Difference, Entry, Error, History, MAX_BYTES, Proof, PublicKey, SecretKey, Span, Statement,
};
use samebits_store::{Filter, Opener, Problem, RunHead, Store};
use samebits_units::Date;
use serde_json::json;
use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

pub(crate) fn run(store: &Opener, wanted: &Attest, output: Output) -> anyhow::Result<Exit> {
    match (&wanted.other, &wanted.sign) {
        (Some(AttestCommand::Keygen { out }), _) => keygen(out, output),
        (Some(AttestCommand::Proof { id, out }), _) => prove(store, id, out, output),
        (Some(AttestCommand::CheckProof(wanted)), _) => check_proof(wanted, output),
        (None, Some(wanted)) => sign(store, wanted, output),
        (None, None) => Err(anyhow!("nothing to do: see samebits attest --help")),
    }
}

fn sign(opener: &Opener, wanted: &Sign, output: Output) -> anyhow::Result<Exit> {
    let key = secret(&wanted.key)?;
    let store = open(opener)?;
    if wanted.verify {
        let report = verify::walk(&store, output);
        if !report.problems.is_empty() {
            return Ok(verify::print(&report, None, output));
        }
    }
    let span = match (wanted.day, wanted.through) {
        (Some(day), _) => Span::Day(day),
        (None, Some(last)) => Span::Through(last),
        (None, None) => return Err(anyhow!("--day or --through is needed")),
    };
    let place = store.place();
    let last = place.rsplit('/').next().unwrap_or(&place);
    let name = wanted.name.as_deref().unwrap_or(last);
    let statement = match history(&store, None, span.last())?.statement(name, span, wanted.list) {
        Ok(statement) => statement,
        Err(error @ Error::Nothing { .. }) => {
            anstream::eprintln!("error: {error}");
            return Ok(Exit::Nothing);
        }
        Err(error) => return Err(error.into()),
    };
    let bytes = statement.sign(&key)?;
    create(&wanted.out, false)?.put(&bytes)?;
    let runs = statement.days.iter().fold(0, |runs, day| runs + day.day.count);
    let (days, root) = (statement.days.len(), statement.root());
    output.json(&json!({
        "file": wanted.out.display().to_string(), "bytes": bytes.len(), "store": name, "days": days, "runs": runs,
        "from": statement.from().to_string(), "through": statement.through.to_string(), "root": root,
        "key": key.public().to_string(), "verified": wanted.verify,
    }));
    output.verdict(format!(
        "ATTESTED: {runs} Runs of {days} days, {} to {}, root {}; keep {} away from the store, and check it with: samebits \
         verify --root {} --key PUB",
        statement.from(),
        statement.through,
        root.short(),
        wanted.out.display(),
        wanted.out.display()
    ));
    Ok(Exit::Same)
}

fn keygen(out: &Path, output: Output) -> anyhow::Result<Exit> {
    let mut public_name = out.as_os_str().to_owned();
    public_name.push(".pub");
    let public_path = PathBuf::from(public_name);
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).map_err(|error| anyhow!("the system gives no random numbers: {error}"))?;
    let key = SecretKey::from_seed(seed);
    let public = key.public();
    // Both files are there before either is written: neither is left without the other because the other exists.
    let public_file = create(&public_path, false)?;
    let file = match create(out, true) {
        Ok(file) => file,
        Err(error) => {
            public_file.take_back();
            return Err(error);
        }
    };
    file.put(key.to_pem().as_bytes())?;
    public_file.put(public.to_pem().as_bytes())?;
    let (private, public_path) = (out.display().to_string(), public_path.display().to_string());
    output.json(&json!({ "private": private, "public": public_path, "key": public.to_string() }));
    output.verdict(format!(
        "key {public}: {private} signs and stays secret; {public_path} is for those who check"
    ));
    Ok(Exit::Same)
}

fn prove(opener: &Opener, id: &str, out: &Path, output: Output) -> anyhow::Result<Exit> {
    let store = open(opener)?;
    // The Run itself is verified before anything is said of it.
    let head = store.get(&store.find(id)?.run_id)?.head;
    let history = history(&store, Some(head.as_of), head.as_of)?;
    let proof = history.proof(head.as_of, &head.account, head.sequence)?;
    let text = proof.to_text();
    Proof::read(text.as_bytes())?;
    create(out, false)?.put(text.as_bytes())?;
    output.json(&json!({
        "file": out.display().to_string(), "bytes": text.len(), "day": head.as_of.to_string(), "account": head.account,
        "sequence": head.sequence, "run_id": head.run_id, "index": proof.index, "count": proof.count,
    }));
    output.verdict(format!(
        "{} bytes written: {}/{} among {} Runs of {}; next: samebits attest check-proof {} --root FILE --key PUB",
        text.len(),
        head.account,
        head.sequence,
        proof.count,
        head.as_of,
        out.display()
    ));
    Ok(Exit::Same)
}

fn check_proof(wanted: &CheckProof, output: Output) -> anyhow::Result<Exit> {
    let kept = Kept::read(&wanted.root, wanted.key.as_deref())?;
    let proof = Proof::read(&bytes(&wanted.file)?).with_context(|| wanted.file.display().to_string())?;
    proof.check(&kept.attestation.statement)?;
    let Entry { account, sequence, run_id, link } = &proof.entry;
    output.json(&json!({
        "day": proof.date.to_string(), "account": account, "sequence": sequence, "run_id": run_id, "link": link,
        "index": proof.index, "count": proof.count, "attestation": kept.json(),
    }));
    output.verdict(format!(
        "PROVEN: {account}/{sequence}, Run {run_id}, is one of the {} of {}; {kept}",
        proof.count, proof.date
    ));
    Ok(Exit::Same)
}

/// An attestation that was kept, and whether its signer was pinned.
pub(super) struct Kept {
    attestation: Attestation,
    pinned: bool,
}

impl Kept {
    /// Reads the file, and compares its signer with the key of `pinned`, if there is one.
    pub(super) fn read(root: &Path, pinned: Option<&Path>) -> anyhow::Result<Self> {
        let attestation = Attestation::read(&bytes(root)?).with_context(|| root.display().to_string())?;
        if let Some(path) = pinned {
            let key = PublicKey::from_pem(&bytes(path)?).with_context(|| path.display().to_string())?;
            attestation.check_key(&key).with_context(|| root.display().to_string())?;
        }
        Ok(Self { attestation, pinned: pinned.is_some() })
    }

    /// Where the store is not as attested.
    pub(super) fn problems(&self, store: &Store) -> anyhow::Result<Vec<Problem>> {
        let statement = &self.attestation.statement;
        let differences = history(store, None, statement.through)?.differences(statement);
        let problem = |difference: Difference| Problem {
            run: difference.run,
            part: format!("attested day {}", difference.date),
            problem: difference.problem.to_string(),
        };
        Ok(differences.into_iter().map(problem).collect())
    }

    pub(super) fn json(&self) -> serde_json::Value {
        let statement = &self.attestation.statement;
        json!({
            "store": statement.store, "from": statement.from().to_string(), "through": statement.through.to_string(),
            "days": statement.days.len(), "root": statement.root(), "key": self.attestation.key.to_string(),
            "key_pinned": self.pinned,
        })
    }
}

impl std::fmt::Display for Kept {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Statement { store, through, .. } = &self.attestation.statement;
        write!(f, "attested for `{store}`, {} to {through}, ", self.attestation.statement.from())?;
        if self.pinned {
            f.write_str("by the key that was given")
        } else {
            write!(
                f,
                "by key {}, which nothing vouches for: give the signer's with --key",
                self.attestation.key
            )
        }
    }
}

/// The Runs of `from` to `last` as attestations know them.
fn history(store: &Store, from: Option<Date>, last: Date) -> anyhow::Result<History> {
    let heads = store.list(&Filter { account: None, from, to: Some(last) })?;
    let entry = |head: RunHead| {
        let RunHead { account, sequence, run_id, link, .. } = head;
        (head.as_of, Entry { account, sequence, run_id, link })
    };
    Ok(heads.into_iter().map(entry).collect())
}

fn secret(path: &Path) -> anyhow::Result<SecretKey> {
    let key = SecretKey::from_pem(&bytes(path)?).with_context(|| path.display().to_string())?;
    if others_can_read(path) {
        anstream::eprintln!("warning: {}: others can read this private key", path.display());
    }
    Ok(key)
}

#[cfg(unix)]
fn others_can_read(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(path).is_ok_and(|file| file.permissions().mode() & 0o077 != 0)
}

#[cfg(not(unix))]
fn others_can_read(_: &Path) -> bool {
    false
}

/// A file's bytes; of a long one, one byte more than any reader takes.
fn bytes(path: &Path) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let opened = File::open(path).with_context(|| path.display().to_string())?;
    opened.take(MAX_BYTES as u64 + 1).read_to_end(&mut bytes).with_context(|| path.display().to_string())?;
    Ok(bytes)
}

/// A file that was not there before.
struct Created<'a> {
    file: File,
    path: &'a Path,
}

/// Creates `path`; for a private one, readable by its owner only.
fn create(path: &Path, private: bool) -> anyhow::Result<Created<'_>> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    if private {
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    }
    let file = options.open(path).with_context(|| format!("{}: not written", path.display()))?;
    Ok(Created { file, path })
}

impl Created<'_> {
    fn put(mut self, bytes: &[u8]) -> anyhow::Result<()> {
        let written = self.file.write_all(bytes).and_then(|()| self.file.sync_all());
        written.with_context(|| self.path.display().to_string())
    }

    /// Removes the file, which is still empty.
    fn take_back(self) {
        // What stands in the way is said by the error that led here.
        let _ = std::fs::remove_file(self.path);
    }
}
