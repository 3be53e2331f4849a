//! A small world for the readers: Runs of two accounts, and what a covariance can build upon.

use samebits_snapshot::record::{Matrix32, Params, Run};
use samebits_snapshot::{
    Blob, BlobSource, DaySections, Digest, Hints, Limits, NoBlobs, PanelHint, Predictor, PricePanel, unpack,
};
use samebits_units::Price;
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// Limits of the targets: small, so that what exceeds them is noticed.
pub const LIMITS: Limits = Limits {
    file: 1 << 18,
    manifest: 1 << 14,
    message: 1 << 17,
    side: 400,
    matrix: 1 << 18,
    run: 1 << 19,
    chain: 32,
};

/// The frozen Run of five securities.
pub fn golden() -> Run {
    let bytes = include_bytes!("../../../fixtures/snapshot/v1/sample.run");
    unpack(bytes, &Limits::default(), &NoBlobs).expect("the frozen file is whole").run
}

/// Runs of one account, a day after the other; each leaves the account as it was.
pub fn days(account: &str, count: u64) -> Vec<Run> {
    let first = golden();
    let day = |k: u64| {
        let mut run = first.clone();
        let question = &mut run.inputs.question;
        account.clone_into(&mut question.account);
        (question.sequence, question.as_of) = (k, question.as_of.plus_days(k as i32).unwrap_or_default());
        run.info.solve_ns += k;
        run
    };
    (0..count).map(day).collect()
}

/// A predictor that is cheap: sums of closes, reduced so that they are finite.
#[derive(Debug, Clone, Copy)]
pub struct Closes;

impl Predictor for Closes {
    fn covariance(&self, _recipe: &Params, panel: &PricePanel) -> Result<Vec<f32>, String> {
        let last = panel.closes.rchunks(panel.names).next().ok_or("no session")?;
        let entry = |i: usize, j: usize| {
            let product = last[i].e8().wrapping_mul(last[j].e8());
            (product.rem_euclid(1 << 20)) as f32 * 1e-6 + f32::from(u8::from(i == j))
        };
        let n = panel.names;
        Ok((0..n * n).map(|at| entry(at / n, at % n)).collect())
    }
}

/// Blobs by id.
#[derive(Debug, Default)]
pub struct Shelf(pub(crate) BTreeMap<Digest, Vec<u8>>);

impl Shelf {
    /// Adds a blob, or puts it in the place of another one.
    pub fn put(&mut self, blob: Blob) {
        self.0.insert(blob.id, blob.bytes);
    }
}

impl BlobSource for Shelf {
    fn blob(&self, id: &Digest) -> Result<Option<Vec<u8>>, String> {
        Ok(self.0.get(id).cloned())
    }
}

/// What a covariance of five names may build upon.
#[derive(Debug)]
pub(crate) struct Bases {
    pub(crate) shelf: Shelf,
    /// Ids by number: recipe, covariance, loadings, covariance of factors, specific variances, panel, larger covariance,
    /// a matrix under the kind of a covariance that is not square, a covariance stored as closes.
    pub(crate) ids: Vec<Digest>,
}

/// The names of [`Bases`].
pub(crate) const NAMES: usize = 5;
/// Those of its panel and of the larger covariance.
pub(crate) const MANY: usize = 40;

fn covariance(side: usize) -> Matrix32 {
    let entry = |i: usize, j: usize| {
        let (high, low) = (i.max(j), i.min(j));
        0.01 / (1.0 + high as f32) + 0.003 * (low % 7) as f32 + if i == j { 0.04 } else { 0.0 }
    };
    Matrix32 {
        rows: side,
        cols: side,
        values: (0..side * side).map(|at| entry(at / side, at % side)).collect(),
    }
}

/// Made once.
pub(crate) fn bases() -> &'static Bases {
    static MADE: OnceLock<Bases> = OnceLock::new();
    MADE.get_or_init(|| {
        let run = golden();
        let market = &run.inputs.market;
        let mut shelf = Shelf::default();
        let alone = DaySections::new(market, &run.inputs.risk).expect("the frozen Run can be written");
        let mut ids: Vec<Digest> = alone.blobs()[1..6].iter().map(|blob| blob.id).collect();
        alone.blobs().into_iter().for_each(|blob| shelf.put(blob));
        let close = |at: usize| Price::from_e8(1_000_000 * (4_000 + (at * at % 97) as i64));
        let window = PricePanel { sessions: 20, names: MANY, closes: (0..20 * MANY).map(close).collect() };
        let mut risk = (*run.inputs.risk).clone();
        let values = Closes.covariance(&risk.recipe, &window).expect("twenty sessions");
        risk.sigma = Matrix32 { rows: MANY, cols: MANY, values };
        let hints = Hints {
            predictor: Some(&Closes),
            panel: Some(PanelHint { window: &window, base: None }),
            ..Hints::default()
        };
        let predicted = DaySections::with_hints(market, &risk, &hints).expect("it can be written");
        ids.push(window.id());
        assert_eq!(predicted.panel_link().map(|link| link.id), Some(window.id()));
        let by_closes = predicted.sigma_link().id;
        predicted.blobs().into_iter().for_each(|blob| shelf.put(blob));
        let oblong = Matrix32 { rows: NAMES, cols: 3, values: vec![0.5; 3 * NAMES] };
        for sigma in [covariance(MANY), oblong] {
            risk.sigma = sigma;
            let day = DaySections::new(market, &risk).expect("it can be written");
            ids.push(day.sigma_link().id);
            day.blobs().into_iter().for_each(|blob| shelf.put(blob));
        }
        ids.push(by_closes);
        Bases { shelf, ids }
    })
}
