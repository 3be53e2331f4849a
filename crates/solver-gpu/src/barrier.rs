//! Iterations of the interior point as work for a device: the host's half of `kernels/ipm_view.cuh`.

use crate::batch::{Packed, Work};
use crate::device::Kernel;
use crate::pack::{Fields, Parts, Reader, STRIP, Writer, bytes};
use crate::plan::{Sizes, WholeSystem};
use samebits_qp::{Error, Problem, Risk, Settings, Solution};
use samebits_solver_cpu::{Host, Iterate, Iteration};

/// A problem whose iteration is to go on.
pub(crate) struct Open<'a> {
    pub(crate) problem: &'a Problem,
    pub(crate) iteration: Box<Iteration<'a>>,
    /// How far prices may run before the host looks at them.
    pub(crate) far: f64,
    /// The state in which it paused.
    pub(crate) paused: Option<Vec<u8>>,
    shape: Shape,
}

impl<'a> Open<'a> {
    pub(crate) fn new(problem: &'a Problem, iteration: Box<Iteration<'a>>) -> Self {
        let (shape, far) = (Shape::new(problem, &iteration), iteration.system().far);
        Self { problem, iteration, far, paused: None, shape }
    }

    /// Takes a pause: whether the iteration goes on.
    pub(crate) fn look(&mut self, state: &[u8]) -> bool {
        let found = self.iteration.look(&State::new(self.shape, state).point());
        self.paused = Some(state.to_vec());
        self.far = found.unwrap_or(self.far);
        found.is_some()
    }

    /// The solution of an iteration that ended in `state`.
    ///
    /// # Errors
    /// As `Iteration::conclude`.
    pub(crate) fn conclude(self, state: &[u8], limited: bool) -> Result<Solution, Error> {
        let state = State::new(self.shape, state);
        self.iteration.conclude(&state.best(), state.iterations, limited)
    }
}

/// How an iteration ended, by the numbers of `kernels/ipm_view.cuh`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    Settled,
    Limited,
    Look,
    NotConvex,
    /// A number that no kernel writes.
    Unknown(i32),
}

/// Lengths of a problem's arrays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Shape {
    n: usize,
    m: usize,
    rows: usize,
    capped: bool,
    sides: usize,
    touched: usize,
    live: usize,
}

impl Shape {
    fn new(problem: &Problem, iteration: &Iteration<'_>) -> Self {
        let system = iteration.system();
        Self {
            n: problem.n(),
            m: system.asset.len(),
            rows: iteration.rows().count(),
            capped: system.capped,
            sides: iteration.sides().len(),
            touched: iteration.touched().iter().map(Vec::len).sum(),
            live: system.frozen.iter().filter(|frozen| !**frozen).count(),
        }
    }

    fn values(self) -> usize {
        self.m + self.n + self.rows + usize::from(self.capped)
    }

    fn input(self) -> usize {
        let Self { n, m, rows, sides, touched, live, .. } = self;
        let numbers = 3 * bytes(n, 8) + 2 * bytes(m, 8) + bytes(rows, 8) + 3 * bytes(sides, 8);
        let coefficients = bytes(rows * n, 8) + bytes(rows * m, 8);
        let trades = 2 * bytes(m, 4) + bytes(n + 2, 4) + bytes(rows + 1, 4) + bytes(touched, 4);
        let lists = bytes(sides, 4) + bytes(2 * self.values(), 4) + bytes(live, 4);
        numbers + coefficients + trades + lists + bytes(n, 1) + bytes(sides, 1) + 2 * bytes(rows, 1)
    }

    fn state(self) -> usize {
        let Self { n, m, rows, sides, .. } = self;
        let iterate = bytes(m, 8) + bytes(n, 8) + bytes(n + 1, 8) + bytes(rows, 8) + 2 * bytes(sides, 8);
        2 * iterate + bytes(2, 8) + bytes(4, 4)
    }

    /// Bytes of a block's own memory, with `k` factors.
    fn work(self, k: usize) -> usize {
        let Self { n, m, rows, sides, live, .. } = self;
        let (count, values) = (rows + usize::from(self.capped), self.values());
        let columns = live.next_multiple_of(STRIP);
        let height = (columns + count + 1).next_multiple_of(STRIP);
        let system = bytes(height * (columns + 8), 8) + bytes(columns, 8);
        let residuals = 5 * bytes(values, 8) + 2 * bytes(rows, 8) + 7 * bytes(n, 8) + 3 * bytes(n + 1, 8);
        let steps = 5 * bytes(m, 8) + 4 * bytes(sides, 8) + bytes((count + 1) * n, 8);
        let centres = bytes(rows * m, 8) + bytes(rows * (n + 1), 8) + bytes(count, 8);
        let small = bytes((count + 1) * (count + 1), 8) + bytes(count * count, 8) + bytes(count + k, 8);
        let few = 2 * bytes(count + 1, 8) + 2 * bytes(count, 8);
        let living = 3 * bytes(live, 8) + bytes((count + 1) * live, 8) + bytes(live * k, 8);
        let factors = bytes(k * k, 8) + bytes((count + 1) * k, 8) + 4 * bytes(k, 8) + bytes(6, 8);
        let check = n.next_multiple_of(STRIP);
        let all = system + residuals + steps + centres + small + few + living + factors;
        all.max(bytes(check * (check + 8), 8) + bytes(check, 8))
    }
}

/// Iterations that go on until they end or pause; an answer is the ending and the state.
pub(crate) struct Iterations<'a, 'p> {
    pub(crate) open: &'a [Open<'p>],
    pub(crate) settings: Settings,
    /// Dense problems with so many assets that can move take the whole device, one after another.
    pub(crate) whole_from: usize,
}

impl Iterations<'_, '_> {
    fn whole(&self, task: usize) -> Option<WholeSystem> {
        let open = &self.open[task];
        let dense = matches!(*open.problem.risk, Risk::Dense(_)) && open.iteration.system().curved;
        let Shape { live, rows, capped, .. } = open.shape;
        let columns = live.next_multiple_of(STRIP);
        let rows = (columns + rows + usize::from(capped) + 1).next_multiple_of(STRIP);
        let rounds = self.settings.max_iterations + 1;
        (dense && live >= self.whole_from).then_some(WholeSystem { columns, rows, rounds })
    }
}

impl Work for Iterations<'_, '_> {
    type Answer = (Ending, Vec<u8>);

    fn kernel(&self) -> Kernel {
        Kernel::Ipm
    }

    fn preparation(&self) -> Kernel {
        Kernel::Check
    }

    fn problems(&self) -> impl Iterator<Item = &Problem> {
        self.open.iter().map(|open| open.problem)
    }

    fn sizes(&self, task: usize, k: usize) -> Sizes {
        let shape = self.open[task].shape;
        Sizes {
            n: shape.n,
            input: shape.input(),
            state: shape.state(),
            output: bytes(4, 4),
            work: shape.work(k),
            whole: self.whole(task),
        }
    }

    fn pack(&self, _: &mut Host, task: usize, parts: &Parts, into: Packed<'_>) {
        let open = &self.open[task];
        pack_input(into.input, open);
        match &open.paused {
            Some(state) => into.state.copy_from_slice(state),
            None => pack_start(into.state, open),
        }
        let (shape, system) = (open.shape, open.iteration.system());
        let mut fields = Fields::new(into.job);
        fields.parts(parts);
        fields.ints([shape.n, shape.m, shape.rows, shape.sides]);
        let most = self.settings.max_iterations as usize;
        fields.ints([usize::from(system.capped), usize::from(system.curved), shape.touched, most]);
        fields.ints([shape.live, usize::from(open.paused.is_some())]);
        fields.floats([open.problem.gamma, system.size, system.extent, system.slope, system.steepness]);
        fields.floats([self.settings.tolerance, open.far]);
    }

    fn read(&self, _: &mut Host, _: usize, state: &[u8], output: &[u8]) -> (Ending, Vec<u8>) {
        let code = Reader::new(output).i32s(4)[0];
        let ending = match code {
            0 => Ending::Settled,
            1 => Ending::Limited,
            2 => Ending::Look,
            3 => Ending::NotConvex,
            other => Ending::Unknown(other),
        };
        (ending, state.to_vec())
    }
}

fn pack_input(out: &mut [u8], open: &Open<'_>) {
    let Shape { n, m, rows, touched, live, .. } = open.shape;
    let (problem, system) = (open.problem, open.iteration.system());
    let sides: Vec<_> = open.iteration.sides().collect();
    let all_rows: Vec<_> = open.iteration.rows().collect();
    let mut writer = Writer::new(out);
    for vector in [&problem.benchmark[..], &problem.alpha, system.start] {
        writer.f64s(n, vector.iter().copied());
    }
    for vector in [system.sign, system.cost] {
        writer.f64s(m, vector.iter().copied());
    }
    writer.f64s(rows, all_rows.iter().map(|row| row.upper));
    writer.f64s(rows * n, system.on_weights.iter().copied());
    writer.f64s(rows * m, system.on_trades.iter().copied());
    writer.f64s(sides.len(), sides.iter().map(|side| side.limit));
    writer.f64s(sides.len(), sides.iter().map(|side| side.floor));
    writer.f64s(sides.len(), sides.iter().map(|side| side.price));
    let (first, members) = by_asset(system.asset, n);
    writer.indices(m, system.asset);
    writer.indices(n + 2, &first);
    writer.indices(m, &members);
    let touching = open.iteration.touched();
    let mut ends = vec![0];
    ends.extend(touching.iter().scan(0, |end, list| {
        *end += list.len();
        Some(*end)
    }));
    writer.indices(rows + 1, &ends);
    writer.indices(touched, &touching.concat());
    writer.indices(sides.len(), &sides.iter().map(|side| side.at).collect::<Vec<_>>());
    let mut side_of = vec![u32::MAX as usize; 2 * open.shape.values()];
    for (index, side) in sides.iter().enumerate() {
        let second = side_of[2 * side.at] != u32::MAX as usize;
        side_of[2 * side.at + usize::from(second)] = index;
    }
    writer.indices(side_of.len(), &side_of);
    let living: Vec<usize> = (0..n).filter(|&i| !system.frozen[i]).collect();
    writer.indices(live, &living);
    writer.u8s(n, system.frozen.iter().map(|frozen| u8::from(*frozen)));
    writer.u8s(sides.len(), sides.iter().map(|side| u8::from(side.is_upper)));
    writer.u8s(rows, all_rows.iter().map(|row| u8::from(row.is_equality)));
    writer.u8s(rows, all_rows.iter().map(|row| u8::from(row.uses_trades)));
    assert!(writer.is_full(), "the problem does not fill its place");
}

/// Trades by asset, ascending; those without an asset belong to asset `n`.
fn by_asset(asset: &[usize], n: usize) -> (Vec<usize>, Vec<usize>) {
    let mut first = vec![0; n + 2];
    for &asset in asset {
        first[asset + 1] += 1;
    }
    for i in 0..=n {
        first[i + 1] += first[i];
    }
    let (mut next, mut members) = (first.clone(), vec![0; asset.len()]);
    for (k, &asset) in asset.iter().enumerate() {
        members[next[asset]] = k;
        next[asset] += 1;
    }
    (first, members)
}

fn pack_start(out: &mut [u8], open: &Open<'_>) {
    let Shape { n, m, rows, sides, .. } = open.shape;
    let (t, w) = open.iteration.start();
    let mut writer = Writer::new(out);
    writer.f64s(m, t);
    writer.f64s(n, w);
    let zeros = |count: usize| std::iter::repeat_n(0.0, count);
    for count in [n + 1, rows, sides, sides, m, n, n + 1, rows, sides, sides, 2] {
        writer.f64s(count, zeros(count));
    }
    writer.indices(4, &[0; 4]);
    assert!(writer.is_full(), "the state does not fill its place");
}

/// A state as it came back.
struct State {
    /// `t`, `w`, `y`, `l`, `s`, `z` of the iterate and of the best one.
    numbers: [Vec<f64>; 12],
    iterations: u32,
}

impl State {
    fn new(shape: Shape, state: &[u8]) -> Self {
        let Shape { n, m, rows, sides, .. } = shape;
        let mut reader = Reader::new(state);
        let lengths = [m, n, n + 1, rows, sides, sides, m, n, n + 1, rows, sides, sides];
        let numbers = lengths.map(|length| reader.f64s(length));
        reader.f64s(2);
        let iterations = reader.i32s(4)[1].max(0) as u32;
        Self { numbers, iterations }
    }

    fn point(&self) -> Iterate<'_> {
        let [t, w, y, l, s, z, ..] = &self.numbers;
        Iterate { t, w, y, l, s, z }
    }

    fn best(&self) -> Iterate<'_> {
        let [.., t, w, y, l, s, z] = &self.numbers;
        Iterate { t, w, y, l, s, z }
    }
}
