//! MessagePack that announces much, and documents by columns that grow.

use crate::{LIMITS, bomb, reader};
use samebits_hostile::{Shelf, golden};
use samebits_snapshot::record::{Account, Info, Kept, Market, Method, Outcome, Params, Question};
use samebits_snapshot::{Digest, Error, Manifest, Sealed, Tree, canonical, tree};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Decodes as every type of record; none may be taken in.
fn refused(name: &str, bytes: &[u8]) {
    fn as_type<T: Serialize + DeserializeOwned + std::fmt::Debug>(name: &str, bytes: &[u8]) {
        let read = || canonical::decode_within::<T>("record", bytes, LIMITS.message);
        let found = bomb(name, LIMITS.message, read);
        let typed =
            |error| matches!(error, Error::Limit { .. } | Error::NotCanonical { .. } | Error::Schema { .. });
        assert!(typed(found.unwrap_err()), "{name}");
    }
    as_type::<Manifest>(name, bytes);
    as_type::<Question>(name, bytes);
    as_type::<Method>(name, bytes);
    as_type::<Market>(name, bytes);
    as_type::<Params>(name, bytes);
    as_type::<Account>(name, bytes);
    as_type::<Outcome>(name, bytes);
    as_type::<Kept>(name, bytes);
    as_type::<Info>(name, bytes);
}

#[test]
fn lengths_and_levels_that_are_not_there() {
    let most = [0xff; 8];
    for tag in
        [0xc4, 0xc5, 0xc6, 0xd9, 0xda, 0xdb, 0xdc, 0xdd, 0xde, 0xdf, 0xc7, 0xc8, 0xc9, 0x8f, 0x9f, 0xbf]
    {
        refused("a length", &[&[tag][..], &most[..4]].concat());
        // Inside of lists and maps, each of which announces as much.
        for around in [&[0xdd, 0xff, 0xff, 0xff, 0xff][..], &[0xdf, 0xff, 0xff, 0xff, 0xff, 0xa1, b'a']] {
            refused("lengths in lengths", &[&around.repeat(40), &[tag][..], &most[..4]].concat());
        }
    }
    let most = LIMITS.message as usize;
    for level in [&[0x91][..], &[0x81, 0xa1, b'a'], &[0xdd, 0, 0, 0, 1], &[0xdc, 0, 1]] {
        for levels in [31, 32, 33, 1_000, most / level.len() - 1] {
            refused("levels", &[&level.repeat(levels)[..], &[0xc0]].concat());
        }
    }
    for (head, item) in [(0xdd, &[0xc0][..]), (0xdd, &[0x90]), (0xdd, &[0x80]), (0xdf, &[0xa1, b'a', 0xc0])] {
        for length in [most, most / 100, most / 1_000] {
            let count = (length - 5) / item.len();
            let list =
                [&[head][..], &(count as u32).swap_bytes().to_le_bytes(), &item.repeat(count)].concat();
            refused("many small values", &list);
        }
    }
    refused("beyond the limit", &vec![0xc0; most + 1]);
}

/// Makes the whole record of another value in the place of one of its parts.
type Whole<'a> = &'a dyn Fn(Tree) -> Tree;
/// Is told of a part.
type Put<'a> = &'a mut dyn FnMut(Whole<'_>, &Tree);

/// Hands every list and every text of a record to `put`.
fn swollen(tree: &Tree, put: Put<'_>) {
    fn below(tree: &Tree, whole: Whole<'_>, put: Put<'_>) {
        match tree {
            Tree::List(items) => {
                put(whole, tree);
                for (at, item) in items.iter().enumerate().take(2) {
                    let into = |value: Tree| {
                        let mut items = items.clone();
                        items[at] = value;
                        whole(Tree::List(items))
                    };
                    below(item, &into, put);
                }
            }
            Tree::Map(entries) => {
                for (at, (_, value)) in entries.iter().enumerate() {
                    let into = |value: Tree| {
                        let mut entries = entries.clone();
                        entries[at].1 = value;
                        whole(Tree::Map(entries))
                    };
                    below(value, &into, put);
                }
            }
            Tree::Text(_) | Tree::Bytes(_) => put(whole, tree),
            _ => {}
        }
    }
    below(tree, &|value| value, put);
}

/// Reads `T` with each of its lists and texts swollen, at limits that the bytes just have and at that of all.
fn swell<T: Serialize + DeserializeOwned>(name: &str, value: &T) -> usize {
    let tree = canonical::to_tree("record", value).unwrap();
    let mut tried = 0;
    swollen(&tree, &mut |whole, part| {
        let more: Vec<Tree> = match part {
            Tree::List(items) => {
                let first = items.first().cloned().unwrap_or(Tree::Nil);
                let copies = |item: Tree, count: usize| Tree::List(vec![item; count]);
                let length = tree::write(&first).len();
                let most = LIMITS.message as usize;
                vec![
                    copies(Tree::Nil, 40_000),
                    copies(Tree::Nil, most / 2),
                    copies(Tree::Int(0), 60_000),
                    copies(Tree::List(Vec::new()), 80_000),
                    copies(Tree::Map(Vec::new()), 40_000),
                    copies(first.clone(), 40_000 / length),
                    copies(first, most / length - 1),
                ]
            }
            _ => vec![Tree::Text("x".repeat(1 << 21)), Tree::Bytes(vec![0; 1 << 21])],
        };
        for more in more {
            let bytes = tree::write(&whole(more));
            let read = || canonical::decode_within::<T>("record", &bytes, LIMITS.message).map(drop);
            let _ = bomb(name, LIMITS.message, read);
            tried += 1;
        }
    });
    tried
}

#[test]
fn records_whose_lists_are_long() {
    let run = golden();
    let tried = swell("question", &run.inputs.question)
        + swell("method", &run.method)
        + swell("market", &*run.inputs.market)
        + swell("params", &run.inputs.params)
        + swell("account", &run.inputs.account)
        + swell("outcome", &run.outcome)
        + swell("kept", &Kept::of(&run.outcome))
        + swell("info", &run.info);
    assert!(tried > 100, "{tried}");
}

/// A sealed record of these lengths and columns.
fn record(columns: [u32; 3], documents: [u32; 3], kept: bool, distance: u32, frame: &[u8]) -> Vec<u8> {
    let mut body = vec![0x89, b'S', b'B', b'S', 0x0d, 0x0a, 0x1a, 0x0a, 1, 0, u8::from(kept), 0];
    body.extend(distance.to_le_bytes());
    for length in columns.into_iter().chain(documents) {
        body.extend(length.to_le_bytes());
    }
    body.extend_from_slice(frame);
    let hash = Digest::of("samebits 2026 sealed record", &body);
    body.extend_from_slice(hash.as_bytes());
    body
}

/// All that is asked of a sealed record.
fn open(bytes: &[u8], base: Option<&[u8]>) -> Result<(), Error> {
    let shelf = Shelf::default();
    let sealed = Sealed::read(bytes, &LIMITS)?;
    let unsealed = sealed.open(&sealed.columns(base)?)?;
    unsealed.decided()?;
    unsealed.unpack(&reader(&LIMITS, &shelf)).map(drop)
}

#[test]
fn frames_of_sealed_records() {
    let most = LIMITS.message as u32;
    let zeros = |length: u32| zstd::bulk::compress(&vec![0; length as usize], 19).unwrap();
    for (columns, documents, frame) in [
        ([u32::MAX; 3], [u32::MAX; 3], zeros(9)),
        ([most, 0, 0], [1, 0, 0], zeros(most)),
        ([most - 3, 0, 0], [1; 3], zeros(most - 3)),
        ([most - 3, 0, 0], [1; 3], zeros(64 << 20)),
        ([most - 3, 0, 0], [1; 3], zeros(1)),
        ([1; 3], [most - 3, 0, 0], zeros(3)),
        ([1; 3], [1, 1, most - 5], zeros(3)),
    ] {
        let bytes = record(columns, documents, false, 0, &frame);
        assert!(bomb("a frame", LIMITS.message, || open(&bytes, None)).is_err());
        // With a dictionary as long as columns may be.
        let base = vec![7; most as usize];
        let bytes = record(columns, documents, true, 3, &frame);
        assert!(bomb("a frame", LIMITS.message, || open(&bytes, Some(&base))).is_err());
        assert!(bomb("no base", LIMITS.message, || open(&bytes, None)).is_err());
    }
}

/// Seven bits a byte.
fn varint(mut value: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while value >= 0x80 {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
    bytes
}

#[test]
fn columns_that_grow() {
    let [nil, text, lists, map] = [0_u8, 6, 8, 9];
    let (most, nothing) = (LIMITS.message, [nil]);
    // A list of as many equal values; texts of one length; lists in lists; keys without end; shapes without end.
    let list = |count: u64, below: &[u8]| [&[lists, 0][..], &varint(count), below].concat();
    let mut all = Vec::new();
    for count in [1, most / 2, most, u64::MAX] {
        all.push(list(count, &[nil]));
        all.push(list(count, &list(1, &[nil])));
        all.push(list(count, &[&[text, 0][..], &varint(most)].concat()));
        all.push(list(count, &[map, 1, 0]));
        all.push(list(count, &[&[map][..], &varint(count), &[0; 9]].concat()));
        all.push([&[map, 1][..], &varint(count), &[1, b'a', nil]].concat());
        all.push((0..40).fold(vec![nil], |below, _| list(count, &below)));
    }
    let keys: Vec<u8> =
        (0..4_000_u32).flat_map(|k| [&[4][..], &k.swap_bytes().to_le_bytes()].concat()).collect();
    all.push([&[map, 1][..], &varint(4_000), &keys, &[nil; 4_000]].concat());
    let long: Vec<u8> = (0..4_u8).flat_map(|k| [&varint(1 << 19)[..], &vec![k; 1 << 19]].concat()).collect();
    all.push([&[map, 1][..], &varint(4), &long, &[nil; 4]].concat());
    for columns in &all {
        for document in [1, 100, most / 2, most - 3 - columns.len().min(1 << 21) as u64] {
            for place in 0..3 {
                // The columns of one document; the others are nothing at all.
                let (mut of, mut documents, mut bytes) = ([1; 3], [1; 3], Vec::new());
                (of[place], documents[place]) = (columns.len() as u32, document as u32);
                for part in 0..3 {
                    bytes.extend_from_slice(if part == place { columns } else { &nothing });
                }
                let frame = zstd::bulk::compress(&bytes, 3).unwrap();
                let sealed = record(of, documents, place == 1, 0, &frame);
                assert!(bomb("columns", most, || open(&sealed, None)).is_err());
            }
        }
    }
}
