//! Each typed refusal.

use samebits_charts::*;

const CAPTION: Caption<'_> = Caption { id: "p", title: "t", about: None, form: Form::Inline };
const AXES: Axes<'_> = Axes { x: "x", y: "y" };

#[test]
fn numbers_that_are_no_places() {
    for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1.1e15] {
        let bad = |drawn: Result<String, Error>| {
            assert!(matches!(drawn, Err(Error::NotFinite { limit: 1e15, .. })), "{value}: {drawn:?}");
        };
        bad(lines(&CAPTION, "u", &["a", "b"], &[Line { name: "l", points: vec![0.0, value] }]));
        bad(bars(&CAPTION, "u", &[Bar { name: "b", value }]));
        bad(loglog(&CAPTION, &AXES, &[Curve { name: "c", points: vec![(1.0, 1.0), (2.0, value)] }]));
        bad(frontier(&CAPTION, &AXES, &[(value, 0.0)], None));
        bad(frontier(&CAPTION, &AXES, &[], Some(Highlight { name: "h", at: (0.0, value) })));
    }
    for value in [0.0, -1.0, 1e-300] {
        let drawn = loglog(&CAPTION, &AXES, &[Curve { name: "c", points: vec![(1.0, 1.0), (value, 2.0)] }]);
        assert!(matches!(drawn, Err(Error::NotPositive { index: 1, .. })), "{drawn:?}");
    }
}

#[test]
fn extremes_that_are_places() {
    for values in [[1e15, -1e15], [0.0, 0.0], [1e-300, 2e-300], [1e15, 1e15], [-0.0, f64::MIN_POSITIVE]] {
        let svg = lines(&CAPTION, "u", &["a", "b"], &[Line { name: "l", points: values.to_vec() }]).unwrap();
        assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
    }
    let svg = loglog(&CAPTION, &AXES, &[Curve { name: "c", points: vec![(1e-15, 1e15), (1e15, 1e-15)] }]);
    assert!(!svg.unwrap().contains("NaN"));
}

#[test]
fn lists_and_identifiers() {
    let line = Line { name: "l", points: vec![1.0] };
    let drawn = lines(&CAPTION, "u", &["a", "b"], std::slice::from_ref(&line));
    assert_eq!(drawn, Err(Error::Length { series: "l".into(), found: 1, expected: 2 }));
    let drawn = lines(&CAPTION, "u", &["a"], &vec![line; 13]);
    assert_eq!(drawn, Err(Error::TooMany { what: "lines", found: 13, limit: 12 }));
    let drawn = board(&CAPTION, &Board { days: &["d".into()], accounts: &["a".into()], cells: &[] });
    assert!(matches!(drawn, Err(Error::Length { found: 0, expected: 1, .. })));
    for id in ["", "1a", "a b", "a\"", "-a", "\u{e9}", &"a".repeat(65)] {
        let drawn = bars(&Caption { id, ..CAPTION }, "u", &[]);
        assert!(matches!(drawn, Err(Error::Id { .. })), "{id}");
    }
    assert!(bars(&Caption { id: "a-1_B", ..CAPTION }, "u", &[]).is_ok());
}
