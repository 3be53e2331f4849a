//! Bytes of problems, covariances and answers: the host's half of the layouts in `kernels/job.cuh` and
//! `kernels/active_set.cu`, array by array in the same order.

use samebits_qp::{AT_ZERO, Problem, State};
use samebits_solver_cpu::{Arrival, Curves};

/// Every array begins on a multiple of this.
const UNIT: usize = 16;
/// Rows and columns of a system come in multiples of this.
pub(crate) const STRIP: usize = 16;
/// Most trades that may be open besides the first of their asset.
pub(crate) const EXTRAS: usize = 64;
/// Bytes from one job to the next, and of `struct Risk`.
pub(crate) const JOB: usize = 128;
pub(crate) const RISK: usize = 72;

/// Lengths of a problem's arrays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shape {
    pub(crate) n: usize,
    pub(crate) m: usize,
    pub(crate) rows: usize,
    pub(crate) loose: usize,
    pub(crate) priced: bool,
}

impl Shape {
    pub(crate) fn new(problem: &Problem) -> Self {
        Self {
            n: problem.n(),
            m: problem.trades.len(),
            rows: problem.rows.len(),
            loose: problem.trades.iter().filter(|trade| trade.asset.is_none()).count(),
            priced: problem.rows.iter().any(|row| !row.on_trades.is_empty()),
        }
    }

    /// Bytes of the problem.
    pub(crate) fn input(self) -> usize {
        let Self { n, m, rows, loose, priced } = self;
        let numbers = 5 * bytes(n, 8) + 3 * bytes(m, 8) + 2 * bytes(rows, 8);
        let coefficients = bytes(rows * n, 8) + bytes(if priced { rows * m } else { 0 }, 8);
        let lists = bytes(n + 1, 4) + 2 * bytes(m, 4) + bytes(loose, 4);
        numbers + coefficients + lists + bytes(m, 1) + bytes(rows, 1)
    }

    /// Bytes of the state, which goes both ways.
    pub(crate) fn state(self) -> usize {
        bytes(self.m, 8) + bytes(self.m, 1) + bytes(self.n, 1) + bytes(self.rows, 1)
    }

    /// Bytes of the answer.
    pub(crate) fn output(self) -> usize {
        let Self { n, m, rows, .. } = self;
        bytes(m, 8) + 3 * bytes(n, 8) + 2 * bytes(rows, 8) + bytes(2, 8) + bytes(4, 4)
    }

    /// Bytes of a block's own memory, with `k` factors.
    pub(crate) fn work(self, k: usize) -> usize {
        let Self { n, m, rows, loose, .. } = self;
        let (width, unknowns) = (rows + 2, rows + EXTRAS);
        let columns = n.max(k).next_multiple_of(STRIP);
        let height = (columns + width).next_multiple_of(STRIP);
        let system = bytes(height * (columns + 8), 8) + bytes(columns, 8);
        let form = bytes(n * (k + width), 8) + bytes((k + width) * (k + width), 8);
        let vectors = 10 * bytes(n, 8) + 2 * bytes(k, 8) + bytes(k + width, 8) + bytes(m + n, 8);
        let small = bytes(width * width, 8) + bytes(unknowns * (unknowns + 2), 8);
        let few = bytes(rows, 8) + bytes(width, 8) + bytes((m + n) * 24, 1);
        let lists = 6 * bytes(n, 4) + 2 * bytes(rows, 4) + bytes(2 * EXTRAS, 4) + bytes(unknowns, 4);
        let places = bytes(m, 4) + bytes(loose, 4) + 4 * bytes(n, 1) + bytes(2 * m, 1) + bytes(rows, 1);
        system + form + vectors + small + few + lists + places
    }
}

/// Bytes that a block needs to sketch a covariance of `n` assets.
pub(crate) fn sketch_work(n: usize) -> usize {
    let columns = SKETCH.next_multiple_of(STRIP);
    bytes(SKETCH * n, 8) + bytes((columns + n).next_multiple_of(STRIP) * (columns + 8), 8) + bytes(columns, 8)
}

/// Vectors of a sketch.
pub(crate) const SKETCH: usize = 8;

/// Bytes of an array, rounded up to where the next one begins.
pub(crate) fn bytes(count: usize, size: usize) -> usize {
    (count * size).next_multiple_of(UNIT)
}

/// Writes arrays one after another.
pub(crate) struct Writer<'a> {
    left: &'a mut [u8],
}

impl<'a> Writer<'a> {
    pub(crate) fn new(left: &'a mut [u8]) -> Self {
        Self { left }
    }

    /// The bytes of the next array.
    fn take(&mut self, length: usize) -> &'a mut [u8] {
        let left = std::mem::take(&mut self.left);
        let (own, rest) = left.split_at_mut(length.next_multiple_of(UNIT));
        self.left = rest;
        &mut own[..length]
    }

    pub(crate) fn f64s(&mut self, count: usize, values: impl IntoIterator<Item = f64>) {
        let own = self.take(8 * count);
        for (out, value) in own.as_chunks_mut::<8>().0.iter_mut().zip(values) {
            *out = value.to_le_bytes();
        }
    }

    pub(crate) fn f32s(&mut self, count: usize, values: impl IntoIterator<Item = f32>) {
        let own = self.take(4 * count);
        for (out, value) in own.as_chunks_mut::<4>().0.iter_mut().zip(values) {
            *out = value.to_le_bytes();
        }
    }

    /// Indices in an array that has room for `room` of them.
    pub(crate) fn indices(&mut self, room: usize, values: &[usize]) {
        let own = self.take(4 * room);
        for (out, &value) in own.as_chunks_mut::<4>().0.iter_mut().zip(values) {
            *out = (value as u32).to_le_bytes();
        }
    }

    pub(crate) fn u8s(&mut self, count: usize, values: impl IntoIterator<Item = u8>) {
        for (out, value) in self.take(count).iter_mut().zip(values) {
            *out = value;
        }
    }

    /// Whether everything was written.
    pub(crate) fn is_full(&self) -> bool {
        self.left.is_empty()
    }
}

/// The problem, in the order of `lay_out`.
pub(crate) fn problem(out: &mut [u8], problem: &Problem, curves: &Curves<'_>) {
    let shape = Shape::new(problem);
    let Shape { n, m, rows, .. } = shape;
    let mut writer = Writer::new(out);
    for vector in [&problem.benchmark, &problem.start, &problem.alpha, &problem.lower, &problem.upper] {
        writer.f64s(n, vector.iter().copied());
    }
    writer.f64s(m, problem.trades.iter().map(|trade| trade.cost));
    writer.f64s(m, problem.trades.iter().map(|trade| trade.upper));
    writer.f64s(m, curves.slope.iter().copied());
    writer.f64s(rows, problem.rows.iter().map(|row| row.lower));
    writer.f64s(rows, problem.rows.iter().map(|row| row.upper));
    let padded = |values: &[f64], length: usize| {
        values.iter().copied().chain(std::iter::repeat(0.0)).take(length).collect::<Vec<f64>>()
    };
    writer.f64s(rows * n, problem.rows.iter().flat_map(|row| padded(&row.on_weights, n)));
    if shape.priced {
        writer.f64s(rows * m, problem.rows.iter().flat_map(|row| padded(&row.on_trades, m)));
    }
    writer.indices(n + 1, curves.first);
    // Trades without an asset are in neither; the arrays have room for all.
    writer.indices(m, curves.members);
    writer.indices(m, curves.sorted);
    writer.indices(shape.loose, curves.loose);
    writer.u8s(m, problem.trades.iter().map(|trade| u8::from(trade.sign < 0.0)));
    let has = |given: &samebits_qp::RowLimit| {
        u8::from(!given.on_weights.is_empty()) + 2 * u8::from(!given.on_trades.is_empty())
    };
    writer.u8s(rows, problem.rows.iter().map(has));
    assert!(writer.is_full(), "the problem does not fill its place");
}

/// The state to start from, and the slopes of the trades there.
pub(crate) fn state(out: &mut [u8], state: &State, slope: &[f64]) {
    let mut writer = Writer::new(out);
    writer.f64s(slope.len(), slope.iter().copied());
    writer.u8s(state.trades.len(), state.trades.iter().copied());
    writer.u8s(state.bounds.len(), state.bounds.iter().map(|code| code.cast_unsigned()));
    writer.u8s(state.rows.len(), state.rows.iter().map(|code| code.cast_unsigned()));
    assert!(writer.is_full(), "the state does not fill its place");
}

/// Where a job's parts lie, `struct Parts` of `kernels/batch.cuh`: offsets into the chunk's memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Parts {
    pub(crate) input: u64,
    pub(crate) state: u64,
    pub(crate) output: u64,
    /// Index of the covariance in the table.
    pub(crate) risk: usize,
}

/// Writes a structure field by field, without padding.
pub(crate) struct Fields<'a> {
    left: &'a mut [u8],
}

impl<'a> Fields<'a> {
    pub(crate) fn new(left: &'a mut [u8]) -> Self {
        Self { left }
    }

    fn put<const N: usize>(&mut self, bytes: [u8; N]) {
        let left = std::mem::take(&mut self.left);
        let (own, rest) = left.split_at_mut(N);
        own.copy_from_slice(&bytes);
        self.left = rest;
    }

    pub(crate) fn parts(&mut self, parts: &Parts) {
        for offset in [parts.input, parts.state, parts.output] {
            self.put(offset.to_le_bytes());
        }
        self.ints([parts.risk, 0]);
    }

    pub(crate) fn longs<const N: usize>(&mut self, values: [u64; N]) {
        for value in values {
            self.put(value.to_le_bytes());
        }
    }

    pub(crate) fn ints<const N: usize>(&mut self, values: [usize; N]) {
        for value in values {
            self.put((value as u32).to_le_bytes());
        }
    }

    pub(crate) fn floats<const N: usize>(&mut self, values: [f64; N]) {
        for value in values {
            self.put(value.to_le_bytes());
        }
    }
}

/// `struct Job` of `kernels/job.cuh`.
pub(crate) fn job(
    out: &mut [u8],
    parts: &Parts,
    problem: &Problem,
    shape: Shape,
    (most, near, weight_scale): (u32, bool, f64),
) {
    let Shape { n, m, rows, loose, priced } = shape;
    let mut fields = Fields::new(out);
    fields.parts(parts);
    let capped = usize::from(problem.risk_cap.is_some());
    fields.ints([n, m, rows, loose, usize::from(priced), most as usize, usize::from(near), capped]);
    fields.floats([problem.gamma, problem.risk_cap.unwrap_or(f64::INFINITY), weight_scale]);
}

/// How a search ended, by the numbers of `kernels/job.cuh`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    Optimal,
    Steps,
    Singular,
    Broken,
    NoRoom,
    /// A number that no kernel writes.
    Unknown(i32),
}

/// An answer as it came back.
pub(crate) struct Answer {
    pub(crate) ending: Ending,
    steps: u32,
    undetermined: usize,
    curvature: f64,
    /// `slope`, `t`, `w`, `gradient`, `price`, `y`, `value`.
    numbers: [Vec<f64>; 7],
    trades: Vec<u8>,
    bounds: Vec<i8>,
    rows: Vec<i8>,
}

impl Answer {
    /// Reads the state and the output of a problem of this shape.
    pub(crate) fn new(shape: Shape, state: &[u8], output: &[u8]) -> Self {
        let Shape { n, m, rows, .. } = shape;
        let (mut state, mut output) = (Reader::new(state), Reader::new(output));
        let slope = state.f64s(m);
        let trades = state.take(m).to_vec();
        let signed = |bytes: &[u8]| bytes.iter().map(|code| code.cast_signed()).collect::<Vec<i8>>();
        let (bounds, row_sides) = (signed(state.take(n)), signed(state.take(rows)));
        let [t, w, gradient, price, y, value] = [m, n, n, n, rows, rows].map(|length| output.f64s(length));
        let curvature = output.f64s(2)[0];
        let endings = output.i32s(4);
        let ending = match endings[0] {
            0 => Ending::Optimal,
            1 => Ending::Steps,
            2 => Ending::Singular,
            3 => Ending::Broken,
            4 => Ending::NoRoom,
            other => Ending::Unknown(other),
        };
        Self {
            ending,
            steps: endings[1].max(0) as u32,
            undetermined: endings[2].max(0) as usize,
            curvature,
            numbers: [slope, t, w, gradient, price, y, value],
            trades,
            bounds,
            rows: row_sides,
        }
    }

    /// What came back, when every code is one of a state.
    pub(crate) fn arrival(&self) -> Option<Arrival<'_>> {
        let codes = self.trades.iter().all(|code| *code <= samebits_qp::AT_UPPER)
            && self.bounds.iter().chain(&self.rows).all(|code| (-1..=1).contains(code));
        debug_assert_eq!(AT_ZERO, 0);
        let [slope, t, w, gradient, price, y, value] = &self.numbers;
        codes.then_some(Arrival {
            t,
            w,
            gradient,
            price,
            slope,
            y,
            value,
            curvature: self.curvature,
            undetermined: self.undetermined,
            steps: self.steps,
            trades: &self.trades,
            bounds: &self.bounds,
            rows: &self.rows,
        })
    }
}

/// Reads arrays one after another.
pub(crate) struct Reader<'a> {
    left: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(crate) fn new(left: &'a [u8]) -> Self {
        Self { left }
    }

    pub(crate) fn i32s(&mut self, count: usize) -> Vec<i32> {
        self.take(4 * count).as_chunks::<4>().0.iter().map(|bytes| i32::from_le_bytes(*bytes)).collect()
    }

    fn take(&mut self, length: usize) -> &'a [u8] {
        let (own, rest) = self.left.split_at(length.next_multiple_of(UNIT));
        self.left = rest;
        &own[..length]
    }

    pub(crate) fn f64s(&mut self, count: usize) -> Vec<f64> {
        self.take(8 * count).as_chunks::<8>().0.iter().map(|bytes| f64::from_le_bytes(*bytes)).collect()
    }
}
