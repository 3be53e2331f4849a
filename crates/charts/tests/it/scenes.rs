//! One lopsided scene of each kind, and those with none and one point.

use samebits_charts::{
    Axes, Bar, Board, Caption, Curve, Error, Form, Highlight, Line, Mark, bars, board, frontier, lines,
    loglog,
};

/// A name and its picture, in both forms.
pub(crate) fn scenes() -> Result<Vec<(String, String)>, Error> {
    let mut all = Vec::new();
    for (form, ending) in [(Form::File, ""), (Form::Inline, "-inline")] {
        for (name, draw) in KINDS {
            let caption = Caption { id: name, title: "A title", about: None, form };
            all.push((format!("{name}{ending}.svg"), draw(&caption)?));
        }
    }
    Ok(all)
}

type Draw = fn(&Caption<'_>) -> Result<String, Error>;

/// Every kind.
pub(crate) const KINDS: [(&str, Draw); 10] = [
    ("lines", |caption| {
        let days: Vec<String> = (2..25).map(|day| format!("2016-05-{day:02}")).collect();
        let line = |name, slope: f64, bend: f64| Line {
            name,
            points: (0..days.len()).map(|k| 100.0 + slope * k as f64 - bend * ((k * k) % 7) as f64).collect(),
        };
        let all =
            [line("account", 0.4, 0.3), line("account after tax", 0.39, 0.31), line("benchmark", 0.1, -0.2)];
        lines(caption, "value of 100, percent", &days, &all)
    }),
    ("lines-one", |caption| {
        lines(caption, "bp", &["2016-05-02"], &[Line { name: "predicted", points: vec![31.25] }])
    }),
    ("lines-none", |caption| lines::<&str>(caption, "bp", &[], &[])),
    ("bars", |caption| {
        let bar = |name, value| Bar { name, value };
        bars(caption, "basis points", &[bar("tax", 3.25), bar("cost", 0.04), bar("tracking error", -1.5)])
    }),
    ("bars-none", |caption| bars(caption, "bp", &[])),
    ("loglog", |caption| {
        let curve = |name, points: &[(f64, f64)]| Curve { name, points: points.to_vec() };
        let curves = [
            curve("active-set/1", &[(100.0, 0.2), (500.0, 4.1), (1000.0, 21.0)]),
            curve("clarabel/1", &[(100.0, 6.0), (500.0, 300.0)]),
            curve("third", &[(500.0, 4.2)]),
            curve("never", &[]),
        ];
        loglog(caption, &Axes { x: "names", y: "milliseconds" }, &curves)
    }),
    ("frontier", |caption| {
        let points: Vec<(f64, f64)> =
            (0..12).map(|k| (40.0 + 5.0 * f64::from(k), 30.0 / (1.0 + f64::from(k)))).collect();
        let axes = Axes { x: "tracking error, bp", y: "tax and cost, bp" };
        frontier(caption, &axes, &points, Some(Highlight { name: "recorded", at: points[3] }))
    }),
    ("frontier-none", |caption| frontier(caption, &Axes { x: "x", y: "y" }, &[], None)),
    ("board", |caption| {
        let days: Vec<String> = (0..33).map(|day| format!("day {day}")).collect();
        let accounts = ["01-taxable".to_owned(), "02-ls".to_owned()];
        let marks = [Mark::Diverged, Mark::Differ, Mark::Failed, Mark::Open];
        let mut cells = vec![Some(Mark::Identical); 66];
        for (k, mark) in marks.into_iter().enumerate() {
            cells[5 + 9 * k] = Some(mark);
        }
        cells[40] = None;
        board(caption, &Board { days: &days, accounts: &accounts, cells: &cells })
    }),
    ("board-none", |caption| board(caption, &Board { days: &[], accounts: &[], cells: &[] })),
];
