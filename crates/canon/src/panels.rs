//! Packing: columns side by side, so that a step of a chain reads one run of memory.

/// The columns of a row-major matrix in panels of `lanes`, the last one filled up with zeros.
///
/// Panel `p` occupies `steps * lanes` numbers; see [`crate::kernel`] for the layout.
pub(crate) struct Panels {
    values: Vec<f64>,
    steps: usize,
    lanes: usize,
}

impl Panels {
    /// No panels yet: memory to pack into again and again.
    pub(crate) fn over(memory: Vec<f64>) -> Self {
        Self { values: memory, steps: 0, lanes: 0 }
    }

    /// Gives the memory back.
    pub(crate) fn into_memory(self) -> Vec<f64> {
        self.values
    }

    /// Packs the `n` columns of `x` (row-major, a whole number of rows).
    pub(crate) fn of_columns(x: &[f64], n: usize, lanes: usize) -> Self {
        let mut panels = Self::over(Vec::new());
        panels.pack_columns(x, n, lanes);
        panels
    }

    /// As [`Panels::of_columns`], over the panels that were here before.
    pub(crate) fn pack_columns(&mut self, x: &[f64], n: usize, lanes: usize) {
        let steps = x.len() / n;
        self.values.resize(steps * lanes * n.div_ceil(lanes), 0.0);
        (self.steps, self.lanes) = (steps, lanes);
        for (panel, packed) in self.values.chunks_exact_mut(steps * lanes).enumerate() {
            let columns = panel * lanes..n.min((panel + 1) * lanes);
            for (row, step) in x.chunks_exact(n).zip(packed.chunks_exact_mut(lanes)) {
                let (live, rest) = step.split_at_mut(columns.len());
                live.copy_from_slice(&row[columns.clone()]);
                rest.fill(0.0);
            }
        }
    }

    /// Packs the rows of `x` (row-major, `n` columns) as if they were columns: the steps run over the columns of `x`.
    pub(crate) fn of_rows(x: &[f64], n: usize, lanes: usize) -> Self {
        let rows = x.len() / n;
        let mut values = vec![0.0; n * lanes * rows.div_ceil(lanes)];
        for (packed, rows) in values.chunks_exact_mut(n * lanes).zip(x.chunks(n * lanes)) {
            for (lane, row) in rows.chunks_exact(n).enumerate() {
                for (step, &value) in packed.chunks_exact_mut(lanes).zip(row) {
                    step[lane] = value;
                }
            }
        }
        Self { values, steps: n, lanes }
    }

    /// The panels in order.
    pub(crate) fn iter(&self) -> std::slice::ChunksExact<'_, f64> {
        self.values.chunks_exact(self.steps * self.lanes)
    }
}
