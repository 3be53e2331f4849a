//! Covariances under every codec: bytes, and the time to write and to read them, on one core.
//!
//! `cargo run --release -p samebits-snapshot --example sigma -- [FOLDER]`: the frozen prices, and seeded ones in cents for 500
//! and 3,000 names; with FOLDER also the largest complete universe of its wide table of closes.
#![expect(clippy::print_stdout, clippy::disallowed_methods, reason = "a program that measures")]

use ndarray::{Array2, ArrayView2, s};
use samebits_canon::Isa;
use samebits_panel::Panel;
use samebits_riskmodel::{Recipe, Scratch, covariance, recomputed_in};
use samebits_snapshot::record::{
    Benchmark, FactorModel, Law, Market, Matrix32, Params, RiskModel, Setting, Source, Value,
};
use samebits_snapshot::{
    Base, Blob, BlobSource, DaySections, Digest, Hints, Limits, MasterHint, PanelHint, Predictor,
    PreviousHint, PricePanel, Reader, Section, Shared,
};
use samebits_units::{Date, Money, Price};
use std::path::Path;
use std::sync::Mutex;
use std::time::Instant;

/// Days that are appended before the one that is measured.
const APPENDED: usize = 10;

#[derive(Debug, Default)]
struct Model(Mutex<Scratch>);

impl Predictor for Model {
    fn covariance(&self, _recipe: &Params, panel: &PricePanel) -> Result<Vec<f32>, String> {
        let closes = ArrayView2::from_shape((panel.sessions, panel.names), &panel.closes)
            .map_err(|error| error.to_string())?;
        let mut scratch = self.0.lock().map_err(|error| error.to_string())?;
        recomputed_in(Isa::detect(), &Recipe::default(), closes, &mut scratch)
            .map_err(|error| error.to_string())
    }
}

struct Store<'a>(&'a [Blob]);

impl BlobSource for Store<'_> {
    fn blob(&self, id: &Digest) -> Result<Option<Vec<u8>>, String> {
        Ok(self.0.iter().find(|blob| blob.id == *id).map(|blob| blob.bytes.clone()))
    }
}

fn main() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/prices");
    println!(
        "| names | codec | bytes of sigma | with its panel | encode ms | decode ms, bases kept | GB/s | nothing kept |"
    );
    println!("|---|---|---|---|---|---|---|---|");
    measure(&Panel::load(&dir).expect("the frozen prices").closes, "");
    if let Some(folder) = std::env::args().nth(1).filter(|folder| folder != "small") {
        measure(&Panel::load_sp500(Path::new(&folder)).expect("a folder of prices").closes, "");
    }
    measure(&synthetic(500), ", synthetic");
    if std::env::args().nth(1).as_deref() != Some("small") {
        measure(&synthetic(3000), ", synthetic");
    }
}

/// Random walks in cents with a common part, from a fixed seed: prices from 5 to 500, daily moves of 1 to 2.5 %.
fn synthetic(names: usize) -> Array2<Price> {
    let sessions = Recipe::default().sessions() + APPENDED;
    let mut state = 20_261_121_u64;
    let mut uniform = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as f64 / f64::from(1 << 24)
    };
    // Twelve uniforms make nearly a normal variable.
    let mut normal = move || (0..12).fold(-6.0, |sum, _| sum + uniform());
    let mut today: Vec<f64> = (0..names).map(|at| 5.0 + 495.0 * ((at * 37 % 1000) as f64 / 1000.0)).collect();
    let mut closes = Vec::with_capacity(sessions * names);
    for _ in 0..sessions {
        let common = 0.009 * normal();
        for (at, price) in today.iter_mut().enumerate() {
            let move_by = common + (0.01 + 0.015 * (at % 7) as f64 / 6.0) * normal();
            *price = samebits_canon::max(*price * (1.0 + move_by), 0.5);
            closes.push(Price::from_e8((*price * 100.0).round() as i64 * 1_000_000));
        }
    }
    Array2::from_shape_vec((sessions, names), closes).expect("sessions x names")
}

fn window(closes: &Array2<Price>, last: usize) -> PricePanel {
    let sessions = Recipe::default().sessions();
    let rows = closes.slice(s![last + 1 - sessions..=last, ..]);
    PricePanel { sessions, names: rows.ncols(), closes: rows.iter().copied().collect() }
}

fn risk(window: &PricePanel) -> RiskModel {
    let n = window.names;
    let view = ArrayView2::from_shape((window.sessions, n), &window.closes).expect("whole");
    let dates: Vec<Date> = (0..window.sessions as i32).filter_map(Date::from_days).collect();
    let sigma = covariance(Isa::detect(), &Recipe::default(), &dates, view).expect("positive definite").sigma;
    with_sigma(n, sigma)
}

/// The return that entered the window and the one that left it, minus the mean of the window before.
fn directions(closes: &Array2<Price>, last: usize) -> Vec<Vec<f32>> {
    let sessions = Recipe::default().sessions();
    let price = |session: usize, at: usize| closes[[session, at]].e8() as f64;
    let of = |session: usize, at: usize| price(session, at) / price(session - 1, at) - 1.0;
    let mean = |at: usize| {
        (last + 1 - sessions..last).fold(0.0, |sum, session| sum + of(session, at)) / (sessions - 1) as f64
    };
    let vector = |session: usize| (0..closes.ncols()).map(|at| (of(session, at) - mean(at)) as f32).collect();
    vec![vector(last), vector(last + 1 - sessions)]
}

/// A model of one factor beside `sigma`.
fn with_sigma(n: usize, sigma: Vec<f32>) -> RiskModel {
    let matrix = |rows, cols, values| Matrix32 { rows, cols, values };
    let loading = |at: usize| ((at as u32 + 7).wrapping_mul(2_654_435_761) >> 8) as f32 / 8_388_608.0 - 1.0;
    let setting = Setting { value: Value::Real(0.031_234), source: Source::Default };
    RiskModel {
        recipe: Params { settings: [("shrinkage_intensity".to_owned(), setting)].into() },
        factors: vec!["one".to_owned()],
        sigma: matrix(n, n, sigma),
        loadings: matrix(n, 1, (0..n).map(loading).collect()),
        factor_model: FactorModel {
            covariance: matrix(2, 2, vec![0.02, 0.001, 0.001, 0.004]),
            specific: matrix(n, 1, (0..n).map(|at| 0.06 + 0.05 * loading(at + 77_777)).collect()),
        },
    }
}

/// The same factor model in `f32` arithmetic of another order, as a foreign library might have it.
fn foreign(risk: &RiskModel) -> RiskModel {
    let n = risk.sigma.rows;
    let (l, f, d) =
        (&risk.loadings.values, &risk.factor_model.covariance.values, &risk.factor_model.specific.values);
    let entry = |i: usize, j: usize| {
        let common = f[0] + f[1] * (l[i] + l[j]) + f[3] * (l[i] * l[j]);
        if i == j { common + d[i] } else { common }
    };
    with_sigma(n, (0..n * n).map(|at| entry(at / n, at % n)).collect())
}

fn market() -> Market {
    Market {
        as_of: Date::default(),
        currency: "USD".to_owned(),
        securities: Vec::new(),
        sectors: Vec::new(),
        prices: Vec::new(),
        benchmark: Benchmark { id: "none".to_owned(), rebalanced: Date::default(), weights: Vec::new() },
        alpha: Vec::new(),
        borrow: Vec::new(),
        law: Law {
            id: "none".to_owned(),
            long_term_years: 1,
            wash_days: 30,
            loss_limit: Money::ZERO,
            system: None,
        },
        laws: Vec::new(),
        actions: Vec::new(),
        execution: None,
    }
}

fn measure(closes: &Array2<Price>, what: &str) {
    let (last, n) = (closes.nrows() - 1, closes.ncols());
    let (market, model) = (market(), Model::default());
    let predictor: Option<&dyn Predictor> = Some(&model);
    let day = |risk: &RiskModel, hints: &Hints<'_>| {
        DaySections::with_hints(&market, risk, hints).expect("storable")
    };
    // A keyframe, appends, and the day before the one that is measured.
    let mut blobs = Vec::new();
    let mut base: Option<(samebits_snapshot::Link, PricePanel)> = None;
    for session in last - APPENDED..last {
        let window = self::window(closes, session);
        let before = base.as_ref().map(|(link, value)| Base { link: *link, value });
        let panel = Some(PanelHint { window: &window, base: before });
        let sections = day(&risk(&window), &Hints { predictor, panel, ..Hints::default() });
        base = sections.panel_link().map(|link| (link, window));
        blobs.extend(sections.blobs());
    }
    let (link, before) = base.expect("a panel");
    let yesterday = risk(&before);
    let plain = DaySections::new(&market, &yesterday).expect("storable");
    blobs.retain(|blob| blob.id != plain.sigma_link().id);
    blobs.extend(plain.blobs());
    let window = self::window(closes, last);
    let today = risk(&window);
    let by_factors = foreign(&today);
    let indices: Vec<u32> = (0..n as u32).filter(|at| at % 3 != 1).collect();
    let entry = |i: u32, j: u32| yesterday.sigma.values[i as usize * n + j as usize];
    let part = indices
        .iter()
        .flat_map(|&i| indices.iter().map(move |&j| (i, j)))
        .map(|(i, j)| entry(i, j))
        .collect();
    let part = with_sigma(indices.len(), part);
    let sigma = || Base { link: plain.sigma_link(), value: &yesterday.sigma };
    let directions = directions(closes, last);
    let forms: [(&str, &RiskModel, &dyn Fn() -> DaySections); 9] = [
        ("flat LZ4", &today, &|| DaySections::interchange(&market, &today).expect("storable")),
        ("alone", &today, &|| DaySections::new(&market, &today).expect("storable")),
        ("foreign, alone", &by_factors, &|| DaySections::new(&market, &by_factors).expect("storable")),
        ("foreign, factor model", &by_factors, &|| day(&by_factors, &Hints::default())),
        ("previous day", &today, &|| {
            let previous = Some(PreviousHint { sigma: sigma(), directions: &directions });
            day(&today, &Hints { previous, ..Hints::default() })
        }),
        ("previous day, searched", &today, &|| {
            let previous = Some(PreviousHint { sigma: sigma(), directions: &[] });
            day(&today, &Hints { previous, ..Hints::default() })
        }),
        ("closes, keyframe", &today, &|| {
            let panel = Some(PanelHint { window: &window, base: None });
            day(&today, &Hints { predictor, panel, ..Hints::default() })
        }),
        ("closes, chained", &today, &|| {
            let panel = Some(PanelHint { window: &window, base: Some(Base { link, value: &before }) });
            day(&today, &Hints { predictor, panel, ..Hints::default() })
        }),
        ("part of a universe", &part, &|| {
            let master = Some(MasterHint { sigma: sigma(), indices: &indices });
            day(&part, &Hints { master, ..Hints::default() })
        }),
    ];
    for (name, risk, encode) in forms {
        row(&format!("{}{what}", risk.sigma.rows), name, &blobs, encode, predictor);
    }
}

fn row(
    names: &str,
    name: &str,
    stored: &[Blob],
    encode: &dyn Fn() -> DaySections,
    predictor: Option<&dyn Predictor>,
) {
    let encode_ms = best(&mut || drop(encode()));
    let sections = encode();
    let own = sections.blobs();
    let id = sections.sigma_link().id;
    let sigma = own.iter().find(|blob| blob.id == id).expect("sigma").bytes.clone();
    let panel = sections.panel_link().and_then(|link| own.iter().find(|blob| blob.id == link.id));
    let others = own.iter().filter(|blob| blob.id != id && stored.iter().all(|known| known.id != blob.id));
    let all: Vec<Blob> = stored.iter().filter(|blob| blob.id != id).chain(others).cloned().collect();
    let (limits, source) = (Limits::default(), Store(&all));
    let raw = Section::read_head(&sigma, &limits).expect("a head").raw_length as f64;
    let cold = Reader { limits: &limits, blobs: &source, shared: None, predictor, derive: None };
    let cold_ms = best(&mut || drop(cold.read_matrix(&sigma).expect("whole")));
    let kept_ms = kept(&cold, &sigma, panel, stored);
    let with_panel = sigma.len() + panel.map_or(0, |panel| panel.bytes.len());
    println!(
        "| {names} | {name}: {} | {} | {with_panel} | {encode_ms:.2} | {kept_ms:.2} | {:.2} | {cold_ms:.2} |",
        Section::read_head(&sigma, &limits).expect("a head").codec.name(),
        sigma.len(),
        raw / kept_ms / 1e6,
    );
}

/// Milliseconds when the day before was read just now, as it is when days are read in their order.
fn kept(cold: &Reader<'_>, sigma: &[u8], panel: Option<&Blob>, stored: &[Blob]) -> f64 {
    let limits = Limits::default();
    let mut least = f64::INFINITY;
    for _ in 0..20 {
        let shared = Shared::default();
        let reader = Reader { shared: Some(&shared), ..*cold };
        if panel.is_some() {
            let kind = |blob: &Blob| Section::read_head(&blob.bytes, &limits).expect("a head").kind;
            let before = stored.iter().rfind(|blob| kind(blob) == samebits_snapshot::Kind::Panel);
            reader.read_blob(&before.expect("a panel").bytes).expect("whole");
        } else {
            reader.read_matrix(sigma).expect("whole");
        }
        let start = Instant::now();
        drop(reader.read_matrix(sigma).expect("whole"));
        least = samebits_canon::min(least, start.elapsed().as_secs_f64() * 1e3);
    }
    least
}

/// Milliseconds of the fastest of several runs.
fn best(work: &mut dyn FnMut()) -> f64 {
    let mut best = f64::INFINITY;
    let begun = Instant::now();
    for turn in 0..200 {
        let start = Instant::now();
        work();
        best = samebits_canon::min(best, start.elapsed().as_secs_f64() * 1e3);
        if turn >= 2 && begun.elapsed().as_secs() >= 2 {
            break;
        }
    }
    best
}
