//! Portfolio problems as JSON: lots, limits and a covariance, in the words of the field.

use crate::{Error, Limits};
use base64::Engine;
use ndarray::Array2;
use samebits_qp::{Problem, Risk, RowLimit, TradeVariable};
use serde::Deserialize;

/// The file's fields. Weights are fractions of net asset value; a missing or null limit is absent.
#[derive(Debug, Deserialize)]
struct File {
    name: String,
    n: usize,
    gamma: f64,
    #[serde(default)]
    sigma_f32_le_base64_row_major: Option<String>,
    #[serde(default)]
    sigma: Option<Vec<Vec<f64>>>,
    #[serde(default)]
    loadings_f32_le_base64_row_major: Option<String>,
    #[serde(default)]
    loadings_shape: Option<[usize; 2]>,
    benchmark: Vec<f64>,
    long_weight: Vec<f64>,
    #[serde(default)]
    short_weight: Vec<f64>,
    lots: Vec<Lot>,
    buy_max: Vec<f64>,
    cost_buy: Vec<f64>,
    cost_sell: Vec<f64>,
    long_max: Vec<f64>,
    net_min: f64,
    net_max: f64,
    #[serde(default)]
    factor_limit: Option<Vec<Option<f64>>>,
    #[serde(default)]
    groups: Vec<Group>,
    #[serde(default)]
    turnover_max: Option<f64>,
    #[serde(default)]
    gain_budget: Option<GainBudget>,
    #[serde(default)]
    te_max: Option<f64>,
    #[serde(default)]
    short: Option<Short>,
    #[serde(default)]
    reference: Option<Reference>,
}

#[derive(Debug, Deserialize)]
struct Lot {
    asset: usize,
    weight: f64,
    #[serde(default)]
    gain_per_unit: f64,
    tax_per_unit: f64,
}

#[derive(Debug, Deserialize)]
struct Group {
    members: Vec<usize>,
    limit: f64,
}

#[derive(Debug, Deserialize)]
struct GainBudget {
    total: Option<f64>,
}

#[derive(Debug, Deserialize)]
#[expect(clippy::struct_field_names, reason = "the names of the file")]
struct Short {
    open_max: f64,
    borrow: Vec<f64>,
    long_gross_max: Option<f64>,
    short_gross_max: Option<f64>,
}

/// What another solver found, where the file says so.
#[derive(Debug, Clone, Deserialize)]
pub struct Reference {
    /// `optimal` or `infeasible`.
    pub status: String,
    /// The objective, borrow on the shorts held included.
    #[serde(default)]
    pub objective: Option<f64>,
    /// The weights.
    #[serde(default)]
    pub weights: Option<Vec<f64>>,
}

/// A portfolio problem of a file.
#[derive(Debug, Clone)]
pub struct Portfolio {
    /// Its name.
    pub name: String,
    /// The problem.
    pub problem: Problem,
    /// Part of the objective that no trade changes: borrow on the shorts held.
    pub constant: f64,
    /// What each row limits.
    pub rows: Vec<String>,
    /// What another solver found.
    pub reference: Option<Reference>,
}

/// Reads the JSON form.
///
/// # Errors
/// [`Error`] with the field that is wrong. The problem itself is [validated](Problem::validate) too.
pub fn portfolio(json: &[u8]) -> Result<Portfolio, Error> {
    within(json, &Limits::default())
}

/// As [`portfolio`], within limits.
pub(crate) fn within(json: &[u8], limits: &Limits) -> Result<Portfolio, Error> {
    let file: File = serde_json::from_slice(json).map_err(|error| Error::Json(error.to_string()))?;
    file.check(limits)?;
    let mut builder = Builder::new(&file, limits)?;
    builder.rows(&file)?;
    let portfolio = Portfolio {
        name: file.name,
        problem: builder.problem,
        constant: builder.constant,
        rows: builder.names,
        reference: file.reference,
    };
    portfolio.problem.validate()?;
    Ok(portfolio)
}

impl File {
    fn check(&self, limits: &Limits) -> Result<(), Error> {
        if self.n > limits.assets {
            return Err(Error::field("n", format!("{} assets, at most {}", self.n, limits.assets)));
        }
        for (field, found) in [
            ("benchmark", self.benchmark.len()),
            ("long_weight", self.long_weight.len()),
            ("buy_max", self.buy_max.len()),
            ("cost_buy", self.cost_buy.len()),
            ("cost_sell", self.cost_sell.len()),
            ("long_max", self.long_max.len()),
        ] {
            if found != self.n {
                return Err(Error::field(field, format!("{found} entries, expected {}", self.n)));
            }
        }
        if let Some(lot) = self.lots.iter().position(|lot| lot.asset >= self.n) {
            let found = self.lots[lot].asset;
            return Err(Error::field(&format!("lots[{lot}].asset"), format!("{found} of {}", self.n)));
        }
        if let Some(short) = &self.short {
            for (field, found) in
                [("short.borrow", short.borrow.len()), ("short_weight", self.short_weight.len())]
            {
                if found != self.n {
                    return Err(Error::field(field, format!("{found} entries, expected {}", self.n)));
                }
            }
        }
        Ok(())
    }

    fn sigma(&self) -> Result<Array2<f64>, Error> {
        if let Some(text) = &self.sigma_f32_le_base64_row_major {
            return matrix("sigma_f32_le_base64_row_major", text, self.n, self.n);
        }
        let rows = self.sigma.as_ref().ok_or_else(|| Error::field("sigma", "missing".to_owned()))?;
        let wrong = || Error::field("sigma", format!("expected {0} rows of {0} numbers", self.n));
        if rows.len() != self.n || rows.iter().any(|row| row.len() != self.n) {
            return Err(wrong());
        }
        Array2::from_shape_vec((self.n, self.n), rows.concat()).map_err(|_| wrong())
    }
}

struct Builder {
    problem: Problem,
    /// Gain of each trade variable.
    gains: Vec<f64>,
    /// Of each trade variable: how it changes the long part of its asset, and the short part.
    long: Vec<f64>,
    short: Vec<f64>,
    constant: f64,
    names: Vec<String>,
    limits: Limits,
    /// Bytes that its numbers may still take.
    left: u64,
}

impl Builder {
    fn new(file: &File, limits: &Limits) -> Result<Self, Error> {
        let n = file.n;
        // The covariance, and what it is made of.
        let left = limits.memory.checked_sub(12 * (n as u64).pow(2));
        let left = left.ok_or(Error::TooLarge { what: "bytes of numbers", most: limits.memory })?;
        let mut found = Self {
            problem: Problem {
                gamma: file.gamma,
                risk: Risk::Dense(file.sigma()?).into(),
                benchmark: file.benchmark.clone(),
                start: file.long_weight.clone(),
                alpha: vec![0.0; n],
                lower: vec![0.0; n],
                upper: file.long_max.clone(),
                trades: Vec::new(),
                rows: Vec::new(),
                risk_cap: file.te_max,
            },
            gains: Vec::new(),
            long: Vec::new(),
            short: Vec::new(),
            constant: 0.0,
            names: Vec::new(),
            limits: *limits,
            left,
        };
        for i in 0..n {
            let room = file.long_max[i] - file.long_weight[i];
            let most = if file.short.is_some() { samebits_canon::max(room, 0.0) } else { f64::INFINITY };
            let upper = samebits_canon::min(file.buy_max[i], most);
            found.trade(i, 1.0, file.cost_buy[i], upper, [0.0, 1.0, 0.0]);
        }
        for lot in &file.lots {
            let cost = file.cost_sell[lot.asset] + lot.tax_per_unit;
            found.trade(lot.asset, -1.0, cost, lot.weight, [lot.gain_per_unit, -1.0, 0.0]);
        }
        if let Some(short) = &file.short {
            found.problem.lower.fill(f64::NEG_INFINITY);
            found.problem.upper.fill(f64::INFINITY);
            for i in 0..n {
                found.constant += short.borrow[i] * file.short_weight[i];
                found.problem.start[i] -= file.short_weight[i];
                let open = file.cost_sell[i] + short.borrow[i];
                found.trade(i, -1.0, open, short.open_max, [0.0, 0.0, 1.0]);
                let cover = file.cost_buy[i] - short.borrow[i];
                found.trade(i, 1.0, cover, file.short_weight[i], [0.0, 0.0, -1.0]);
            }
        }
        Ok(found)
    }

    fn trade(&mut self, asset: usize, sign: f64, cost: f64, upper: f64, [gain, long, short]: [f64; 3]) {
        self.problem.trades.push(TradeVariable { asset: Some(asset), sign, cost, upper });
        self.gains.push(gain);
        self.long.push(long);
        self.short.push(short);
    }

    fn row(
        &mut self,
        name: String,
        on_weights: Vec<f64>,
        on_trades: Vec<f64>,
        [lower, upper]: [f64; 2],
    ) -> Result<(), Error> {
        // Its numbers, and its name and the rest of it.
        let bytes = 8 * (on_weights.len() + on_trades.len()) as u64 + 256;
        let most = self.limits.memory;
        self.left = self.left.checked_sub(bytes).ok_or(Error::TooLarge { what: "bytes of numbers", most })?;
        self.names.push(name);
        self.problem.rows.push(RowLimit { on_weights, on_trades, lower, upper });
        Ok(())
    }

    /// `|a' (w - benchmark)| <= limit`.
    fn active(&mut self, name: String, a: Vec<f64>, limit: f64) -> Result<(), Error> {
        let centre = samebits_canon::dot(&a, &self.problem.benchmark);
        self.row(name, a, Vec::new(), [centre - limit, centre + limit])
    }

    fn rows(&mut self, file: &File) -> Result<(), Error> {
        let n = file.n;
        self.row("net".to_owned(), vec![1.0; n], Vec::new(), [file.net_min, file.net_max])?;
        self.factors(file)?;
        for (k, group) in file.groups.iter().enumerate() {
            let mut members = vec![0.0; n];
            for &member in &group.members {
                let wrong = || Error::field(&format!("groups[{k}].members"), format!("{member} of {n}"));
                *members.get_mut(member).ok_or_else(wrong)? = 1.0;
            }
            self.active(format!("group {k}"), members, group.limit)?;
        }
        let most = f64::NEG_INFINITY;
        if let Some(limit) = file.turnover_max {
            let on_trades = vec![1.0; self.problem.trades.len()];
            self.row("turnover".to_owned(), Vec::new(), on_trades, [most, limit])?;
        }
        if let Some(limit) = file.gain_budget.as_ref().and_then(|budget| budget.total) {
            self.row("gain budget".to_owned(), Vec::new(), self.gains.clone(), [most, limit])?;
        }
        if let Some(short) = &file.short {
            self.gross(file, short)?;
        }
        Ok(())
    }

    fn factors(&mut self, file: &File) -> Result<(), Error> {
        let Some(limits) = &file.factor_limit else { return Ok(()) };
        let [rows, columns] = file.loadings_shape.unwrap_or([file.n, limits.len()]);
        if rows != file.n || columns != limits.len() {
            let found = format!("{rows} x {columns}, expected {} x {}", file.n, limits.len());
            return Err(Error::field("loadings_shape", found));
        }
        let text = file.loadings_f32_le_base64_row_major.as_deref().unwrap_or_default();
        let loadings = matrix("loadings_f32_le_base64_row_major", text, rows, columns)?;
        for (k, limit) in limits.iter().enumerate() {
            if let Some(limit) = limit {
                self.active(format!("factor {k}"), loadings.column(k).to_vec(), *limit)?;
            }
        }
        Ok(())
    }

    /// Gross exposure of each side, and names that start above their limit.
    fn gross(&mut self, file: &File, short: &Short) -> Result<(), Error> {
        let held = |weights: &[f64]| samebits_canon::sum(weights);
        let most = f64::NEG_INFINITY;
        if let Some(limit) = short.long_gross_max {
            let on_trades = self.long.clone();
            let upper = limit - held(&file.long_weight);
            self.row("long gross".to_owned(), Vec::new(), on_trades, [most, upper])?;
        }
        if let Some(limit) = short.short_gross_max {
            let on_trades = self.short.clone();
            let upper = limit - held(&file.short_weight);
            self.row("short gross".to_owned(), Vec::new(), on_trades, [most, upper])?;
        }
        for i in 0..file.n {
            if file.long_weight[i] > file.long_max[i] {
                let own = |(t, change): (usize, &f64)| {
                    if self.problem.trades[t].asset == Some(i) { *change } else { 0.0 }
                };
                let on_trades = self.long.iter().enumerate().map(own).collect();
                let limit = file.long_max[i] - file.long_weight[i];
                self.row(format!("long limit of asset {i}"), Vec::new(), on_trades, [most, limit])?;
            }
        }
        Ok(())
    }
}

fn matrix(field: &str, text: &str, rows: usize, columns: usize) -> Result<Array2<f64>, Error> {
    let bytes = base64::engine::general_purpose::STANDARD
        .decode(text)
        .map_err(|error| Error::field(field, error.to_string()))?;
    let (words, rest) = bytes.as_chunks::<4>();
    let wrong = || Error::field(field, format!("{} bytes, expected {rows} x {columns} x 4", bytes.len()));
    if !rest.is_empty() || rows.checked_mul(columns) != Some(words.len()) {
        return Err(wrong());
    }
    let values = words.iter().map(|word| f64::from(f32::from_le_bytes(*word))).collect();
    Array2::from_shape_vec((rows, columns), values).map_err(|_| wrong())
}
