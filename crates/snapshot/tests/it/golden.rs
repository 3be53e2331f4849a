//! A file of format 1.0, written once and read for ever. It protects Runs that users already hold.
//!
//! The stored bytes of a compressed section may change with the compression library; content and ids may not.

use crate::sample;
use samebits_snapshot::{Limits, NoBlobs, inspect, pack, unpack};

const GOLDEN: &[u8] = include_bytes!("../../../../fixtures/snapshot/v1/sample.run");
const RUN_ID: &str = include_str!("../../../../fixtures/snapshot/v1/sample.id");

#[test]
fn the_frozen_file_is_read() {
    let found = unpack(GOLDEN, &Limits::default(), &NoBlobs).unwrap();
    assert_eq!(found.run, sample::run());
    assert_eq!(found.manifest.run_id.to_string(), RUN_ID.trim());
}

#[test]
fn the_same_run_has_the_same_content_today() {
    let today = pack(&sample::run()).unwrap();
    assert_eq!(today.manifest.run_id.to_string(), RUN_ID.trim());
    let ids = |bytes: &[u8]| -> Vec<_> {
        let found = inspect(bytes, &Limits::default(), &NoBlobs);
        found.sections.iter().map(|inspected| (inspected.section.kind, inspected.section.id)).collect()
    };
    assert_eq!(ids(&today.bytes), ids(GOLDEN));
}
