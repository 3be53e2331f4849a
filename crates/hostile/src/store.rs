//! The rows of a store, some of them changed.

use crate::rows::{Rows, Table};
use crate::scene::days;
use samebits_snapshot::record::Run;
use samebits_snapshot::{DaySections, Digest, Packed, pack_shared};
use samebits_store::{CorrectionHead, End, Filter, NewCorrection, NewRun, RunHead, Store};
use samebits_units::Date;
use std::sync::{Arc, Mutex, OnceLock};

fn packed(run: &Run) -> Packed {
    let day = DaySections::new(&run.inputs.market, &run.inputs.risk).expect("the frozen Run can be written");
    pack_shared(run, &day).expect("the frozen Run can be written")
}

/// Four sealed Runs of one account; one of another as it was recorded, corrected once.
fn whole() -> &'static Table {
    static MADE: OnceLock<Table> = OnceLock::new();
    MADE.get_or_init(|| {
        let rows = Rows::default();
        let mut store = Store::new(Box::new(rows.clone()), None);
        for run in days("A", 4).iter().chain(&days("B", 1)) {
            let packed = packed(run);
            let recorded_at = 1_700_000_000_000_000_000 + run.inputs.question.sequence as i64;
            store
                .append(&[NewRun { packed: &packed, run, actor: "tester", recorded_at }])
                .expect("it is next");
        }
        let sealed = store.narrow(("A", 4), 0, &|_| None).expect("it was just recorded");
        store.put_narrow(&sealed).expect("it was just recorded");
        let mut run = days("B", 1).remove(0);
        run.info.solve_ns += 1;
        run.outcome.iterations += 1;
        let supersedes = store.find("B/0").expect("it was just recorded").run_id;
        let (packed, reason, actor) = (packed(&run), "a price was stale", "auditor");
        let recorded_at = 1_800_000_000_000_000_000;
        store
            .correct(&NewCorrection { supersedes, packed: &packed, run: &run, reason, actor, recorded_at })
            .expect("it corrects a Run");
        rows.table().clone()
    })
}

/// The field that a number names, as bytes that can be changed.
enum Field<'a> {
    Digest(&'a mut Digest),
    Integer(&'a mut i64),
    Day(&'a mut Date),
    Text(&'a mut String),
    Bytes(&'a mut Vec<u8>),
}

fn of_run(head: &mut RunHead, which: u8) -> Field<'_> {
    match which % 12 {
        0 => Field::Text(&mut head.account),
        1 => Field::Integer(&mut head.sequence),
        2 => Field::Day(&mut head.as_of),
        3 => Field::Digest(&mut head.run_id),
        4 => Field::Digest(&mut head.inputs_id),
        5 => Field::Digest(&mut head.result_id),
        6 => Field::Text(&mut head.solver),
        7 => Field::Text(&mut head.status),
        8 => Field::Integer(&mut head.recorded_at),
        9 => Field::Text(&mut head.actor),
        10 => Field::Digest(&mut head.previous),
        _ => Field::Digest(&mut head.link),
    }
}

fn of_correction(head: &mut CorrectionHead, which: u8) -> Field<'_> {
    match which % 9 {
        0 => Field::Text(&mut head.account),
        1 => Field::Integer(&mut head.number),
        2 => Field::Digest(&mut head.supersedes),
        3 => Field::Digest(&mut head.run_id),
        4 => Field::Text(&mut head.reason),
        5 => Field::Text(&mut head.actor),
        6 => Field::Integer(&mut head.recorded_at),
        7 => Field::Digest(&mut head.previous),
        _ => Field::Digest(&mut head.link),
    }
}

fn of_end(end: &mut End, which: u8) -> Field<'_> {
    match which % 5 {
        0 => Field::Text(&mut end.account),
        1 => Field::Integer(&mut end.sequence),
        2 => Field::Digest(&mut end.link),
        3 => Field::Integer(&mut end.corrections),
        _ => Field::Digest(&mut end.correction_link),
    }
}

fn field(table: &mut Table, row: u8, which: u8) -> Option<Field<'_>> {
    let row = usize::from(row);
    let Table { runs, corrections, ends, blobs } = table;
    let counts = [runs.len(), runs.len() + corrections.len(), runs.len() + corrections.len() + ends.len()];
    Some(match row {
        row if row < counts[0] => match which % 13 {
            12 => Field::Bytes(&mut runs[row].record),
            which => of_run(&mut runs[row].head, which),
        },
        row if row < counts[1] => match which % 10 {
            9 => Field::Bytes(&mut corrections[row - counts[0]].record),
            which => of_correction(&mut corrections[row - counts[0]].head, which),
        },
        row if row < counts[2] => of_end(&mut ends[row - counts[1]], which),
        row => match blobs.get_mut(row - counts[2])? {
            (id, _) if which.is_multiple_of(2) => Field::Digest(id),
            (_, bytes) => Field::Bytes(bytes),
        },
    })
}

/// Changes one byte; texts stay texts.
fn change(field: Field<'_>, at: usize, by: u8) {
    match field {
        Field::Digest(id) => {
            let mut bytes = *id.as_bytes();
            bytes[at % 32] ^= by;
            *id = Digest::from_bytes(bytes);
        }
        Field::Integer(value) => *value ^= i64::from(by) << (8 * (at % 8)),
        Field::Day(day) => *day = day.plus_days(i32::from(by)).unwrap_or_default(),
        Field::Text(text) => {
            let mut letters: Vec<char> = text.chars().collect();
            let count = letters.len().max(1);
            if let Some(letter) = letters.get_mut(at % count) {
                *letter = char::from(by ^ (*letter as u8));
            }
            *text = letters.into_iter().collect();
        }
        Field::Bytes(bytes) => {
            let count = bytes.len().max(1);
            if let Some(byte) = bytes.get_mut(at % count) {
                *byte ^= by;
            }
        }
    }
}

/// Row, field (a byte each), where (two bytes), by what (a byte), again and again: whatever was changed is found, by
/// `verify`, and nothing that is handed out is another Run than the one that was asked for.
pub fn store(bytes: &[u8]) {
    let mut table = whole().clone();
    for step in bytes.chunks_exact(5) {
        let at = usize::from(u16::from_le_bytes([step[2], step[3]]));
        if let Some(field) = field(&mut table, step[0], step[1]) {
            change(field, at, step[4]);
        }
    }
    let same = table == *whole();
    let heads: Vec<RunHead> = table.runs.iter().map(|row| row.head.clone()).collect();
    let corrections: Vec<CorrectionHead> = table.corrections.iter().map(|row| row.head.clone()).collect();
    let store = Store::new(Box::new(Rows(Arc::new(Mutex::new(table)))), None);
    let report = store.verify(&mut |_| {});
    assert_eq!(report.problems.is_empty(), same, "{:?}", report.problems);
    for head in heads {
        if let Ok(stored) = store.get(&head.run_id) {
            assert_eq!((stored.manifest.run_id, stored.head.run_id), (head.run_id, head.run_id));
        }
        let _ = store.corrections_of(&head.run_id);
    }
    for head in corrections {
        let _ = store.get_correction(&head.run_id);
    }
    let _ = (store.list(&Filter::default()), store.find("latest"), store.find("A/2"), store.find("B/0"));
    let _ = (store.accounts(), store.narrow(("A", 4), 0, &|_| None), store.size());
}
