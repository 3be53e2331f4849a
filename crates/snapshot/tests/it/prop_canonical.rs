//! Canonical bytes: one value, one form.

use proptest::prelude::*;
use samebits_snapshot::tree::write;
use samebits_snapshot::{Error, Tree, canonical, diff, record};

fn leaf() -> impl Strategy<Value = Tree> {
    prop_oneof![
        Just(Tree::Nil),
        any::<bool>().prop_map(Tree::Bool),
        // Every magnitude is as likely as any other, so that every form is met.
        (any::<i64>(), 0_u32..64).prop_map(|(value, bits)| Tree::Int((value >> bits).into())),
        any::<u64>().prop_map(|value| Tree::Int(value.into())),
        any::<f64>().prop_filter("finite", |value| value.is_finite()).prop_map(Tree::Real),
        ".{0,40}".prop_map(Tree::Text),
        proptest::collection::vec(any::<u8>(), 0..300).prop_map(Tree::Bytes),
    ]
}

fn tree() -> impl Strategy<Value = Tree> {
    leaf().prop_recursive(5, 60, 20, |inner| {
        let map = proptest::collection::btree_map(".{0,9}", inner.clone(), 0..20);
        prop_oneof![
            proptest::collection::vec(inner, 0..20).prop_map(Tree::List),
            map.prop_map(|map| Tree::Map(map.into_iter().collect())),
        ]
    })
}

fn read(bytes: &[u8]) -> Result<Tree, Error> {
    canonical::read("test", bytes)
}

proptest! {
    #[test]
    fn a_tree_survives(tree in tree()) {
        let bytes = write(&tree);
        let back = read(&bytes).unwrap();
        prop_assert!(diff(&tree, &back).is_empty());
        prop_assert_eq!(write(&back), bytes);
    }

    #[test]
    fn accepted_bytes_are_the_only_form(bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
        if let Ok(tree) = read(&bytes) {
            prop_assert_eq!(write(&tree), bytes);
        }
    }

    #[test]
    fn a_changed_byte_is_another_value_or_none(
        tree in tree(),
        at in any::<prop::sample::Index>(),
        flip in 1_u8..,
    ) {
        let mut bytes = write(&tree);
        let at = at.index(bytes.len());
        bytes[at] ^= flip;
        if let Ok(other) = read(&bytes) {
            prop_assert!(!diff(&tree, &other).is_empty());
        }
    }

    #[test]
    fn typed_decoding_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
        drop(canonical::decode::<record::Question>("test", &bytes));
        drop(canonical::decode::<record::Outcome>("test", &bytes));
    }
}

#[test]
fn forms_that_are_not_canonical_are_refused() {
    let another = "another form";
    let cases: &[(&[u8], &str)] = &[
        (&[0xcc, 5], another),
        (&[0xcd, 0, 200], another),
        (&[0xce, 0, 0, 1, 44], another),
        (&[0xcf, 0, 0, 0, 0, 0, 1, 0, 0], another),
        (&[0xd0, 5], another),
        (&[0xd1, 0, 200], another),
        (&[0xd0, 0xfb], another),
        (&[0xd2, 0xff, 0xff, 0xfe, 0xd4], another),
        (&[0xd3, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe, 0xd4], another),
        (&[0xd9, 1, b'a'], another),
        (&[0xdc, 0, 1, 0xc0], another),
        (&[0xde, 0, 1, 0xa1, b'a', 0xc0], another),
        (&[0xc5, 0, 1, 7], another),
        (&[0x82, 0xa1, b'b', 0xc0, 0xa1, b'a', 0xc0], another),
        (&[0xca, 0x3f, 0x80, 0, 0], "do not use"),
        (&[0xcb, 0x7f, 0xf8, 0, 0, 0, 0, 0, 0], "not finite"),
        (&[0xcb, 0x7f, 0xf0, 0, 0, 0, 0, 0, 0], "not finite"),
        (&[0x82, 0xa1, b'a', 0xc0, 0xa1, b'a', 0xc2], "stands twice"),
        (&[0x81, 1, 0xc0], "not text"),
        (&[0xc0, 0xc0], "after the value"),
        (&[0xd4, 1, 0], "do not use"),
        (&[0xc1], "do not use"),
        (&[0xa1, 0xff], "UTF-8"),
        (&[], "cut off"),
        (&[0xdd, 0xff, 0xff, 0xff, 0xff], "more items than bytes"),
        (&[0xdf, 0xff, 0xff, 0xff, 0xff], "more items than bytes"),
        (&[0xdb, 0xff, 0xff, 0xff, 0xff, b'a'], "cut off"),
        (&[0xc6, 0xff, 0xff, 0xff, 0xff, 1], "cut off"),
        (&[0x91; 40], "deep"),
    ];
    for (bytes, why) in cases {
        let error = read(bytes).expect_err(why);
        assert!(error.to_string().contains(why), "{bytes:02x?}: {error}");
    }
    assert!(read(&vec![0x91; 10_000_000]).is_err());
}

#[test]
fn what_has_no_form_is_not_written() {
    assert!(matches!(canonical::encode("test", &f64::NAN), Err(Error::NotStorable { .. })));
    assert!(matches!(canonical::encode("test", &f64::NEG_INFINITY), Err(Error::NotStorable { .. })));
    assert_eq!(canonical::encode("test", &-0.0_f64).unwrap(), [0xcb, 0x80, 0, 0, 0, 0, 0, 0, 0]);
}
