//! Writes the named files of `fuzz/corpus`: whole inputs of every target, made of the fixtures.
//!
//! `cargo run -p samebits-hostile --example seeds`
#![allow(clippy::unwrap_used, reason = "the top of a program: it may stop")]

use samebits_hostile::{Closes, days, golden};
use samebits_snapshot::record::{Kept, Matrix32, RiskModel, Run};
use samebits_snapshot::{
    Base, Blob, DaySections, Hints, Limits, Link, MasterHint, PanelHint, Predictor, PreviousHint, PricePanel,
    canonical, pack, pack_interchange, pack_shared, seal,
};
use samebits_units::Price;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn put(target: &str, name: &str, bytes: &[u8]) {
    let folder = root().join("fuzz/corpus").join(target);
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join(name), bytes).unwrap();
}

fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(root().join("fixtures").join(name)).unwrap()
}

fn main() {
    let run = golden();
    let day = DaySections::new(&run.inputs.market, &run.inputs.risk).unwrap();
    for target in ["container", "inspect"] {
        put(target, "golden", &fixture("snapshot/v1/sample.run"));
        put(target, "words", &pack(&run).unwrap().bytes);
        put(target, "interchange", &pack_interchange(&run).unwrap().bytes);
        put(target, "references", &pack_shared(&run, &day).unwrap().bytes);
    }
    messages(&run);
    matrices(&run);
    sealed();
    rows();
    texts();
    tapes();
}

fn messages(run: &Run) {
    let manifest = pack(run).unwrap().manifest;
    let inputs = &run.inputs;
    let kept = Kept::of(&run.outcome);
    let all = [
        canonical::encode("manifest", &manifest),
        canonical::encode("question", &inputs.question),
        canonical::encode("method", &run.method),
        canonical::encode("market", &*inputs.market),
        canonical::encode("params", &inputs.params),
        canonical::encode("account", &inputs.account),
        canonical::encode("outcome", &run.outcome),
        canonical::encode("info", &run.info),
        canonical::encode("kept", &kept),
        canonical::encode("outcome", &run.outcome),
    ];
    let names =
        ["manifest", "question", "method", "market", "params", "account", "outcome", "info", "kept", "any"];
    for ((which, name), bytes) in (0..).zip(names).zip(all) {
        put("message", name, &[&[which], &bytes.unwrap()[..]].concat());
    }
}

fn square(side: usize, by: f32) -> Matrix32 {
    let entry =
        |i: usize, j: usize| by / (1.0 + (i.max(j) * 3 + i.min(j)) as f32) + if i == j { 0.04 } else { 0.0 };
    Matrix32 {
        rows: side,
        cols: side,
        values: (0..side * side).map(|at| entry(at / side, at % side)).collect(),
    }
}

/// The stored bytes of the covariance that `hints` lead to.
fn sigma(run: &Run, risk: &RiskModel, hints: &Hints<'_>) -> Blob {
    let day = DaySections::with_hints(&run.inputs.market, risk, hints).unwrap();
    day.blobs().swap_remove(2)
}

/// A matrix as `B F B' + D`, nearly.
fn by_factors(risk: &RiskModel) -> Matrix32 {
    let (b, f, d) = (&risk.loadings, &risk.factor_model.covariance, &risk.factor_model.specific);
    let n = b.rows;
    let of = |i: usize, c: usize| if c == 0 { 1.0 } else { b.values[i * b.cols + c - 1] };
    let entry = |i: usize, j: usize| {
        let m = f.rows;
        let sum = (0..m * m).fold(0.0, |sum, at| sum + of(i, at / m) * f.values[at] * of(j, at % m));
        if i == j { sum + d.values[i] } else { sum }
    };
    Matrix32 { rows: n, cols: n, values: (0..n * n).map(|at| entry(at / n, at % n)).collect() }
}

fn matrices(run: &Run) {
    let risk = &run.inputs.risk;
    let blobs = DaySections::interchange(&run.inputs.market, risk).unwrap().blobs();
    for (blob, name) in blobs[2..6].iter().zip(["flat", "loadings", "factors", "specific"]) {
        let head = [blob.bytes[0] - 3, blob.bytes[2], blob.bytes[8], blob.bytes[12]];
        put("matrix", name, &[&head, &blob.bytes[72..]].concat());
    }
    let of = |sigma: Matrix32| RiskModel { sigma, ..(**risk).clone() };
    let none = Hints::default();
    for side in [5, 40, 90] {
        let blob = sigma(run, &of(square(side, 0.02)), &none);
        let name = format!("side-{side}");
        match blob.bytes[2] {
            16 => put("words", &name, &[&[side as u8], &blob.bytes[72..]].concat()),
            codec => put("matrix", &name, &[&[0, codec, side as u8, side as u8], &blob.bytes[72..]].concat()),
        }
    }
    put("words", "zeros", &[9, 0, 0]);
    let factors = sigma(run, &of(by_factors(risk)), &none);
    if factors.bytes[2] == 17 {
        put("factor", "near", &factors.bytes[72 + 96..]);
    }
    put("factor", "exact", &[0, 0]);
    // The bases of the target `previous`: the frozen covariance, and one of forty names.
    let link = Link { id: DaySections::new(&run.inputs.market, risk).unwrap().sigma_link().id, depth: 0 };
    let moved = Matrix32 {
        values: risk.sigma.values.iter().map(|value| value * 1.01).collect(),
        ..risk.sigma.clone()
    };
    let previous = PreviousHint { sigma: Base { link, value: &risk.sigma }, directions: &[] };
    let blob = sigma(run, &of(moved), &Hints { previous: Some(previous), ..Hints::default() });
    if blob.bytes[2] == 18 {
        put("previous", "scaled", &[&[0], &blob.bytes[72 + 32..]].concat());
    }
    for base in 0..4 {
        put(
            "previous",
            &format!("base-{base}"),
            &[&[base], &1.0_f64.to_le_bytes()[..], &[0; 9], &[1, 0, 0, 0, 0, 0, 0]].concat(),
        );
    }
    let master = square(40, 0.01);
    let indices: Vec<u32> = (0..20).map(|k| 2 * k).collect();
    let part =
        indices.iter().flat_map(|i| indices.iter().map(|j| master.values[*i as usize * 40 + *j as usize]));
    let part = Matrix32 { rows: 20, cols: 20, values: part.collect() };
    let hint = MasterHint { sigma: Base { link, value: &master }, indices: &indices };
    let blob = sigma(run, &of(part), &Hints { master: Some(hint), ..Hints::default() });
    if blob.bytes[2] == 20 {
        put("gather", "every-other", &[&[20, 1], &blob.bytes[72 + 32..]].concat());
    }
    for base in 0..4 {
        put("gather", &format!("base-{base}"), &[5, base, 1, 0, 0, 0, 0, 0, 0]);
    }
    panels(run);
}

fn panels(run: &Run) {
    let close = |at: usize| Price::from_e8(1_000_000 * (4_000 + (at * at % 97) as i64));
    let window = |from: usize, sessions: usize| PricePanel {
        sessions,
        names: 40,
        closes: (40 * from..40 * (from + sessions)).map(close).collect(),
    };
    let mut risk = (*run.inputs.risk).clone();
    let mut payload = |window: &PricePanel, base: Option<Base<'_, PricePanel>>| {
        risk.sigma =
            Matrix32 { rows: 40, cols: 40, values: Closes.covariance(&risk.recipe, window).unwrap() };
        let panel = Some(PanelHint { window, base });
        let hints = Hints { predictor: Some(&Closes), panel, ..Hints::default() };
        let day = DaySections::with_hints(&run.inputs.market, &risk, &hints).unwrap();
        day.blobs().pop().unwrap().bytes.split_off(72)
    };
    let (first, second) = (window(0, 20), window(1, 20));
    let keyframe = payload(&first, None);
    put("panel", "keyframe", &[&[20, 40], &keyframe[..]].concat());
    let base = Base { link: Link { id: first.id(), depth: 0 }, value: &first };
    let append = payload(&second, Some(base));
    put("panel", "append", &[&[20, 40, 1], &append[33..]].concat());
    put("closes", "exact", &[0, 0]);
    put("closes", "full", &[1, 0]);
    let piece = |kind: u8, codec: u8, rows: u8, cols: u8, short: &[u8]| {
        let length = (short.len() as u16).to_le_bytes();
        [&[kind, codec, rows, cols, 0, 0, length[0], length[1]], short].concat()
    };
    let chain = [
        piece(11, 19, 20, 40, &keyframe),
        piece(11, 19, 20, 40, &[&[1, 0], &append[33..]].concat()),
        piece(3, 19, 40, 40, &[128, 1, 0, 0]),
        piece(3, 18, 40, 40, &[&[2], &1.0_f64.to_le_bytes()[..], &[0; 9], &[1, 0, 0, 0, 0, 0, 0]].concat()),
        piece(3, 20, 5, 5, &[3, 1, 0, 0, 0, 0, 0, 0]),
        piece(3, 17, 5, 5, &[130, 131, 132, 0, 0]),
    ];
    put("blob", "each-upon-the-last", &chain.concat());
    put("blob", "alone", &piece(3, 16, 5, 5, &[0, 0]));
    let market = canonical::encode("market", &*run.inputs.market).unwrap();
    let length = (market.len() as u16).to_le_bytes();
    put("blob", "market", &[&[1, 0, 0, 0, length[0], length[1], length[0], length[1]], &market[..]].concat());
}

fn sealed() {
    for (run, kept) in days("A", 2).iter().zip([true, false]) {
        let day = DaySections::new(&run.inputs.market, &run.inputs.risk).unwrap();
        let record = pack_shared(run, &day).unwrap().bytes;
        let what = kept.then(|| Kept::of(&run.outcome));
        let narrow = seal(&record, &Limits::default(), what.as_ref(), None).unwrap();
        let name = if kept { "kept" } else { "whole" };
        put("sealed", name, &narrow.bytes[..narrow.bytes.len() - 32]);
        let mut columns = vec![u8::from(kept)];
        for length in narrow.bytes[16..40].chunks_exact(4) {
            columns.extend_from_slice(&length[..2]);
        }
        columns.extend_from_slice(&narrow.columns);
        put("columns", name, &columns);
    }
}

fn rows() {
    put("store", "whole", &[]);
    let steps: [(&str, &[u8]); 6] = [
        ("record", &[1, 12, 100, 0, 4]),
        ("link", &[2, 11, 3, 0, 1]),
        ("last-sequence", &[3, 1, 7, 0, 0x7f]),
        ("correction-number", &[5, 1, 7, 0, 0x7f, 5, 1, 0, 0, 0xff]),
        ("end", &[6, 1, 0, 0, 1]),
        ("blob", &[9, 1, 80, 0, 1]),
    ];
    for (name, steps) in steps {
        put("store", name, steps);
    }
}

fn texts() {
    for name in ["day.txt", "proof.txt", "public.pem", "through.txt"] {
        put("attest", name, &fixture(&format!("attest/v1/{name}")));
    }
    put("attest", "secret.pem", samebits_attest::SecretKey::from_seed([7; 32]).to_pem().as_bytes());
    let tables: [(u8, &str, &str); 12] = [
        (0, "closes", "date,AAA,BBB\n2017-02-08,1.5,2\n2017-02-09,1.25,2.01\n"),
        (1, "volumes", "date,AAA,BBB\n2017-02-08,100,0\n2017-02-09,7,8\n"),
        (2, "quotes", "date,AAA,BBB\n2017-02-08,,2\n2017-02-09,1.25,2.01\n"),
        (3, "sectors", "ticker,name,gics_sector\nAAA,Firm A,Energy\nBBB,\"Firm, B\",Utilities\n"),
        (4, "bar-volumes", "date,ticker,open,high,low,close,volume\n2017-02-08,AAA,1,2,1,1.5,100\n"),
        (5, "bars", "date,ticker,open,high,low,close,volume\n2017-02-08,AAA,1,2,1,1.5,100\n"),
        (6, "members", "benchmark,rebalanced,ticker\nx,2017-02-08,AAA\nx,2017-02-08,BBB\nx,2017-02-09,AAA\n"),
        (7, "characteristics", "date,ticker,characteristic,value\n2017-02-08,AAA,book,-0.4207\n"),
        (8, "revisions", "date,ticker,close_2017_08_vintage,close_2018_02_vintage\n2017-02-08,AAA,3,1.5\n"),
        (
            9,
            "curated",
            "ticker,ex_date,kind,detail,price_return_in_panel\nAAA,2017-02-09,split,4:1 unadjusted,-0.0016\n",
        ),
        (9, "splits", "ex_date_est,ticker,ratio_est,fit\n2017-02-09,AAA,4:1,0.9\n"),
        (
            9,
            "distributions",
            "ex_date,ticker,yield_on_prev_close,amount_per_share_est,prev_close,kind\n2017-02-09,AAA,0.0058,0.5,1.5,cash_dividend\n",
        ),
    ];
    for (which, name, text) in tables {
        put("csv", name, &[&[which], text.as_bytes()].concat());
    }
    for name in ["GENHS28", "HS118", "HS21"] {
        let packed = fixture(&format!("qp/{name}.mp.zst"));
        put("instance", &format!("{name}.zst"), &packed);
        put("instance", name, &samebits_instances::unpack(&packed).unwrap());
    }
    put("instance", "portfolio", PORTFOLIO.as_bytes());
    for name in
        ["queue/iceberg", "latency/drawn", "costs/fees", "orders/validation", "runs/a1-30", "latency/series"]
    {
        put("scenario", &name.replace('/', "-"), &fixture(&format!("gate/{name}/scenario.toml")));
    }
}

const PORTFOLIO: &str = r#"{"name":"two","n":2,"gamma":5.0,"sigma":[[0.04,0.01],[0.01,0.09]],"benchmark":[0.5,0.5],
"long_weight":[0.6,0.4],"short_weight":[0,0],"lots":[{"asset":0,"weight":0.6,"gain_per_unit":0.1,"tax_per_unit":0.02},
{"asset":1,"weight":0.4,"tax_per_unit":-0.01}],"buy_max":[0.3,0.3],"cost_buy":[0.001,0.001],"cost_sell":[0.001,0.001],
"long_max":[0.5,0.9],"net_min":1.0,"net_max":1.0,"groups":[{"members":[0,1],"limit":0.05}],"turnover_max":0.4,
"gain_budget":{"total":0.01},"te_max":0.03,"short":{"open_max":0.1,"borrow":[0.01,0.02],"long_gross_max":1.3,
"short_gross_max":0.3},"reference":{"status":"optimal","objective":0.1,"weights":[0.5,0.5]}}"#;

fn tapes() {
    for name in ["flipped-bit", "missing-end", "wrong-count"] {
        put("tape", name, &fixture(&format!("gate/tapes/{name}/damaged.tape")));
    }
    for name in ["composites/oco", "tapes/bars", "tapes/crossed-book", "matching/limits"] {
        put("lines", &name.replace('/', "-"), &fixture(&format!("gate/{name}/tape.csv")));
    }
    put("binary", "orders.dbn", &fixture("tapes/dbn/test_data.mbo.v3.dbn"));
    let report = "8=FIX.4.4|9=150|35=8|37=9|11=maker.3|17=E1|150=F|39=2|55=X|54=1|32=5|31=61828|60=20240808-23:54:00.001|";
    put("fix", "report", report.as_bytes());
    put("fix", "soh", report.replace('|', "\u{1}").as_bytes());
    put("fix", "ours", br#"{"time":5,"order":"a.1","symbol":"X","buy":true,"price":10,"qty":3}"#);
    put("matcher", "some", &[0, 130, 5, 0, 1, 1, 129, 3, 0, 2, 2, 0, 0, 1, 3, 0, 128, 200, 0, 4]);
}
