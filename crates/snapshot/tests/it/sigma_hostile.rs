//! Blobs that build upon others, damaged or made to deceive: a typed error, never a panic, never another matrix.

use crate::sigma_golden::frozen;
use crate::sigma_scene::{Kept, NAMES, Own, base, golden, market, model, noise, own, window};
use samebits_snapshot::{
    DayChain, DaySections, Digest, Error, Hints, Kind, Limits, Link, NoBlobs, PanelHint, Reader, Section,
    Shared,
};
use std::sync::Arc;

const HEAD: usize = 72;

fn reader<'a>(limits: &'a Limits, kept: &'a Kept) -> Reader<'a> {
    Reader { limits, blobs: kept, shared: None, predictor: Some(&Own), derive: None }
}

/// The same blob with other stored bytes and a head that fits them.
fn repaired(mut blob: Vec<u8>) -> Vec<u8> {
    let crc = crc32c::crc32c(&blob[HEAD..]);
    let length = (blob.len() - HEAD) as u64;
    blob[16..20].copy_from_slice(&crc.to_le_bytes());
    blob[32..40].copy_from_slice(&length.to_le_bytes());
    blob
}

/// With a checksum that fits, decoders see the bytes: they may find fault or not, the content id does.
#[test]
fn bytes_changed_by_someone_who_mends_the_checksum_never_pass_for_another_matrix() {
    let (named, kept) = frozen();
    let limits = Limits::default();
    let reader = reader(&limits, &kept);
    let mut accepted = 0;
    for (name, good) in &named {
        let content = reader.read_blob(good).unwrap().1;
        let mut check = |bad: Vec<u8>| {
            if let Ok((_, found)) = reader.read_blob(&repaired(bad)) {
                assert_eq!(found, content, "{name}");
                accepted += 1;
            }
        };
        for at in HEAD..good.len() {
            for bit in 0..8 {
                let mut bad = good.clone();
                bad[at] ^= 1 << bit;
                check(bad);
            }
            for value in [0, 1, 127, 128, 255] {
                let mut bad = good.clone();
                bad[at] = value;
                check(bad);
            }
            check(good[..at].to_vec());
        }
        for seed in 0..400 {
            let mut bad = good.clone();
            for hit in 0..4 {
                let at = HEAD + noise(seed * 4 + hit, (good.len() - HEAD) as u64) as usize;
                bad[at] = noise(seed * 4 + hit + 99_991, 256) as u8;
            }
            check(bad);
        }
    }
    // The same value written again, and bits of zstd that mean nothing.
    assert!(accepted > 0);
}

/// The bases of every blob, one missing after another; and another blob in the place of each.
#[test]
fn a_base_that_is_missing_or_another_is_named() {
    let (named, kept) = frozen();
    let limits = Limits::default();
    let mut needed = 0;
    for (name, blob) in &named {
        for (id, bytes) in &kept.0 {
            let mut without = kept.clone();
            without.0.remove(id);
            match reader(&limits, &without).read_blob(blob) {
                Ok(_) => continue,
                Err(Error::MissingBlob { digest, .. }) => assert_eq!(digest, *id, "{name}"),
                Err(other) => panic!("{name} without {id}: {other}"),
            }
            needed += 1;
            for other in kept.0.values().filter(|other| *other != bytes) {
                without.0.insert(*id, other.clone());
                let error = reader(&limits, &without).read_blob(blob).unwrap_err();
                assert!(matches!(error, Error::Damaged { .. }), "{name}: {error}");
            }
        }
    }
    // 17: three matrices; 18 and 20: one; 19: a recipe and one or two panels; the appended panel: one.
    assert_eq!(needed, 3 + 1 + 1 + 2 + 3 + 1);
    let alone = Reader::new(&limits, &NoBlobs);
    assert!(matches!(alone.read_blob(&named["18-previous"]), Err(Error::MissingBlob { .. })));
    for name in ["19-closes-append", "19-closes-keyframe"] {
        let without = Reader { predictor: None, ..reader(&limits, &kept) };
        assert_eq!(without.read_blob(&named[name]).unwrap_err(), Error::NeedsPredictor { part: "sigma" });
        assert_eq!(
            Section::read_blob(&named[name], &limits).unwrap_err(),
            Error::NeedsPredictor { part: "sigma" }
        );
    }
}

/// The id of a base replaced by that of another one of its kind.
#[test]
fn a_base_of_another_size_or_content_is_refused() {
    let (named, kept) = frozen();
    let market = market();
    let small = DaySections::new(&market, &own(20, NAMES - 1)).unwrap();
    let narrow = window(20, NAMES - 1);
    let hint = PanelHint { window: &narrow, base: None };
    let hints = Hints { predictor: Some(&Own), panel: Some(hint), ..Hints::default() };
    let panels = DaySections::with_hints(&market, &own(20, NAMES - 1), &hints).unwrap();
    let mut more = kept;
    more.add(small.blobs());
    more.add(panels.blobs());
    let mut oblong = own(20, NAMES);
    (oblong.sigma.rows, oblong.sigma.cols) = (2 * NAMES, NAMES / 2);
    let oblong = DaySections::new(&market, &oblong).unwrap();
    more.add(oblong.blobs());
    let limits = Limits::default();
    let panel = panels.panel_link().unwrap().id;
    let (append, panel_at) = appended(&more);
    for (blob, at, id) in [
        (&named["18-previous"], HEAD, small.sigma_link().id),
        (&named["20-part"], HEAD, small.sigma_link().id),
        (&named["18-previous"], HEAD, oblong.sigma_link().id),
        (&named["20-part"], HEAD, oblong.sigma_link().id),
        (&named["19-closes-keyframe"], HEAD + 32, panel),
        (&append, panel_at, panel),
    ] {
        let mut bad = blob.clone();
        bad[at..at + 32].copy_from_slice(id.as_bytes());
        let error = reader(&limits, &more).read_blob(&repaired(bad)).unwrap_err();
        assert!(matches!(error, Error::Damaged { .. }), "{error}");
    }
}

/// The frozen panel that continues another, and where it says so.
fn appended(kept: &Kept) -> (Vec<u8>, usize) {
    let append = |blob: &&Vec<u8>| {
        let head = Section::read_head(blob, &Limits::default()).unwrap();
        head.kind == Kind::Panel && blob[HEAD] == 1
    };
    (kept.0.values().find(append).unwrap().clone(), HEAD + 1)
}

/// A part that builds upon itself, by way of a changed id and a checksum that fits.
#[test]
fn a_circle_ends_at_the_limit() {
    let (named, kept) = frozen();
    let limits = Limits::default();
    let (append, panel_at) = appended(&kept);
    for (blob, at, part) in [
        (&named["18-previous"], HEAD, "sigma"),
        (&named["20-part"], HEAD, "sigma"),
        (&append, panel_at, "panel"),
    ] {
        let mut circle = blob.clone();
        let id = Section::read_head(blob, &limits).unwrap().id;
        circle[at..at + 32].copy_from_slice(id.as_bytes());
        let circle = repaired(circle);
        let mut kept = kept.clone();
        kept.0.insert(id, circle.clone());
        let error = reader(&limits, &kept).read_blob(&circle).unwrap_err();
        assert_eq!(error, Error::ChainTooLong { part, allowed: 32 });
    }
}

/// Writers stop in time; a writer that does not is refused by readers.
#[test]
fn chains_are_bounded() {
    let market = market();
    let limits = Limits::default();
    let mut kept = Kept::default();
    let mut last: Option<(Link, samebits_snapshot::PricePanel)> = None;
    for day in 0..34 {
        let now = window(10 + day, NAMES);
        // It always says that it is the first.
        let before = last.as_ref().map(|(link, value)| base(Link { depth: 0, ..*link }, value));
        let panel = Some(PanelHint { window: &now, base: before });
        let hints = Hints { predictor: Some(&Own), panel, ..Hints::default() };
        let sections = DaySections::with_hints(&market, &own(10 + day, NAMES), &hints).unwrap();
        kept.add(sections.blobs());
        let sigma = &kept.0[&sections.sigma_link().id];
        let read = reader(&limits, &kept).read_blob(sigma);
        match day {
            0..=32 => assert!(read.is_ok(), "{day}"),
            _ => assert_eq!(read.unwrap_err(), Error::ChainTooLong { part: "panel", allowed: 32 }),
        }
        let three = Limits { chain: 3, ..limits };
        assert_eq!(reader(&three, &kept).read_blob(sigma).is_ok(), day <= 3);
        last = Some((sections.panel_link().unwrap(), now));
    }
}

/// Days in a row: a keyframe after every 21 appends, and every day is read, with and without parts that are kept.
#[test]
fn a_chain_of_days_has_keyframes_and_is_read_from_any_day() {
    let market = market();
    let limits = Limits::default();
    let mut chain = DayChain::new(Arc::new(Own));
    let (mut kept, mut days) = (Kept::default(), Vec::new());
    for day in 0..50 {
        let risk = own(10 + day, NAMES);
        let sections = chain.day(&market, &risk, Some(window(10 + day, NAMES))).unwrap();
        assert_eq!(sections.panel_link().unwrap().depth, day as u32 % 22, "{day}");
        kept.add(sections.blobs());
        days.push((sections.sigma_link().id, risk.sigma));
    }
    let shared = Shared::new(20_000);
    for reader in [reader(&limits, &kept), Reader { shared: Some(&shared), ..reader(&limits, &kept) }] {
        for (id, sigma) in days.iter().chain(days.iter().rev()) {
            assert_eq!(reader.read_matrix(&kept.0[id]).unwrap(), *sigma);
        }
    }
    assert!(shared.size().0 > 1 && shared.size().1 <= 20_000);
}

/// What is declared is compared with the limits before anything is decoded or fetched.
#[test]
fn sizes_beyond_the_limits_are_refused() {
    let (named, kept) = frozen();
    let raw = 4 * (NAMES * NAMES) as u64;
    for (name, good) in &named {
        let whole = reader(&Limits::default(), &kept).read_blob(good).is_ok();
        assert!(whole);
        for (limits, refused) in [
            (Limits { side: NAMES as u64 - 5, ..Limits::default() }, name.starts_with('1')),
            (Limits { matrix: raw - 1, ..Limits::default() }, name.starts_with('1')),
            (Limits { file: 100, ..Limits::default() }, good.len() > 172),
            // A prediction takes the matrix in twice the width beside it, and the returns.
            (Limits { matrix: raw, ..Limits::default() }, name.starts_with("19")),
        ] {
            let found = reader(&limits, &kept).read_blob(good);
            assert!(!refused || matches!(found, Err(Error::Limit { .. })), "{name} {limits:?}: {found:?}");
        }
    }
    // A head that declares the most there may be, before a payload of a few bytes.
    let mut bomb = named["16-words"][..HEAD].to_vec();
    bomb.extend([0, 1, 4, 1, 0]);
    bomb[8..12].copy_from_slice(&300_u32.to_le_bytes());
    bomb[12..16].copy_from_slice(&300_u32.to_le_bytes());
    bomb[24..32].copy_from_slice(&360_000_u64.to_le_bytes());
    let bomb = repaired(bomb);
    assert!(matches!(reader(&Limits::default(), &kept).read_blob(&bomb), Err(Error::Damaged { .. })));
    let small = Limits { matrix: 359_999, ..Limits::default() };
    assert!(matches!(reader(&small, &kept).read_blob(&bomb), Err(Error::Limit { found: 360_000, .. })));
}

/// Recipes of others, and predictors that answer what they should not.
#[test]
fn a_prediction_that_fails_is_an_error_of_its_own() {
    #[derive(Debug)]
    struct Short;
    impl samebits_snapshot::Predictor for Short {
        fn covariance(
            &self,
            _: &samebits_snapshot::record::Params,
            _: &samebits_snapshot::PricePanel,
        ) -> Result<Vec<f32>, String> {
            Ok(vec![1.0])
        }
    }
    let (named, kept) = frozen();
    let limits = Limits::default();
    let reader = Reader { predictor: Some(&Short), ..reader(&limits, &kept) };
    let error = reader.read_blob(&named["19-closes-append"]).unwrap_err();
    assert!(matches!(error, Error::Prediction { part: "sigma", .. }), "{error}");
    // A writer with such a predictor, or with a recipe that nobody knows, stores the matrix otherwise.
    let today = window(30, NAMES);
    let mut risk = own(30, NAMES);
    for known in [true, false] {
        if !known {
            risk.recipe.settings.clear();
        }
        let predictor: &dyn samebits_snapshot::Predictor = if known { &Short } else { &Own };
        let panel = Some(PanelHint { window: &today, base: None });
        let hints = Hints { predictor: Some(predictor), panel, ..Hints::default() };
        assert!(DaySections::with_hints(&market(), &risk, &hints).unwrap().panel_link().is_none());
    }
}

/// A file whose required features do not tell of its codecs.
#[test]
fn files_say_that_they_need_a_later_reader() {
    let mut run = crate::sample::run();
    let risk = own(20, NAMES);
    run.inputs.market = market().into();
    run.inputs.risk = risk.into();
    let packed = samebits_snapshot::pack(&run).unwrap();
    assert_eq!((packed.bytes[8], packed.bytes[10], packed.bytes[12]), (1, 1, 1));
    let back = samebits_snapshot::unpack(&packed.bytes, &Limits::default(), &NoBlobs).unwrap();
    assert_eq!(back.run, run);
    let mut bad = packed.bytes[..packed.bytes.len() - 40].to_vec();
    bad[12] = 0;
    let hash = Digest::of("samebits 2026 run file", &bad);
    let length = bad.len() as u64 + 40;
    bad.extend_from_slice(hash.as_bytes());
    bad.extend_from_slice(&length.to_le_bytes());
    let error = samebits_snapshot::unpack(&bad, &Limits::default(), &NoBlobs).unwrap_err();
    assert!(error.to_string().contains("features that its codecs need"), "{error}");
    let first = samebits_snapshot::pack(&crate::sample::run()).unwrap();
    assert_eq!((first.bytes[8], first.bytes[10], first.bytes[12]), (1, 0, 0));
    assert!(golden().named.len() == 7 && model(2, vec![0.0; 4]).sigma.rows == 2);
}
