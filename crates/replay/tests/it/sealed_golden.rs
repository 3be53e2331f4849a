//! Sealed records of two accounts and the parts they refer to, written once and read for ever: `whole` stores its outcomes,
//! `kept` what the engine derives them from. They protect stores that users have sealed: the form, and that the engine of
//! any later day derives the outcomes of this one.
//!
//! The frames pass through zstd and may be written otherwise one day; their columns, and every id, may not.

use crate::scene::{first_method, fixtures, machine, world};
use samebits_canon::Isa;
use samebits_panel::Panel;
use samebits_rebalance::Layer;
use samebits_replay::simulate::{AccountPlan, Settings, World, demo_accounts, simulate};
use samebits_replay::{Deriver, RiskPredictor};
use samebits_snapshot::record::{Method, Source, Value};
use samebits_snapshot::{
    BlobSource, DaySections, Digest, Limits, Reader, Sealed, Section, Unpacked, account_id, pack_shared,
};
use samebits_store::{Store, StoredRun};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Once;

/// Runs of each account: a base, one upon it, one upon the base two days earlier.
const DAYS: usize = 3;

/// Columns of the panel.
const NAMES: [usize; 9] = [0, 13, 29, 35, 44, 58, 66, 77, 95];

fn folder() -> PathBuf {
    fixtures().join("snapshot/v1/sealed")
}

/// The panel of a few names, with the sectors they are in.
fn few() -> World {
    let all = world().panel();
    let mut securities: Vec<_> = NAMES.map(|at| all.securities[at].clone()).to_vec();
    let used: BTreeSet<u32> = securities.iter().map(|listing| listing.sector).collect();
    let used: Vec<u32> = used.into_iter().collect();
    for listing in &mut securities {
        listing.sector = used.binary_search(&listing.sector).unwrap() as u32;
    }
    World::plain(Panel {
        dates: all.dates.clone(),
        securities,
        sectors: used.iter().map(|&at| all.sectors[at as usize].clone()).collect(),
        closes: all.closes.select(ndarray::Axis(1), &NAMES),
        volumes: all.volumes.select(ndarray::Axis(1), &NAMES),
    })
}

/// What a file of the folder holds, under the name of the file.
#[derive(Debug, Default, PartialEq)]
struct Files {
    /// Blobs by name.
    blobs: BTreeMap<String, Vec<u8>>,
    /// Sealed records by account and sequence.
    records: BTreeMap<(String, i64), Vec<u8>>,
    /// `ids.txt`: blobs by name with their id, then records with the ids of Run, inputs, result and account.
    ids: String,
}

struct Blobs(BTreeMap<Digest, Vec<u8>>);

impl BlobSource for Blobs {
    fn blob(&self, id: &Digest) -> Result<Option<Vec<u8>>, String> {
        Ok(self.0.get(id).cloned())
    }
}

impl Files {
    fn blobs_by_id(&self) -> Blobs {
        Blobs(self.blobs.values().map(|bytes| (id(bytes), bytes.clone())).collect())
    }

    /// The columns of a record, by way of those it builds upon.
    fn columns(&self, account: &str, sequence: i64) -> Vec<u8> {
        let record = &self.records[&(account.to_owned(), sequence)];
        let sealed = Sealed::read(record, &Limits::default()).unwrap();
        let back = i64::from(sealed.distance());
        let base = (back > 0).then(|| self.columns(account, sequence - back));
        sealed.columns(base.as_deref()).unwrap()
    }

    /// The Run of a record: shared parts read, the outcome derived where it is left out.
    fn unpack(&self, account: &str, sequence: i64, isa: Isa) -> Unpacked {
        let (limits, blobs) = (Limits::default(), self.blobs_by_id());
        let (predictor, deriver) = (RiskPredictor::new(isa), Deriver::new(isa));
        let reader = Reader {
            limits: &limits,
            blobs: &blobs,
            shared: None,
            predictor: Some(&predictor),
            derive: Some(&deriver),
        };
        let record = &self.records[&(account.to_owned(), sequence)];
        let sealed = Sealed::read(record, &limits).unwrap();
        sealed.open(&self.columns(account, sequence)).unwrap().unpack(&reader).unwrap()
    }
}

/// The folder as it is.
fn frozen() -> Files {
    let mut files = Files::default();
    for entry in std::fs::read_dir(folder()).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let bytes = std::fs::read(&path).unwrap();
        match path.extension().and_then(|kind| kind.to_str()) {
            Some("blob") => files.blobs.insert(name, bytes),
            Some("sealed") => {
                let (account, sequence) = name.rsplit_once('-').unwrap();
                files.records.insert((account.to_owned(), sequence.parse().unwrap()), bytes)
            }
            other => {
                assert_eq!((name.as_str(), other), ("ids", Some("txt")));
                files.ids = String::from_utf8(bytes).unwrap();
                None
            }
        };
    }
    files
}

/// The accounts of the folder: one by a solver that states no state, one by the newest method.
fn accounts() -> [(AccountPlan, Method); 2] {
    let plan = demo_accounts().unwrap().remove(1);
    let named = |id: &str| {
        // Limits that nine names can meet.
        let limits = [("weight_cap", 0.4), ("factor_limit", 1.0), ("sector_limit", 0.3)];
        let own = Layer::new(
            Source::Account(id.to_owned()),
            limits.map(|(name, limit)| (name, Value::Real(limit))),
        );
        AccountPlan { id: id.to_owned(), layers: vec![plan.layers[0].clone(), own], ..plan.clone() }
    };
    [(named("whole"), first_method()), (named("kept"), samebits_replay::simulate::method())]
}

/// The folder as it would be written now.
fn today() -> Files {
    let (world, mut files) = (few(), Files::default());
    for (plan, method) in accounts() {
        add(&mut files, &world, &plan, method);
    }
    let named: Vec<String> =
        files.blobs.iter().map(|(name, bytes)| format!("{name} {}", id(bytes))).collect();
    files.ids = format!("{}\n{}", named.join("\n"), files.ids);
    files
}

/// Records and seals the days of one account, and adds its records and the parts they refer to.
fn add(files: &mut Files, world: &World, plan: &AccountPlan, method: Method) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.db");
    let settings = Settings {
        days: DAYS,
        accounts: std::slice::from_ref(plan),
        threads: 1,
        machine: machine(Isa::Portable),
        actor: "test",
        recorded_at: 1,
        method,
        execution: None,
    };
    simulate(world, &mut Store::create(&path).unwrap(), &settings, &mut |_| {}).unwrap();
    let store = samebits_replay::open(&path).unwrap();
    let deriver = Deriver::new(Isa::Portable);
    let keep = |stored: &StoredRun| deriver.compact(&stored.run, &stored.ids);
    for (sequence, record) in store.narrow((&plan.id, DAYS as i64), 0, &keep).unwrap().into_iter().enumerate()
    {
        let StoredRun { run, ids, manifest, .. } = store.get(&record.run_id).unwrap();
        assert_eq!(record.kept, plan.id == "kept");
        let (inputs, result) = (manifest.inputs_id, manifest.result_id);
        let line = format!("{}-{sequence} {} {inputs} {result} {}", plan.id, record.run_id, ids.account);
        files.ids += &(line + "\n");
        files.records.insert((plan.id.clone(), sequence as i64), record.bytes);
        let day = DaySections::new(&run.inputs.market, &run.inputs.risk).unwrap();
        for blob in pack_shared(&run, &day).unwrap().blobs {
            let kind = Section::read_head(&blob.bytes, &Limits::default()).unwrap().kind.name();
            let name = format!("{}-{:.8}", kind.replace(' ', "-"), blob.id.to_string());
            files.blobs.insert(name, blob.bytes);
        }
    }
}

fn id(blob: &[u8]) -> Digest {
    Section::read_head(blob, &Limits::default()).unwrap().id
}

/// Writes the folder when it is not there and `SAMEBITS_WRITE_FROZEN=1`; what is there never changes.
fn write() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        if std::env::var_os("SAMEBITS_WRITE_FROZEN").is_some() && !folder().exists() {
            write_to(&folder());
        }
    });
}

fn write_to(folder: &Path) {
    let files = today();
    std::fs::create_dir(folder).unwrap();
    let records =
        files.records.iter().map(|((account, at), bytes)| (format!("{account}-{at}.sealed"), bytes));
    let blobs = files.blobs.iter().map(|(name, bytes)| (format!("{name}.blob"), bytes));
    for (name, bytes) in records.chain(blobs) {
        std::fs::write(folder.join(name), bytes).unwrap();
    }
    std::fs::write(folder.join("ids.txt"), &files.ids).unwrap();
}

/// Ids by the names of files.
fn listed(files: &Files) -> BTreeMap<&str, Vec<&str>> {
    let lines = files.ids.lines().map(|line| line.split(' ').collect::<Vec<_>>());
    lines.map(|words| (words[0], words[1..].to_vec())).collect()
}

#[test]
fn frozen_records_are_read_and_their_outcomes_derived() {
    write();
    let files = frozen();
    let listed = listed(&files);
    for (name, bytes) in &files.blobs {
        assert_eq!(listed[name.as_str()], [id(bytes).to_string()], "{name}");
    }
    let mut distances = Vec::new();
    for ((account, sequence), record) in &files.records {
        let sealed = Sealed::read(record, &Limits::default()).unwrap();
        assert_eq!(sealed.is_kept(), account == "kept");
        distances.push(sealed.distance());
        for isa in Isa::available() {
            let Unpacked { run, manifest, ids } = files.unpack(account, *sequence, isa);
            let found = [manifest.run_id, manifest.inputs_id, manifest.result_id, ids.account];
            let name = format!("{account}-{sequence}");
            assert_eq!(listed[name.as_str()], found.map(|id| id.to_string()), "{name}, {}", isa.name());
            assert_eq!(
                (&run.inputs.question.account, run.inputs.question.sequence),
                (account, *sequence as u64)
            );
            assert_eq!(ids.account, account_id(&run.inputs.account).unwrap());
        }
    }
    assert_eq!(distances, [0, 1, 2, 0, 1, 2]);
    assert_eq!(
        listed.len(),
        files.blobs.len() + files.records.len(),
        "the list names what is there and nothing else"
    );
}

#[test]
fn what_is_sealed_today_has_the_frozen_columns_and_ids() {
    write();
    let (then, now) = (frozen(), today());
    assert_eq!(now.ids, then.ids);
    let names = |files: &Files| files.blobs.keys().cloned().collect::<Vec<String>>();
    assert_eq!(names(&now), names(&then));
    for (account, sequence) in then.records.keys() {
        let (was, is) = (then.columns(account, *sequence), now.columns(account, *sequence));
        let differs = was.iter().zip(&is).position(|(was, is)| was != is);
        assert_eq!((is.len(), differs), (was.len(), None), "{account}-{sequence}: length, first other byte");
        let head = |files: &Files| files.records[&(account.clone(), *sequence)][..40].to_vec();
        assert_eq!(head(&now), head(&then), "{account}-{sequence}");
    }
    for (name, bytes) in &then.blobs {
        let head = |bytes: &[u8]| Section::read_head(bytes, &Limits::default()).unwrap();
        assert_eq!(head(&now.blobs[name]).codec, head(bytes).codec, "{name}");
    }
}
