//! A batch on a device: planned, packed, launched, read. What the problems are is a [`Work`]'s own.

use crate::GpuError;
use crate::covariance::Covariance;
use crate::device::{Device, Kernel, STREAMS};
use crate::pack::{self, EXTRAS, Fields, JOB, Parts, RISK};
use crate::plan::{
    Layout, Place, Sizes, UNIT, Wave, WholeSystem, distinct, layout, plan, table_bytes, table_room,
};
use rayon::prelude::*;
use samebits_canon::Isa;
use samebits_qp::Problem;
use samebits_solver_cpu::Host;
use std::collections::BTreeMap;

/// Columns of a panel, and rows below it that a block takes: those of `kernels/cholesky.cuh`.
const PANEL: usize = 64;
const ROWS_OF_A_BLOCK: usize = 128;
/// The ending of `kernels/ipm_view.cuh` that asks for a factorisation.
const FACTOR: i32 = 4;

/// Problems of one kind.
pub(crate) trait Work: Sync {
    /// What is read of a problem when its block is done.
    type Answer: Send;

    /// The kernel that works on problems.
    fn kernel(&self) -> Kernel;

    /// The kernel that prepares the covariances.
    fn preparation(&self) -> Kernel;

    /// The problems.
    fn problems(&self) -> impl Iterator<Item = &Problem>;

    /// Bytes of a problem whose covariance has so many factors.
    fn sizes(&self, task: usize, k: usize) -> Sizes;

    /// Writes a problem: its input, its state, and its job.
    fn pack(&self, host: &mut Host, task: usize, parts: &Parts, into: Packed<'_>);

    /// Reads a problem's state and output.
    fn read(&self, host: &mut Host, task: usize, state: &[u8], output: &[u8]) -> Self::Answer;
}

/// Where a problem is written.
pub(crate) struct Packed<'a> {
    pub(crate) job: &'a mut [u8],
    pub(crate) input: &'a mut [u8],
    pub(crate) state: &'a mut [u8],
}

/// Runs `work` within `memory` bytes of the device; an answer stays `None` for a problem that does not fit.
///
/// # Errors
/// A lost device; what was read before stays.
pub(crate) fn run<W: Work>(
    device: &mut dyn Device,
    work: &W,
    memory: u64,
    isa: Isa,
    answers: &mut [Option<W::Answer>],
) -> Result<(), GpuError> {
    let (risks, own) = distinct(work.problems());
    let covariances: Vec<Option<Covariance<'_>>> =
        risks.par_iter().map_init(|| Host::new(isa), |host, risk| Covariance::new(host, isa, risk)).collect();
    let own = same_content(&covariances, own);
    let mut places: Vec<Place> = own
        .par_iter()
        .enumerate()
        .map(|(task, &risk)| {
            let k = covariances[risk].as_ref().map_or(0, Covariance::k);
            Place { task, risk, sizes: work.sizes(task, k) }
        })
        .collect();
    let blocks = device.blocks(work.kernel());
    let waves = plan(&mut places, &covariances, memory, blocks);
    let batch = Batch { work, isa, places: &places, covariances: &covariances };
    for wave in &waves {
        let mut running = Running::new(device, wave, memory, blocks)?;
        let ended = running.all(&batch, wave, answers);
        // After a loss the release fails too; the first error is the one to tell.
        let released = running.release();
        ended.and(released)?;
    }
    Ok(())
}

/// For each problem the first covariance whose content is that of its own.
fn same_content(covariances: &[Option<Covariance<'_>>], own: Vec<usize>) -> Vec<usize> {
    let mut first: BTreeMap<_, usize> = BTreeMap::new();
    let stands = |(index, covariance): (usize, &Option<Covariance<'_>>)| {
        let Some(covariance) = covariance else { return index };
        let found = *first.entry(covariance.key()).or_insert(index);
        let same =
            covariances[found].as_ref().is_some_and(|other| found == index || covariance.is_same(other));
        if same { found } else { index }
    };
    let stands: Vec<usize> = covariances.iter().enumerate().map(stands).collect();
    own.into_iter().map(|risk| stands[risk]).collect()
}

/// What all waves share.
struct Batch<'a, W> {
    work: &'a W,
    isa: Isa,
    places: &'a [Place],
    covariances: &'a [Option<Covariance<'a>>],
}

/// Memory of a wave on the device.
struct Running<'d> {
    device: &'d mut dyn Device,
    table: u64,
    risks: u64,
    arenas: [u64; STREAMS],
    work: [u64; STREAMS],
    blocks: u32,
    stride: u64,
    /// Covariances that have been sent.
    sent: usize,
}

/// A chunk that a stream is at work on.
struct Flight<'p> {
    places: &'p [Place],
    layout: Layout,
}

impl<'d> Running<'d> {
    fn new(device: &'d mut dyn Device, wave: &Wave, memory: u64, blocks: u32) -> Result<Self, GpuError> {
        let longest = wave.chunks.iter().map(|chunk| chunk.len() as u64).max().unwrap_or(1);
        let allowed = (memory / 4 / STREAMS as u64 / wave.stride.max(1)).max(1);
        let blocks = u64::from(blocks).min(longest).min(allowed) as u32;
        let table = device.allocate(table_room(wave.risks.len()))?;
        let risks = device.allocate(wave.risk_bytes.max(UNIT))?;
        let (mut arenas, mut work) = ([0; STREAMS], [0; STREAMS]);
        for stream in 0..STREAMS.min(wave.chunks.len()) {
            arenas[stream] = device.allocate(wave.arena)?;
            work[stream] = device.allocate(wave.stride * u64::from(blocks))?;
        }
        Ok(Self { device, table, risks, arenas, work, blocks, stride: wave.stride, sent: 0 })
    }

    fn release(self) -> Result<(), GpuError> {
        for address in [self.table, self.risks].into_iter().chain(self.arenas).chain(self.work) {
            if address != 0 {
                self.device.release(address)?;
            }
        }
        Ok(())
    }

    fn all<W: Work>(
        &mut self,
        batch: &Batch<'_, W>,
        wave: &Wave,
        answers: &mut [Option<W::Answer>],
    ) -> Result<(), GpuError> {
        let mut flights: [Option<Flight<'_>>; STREAMS] = std::array::from_fn(|_| None);
        for (c, chunk) in wave.chunks.iter().enumerate() {
            let stream = c % STREAMS;
            if let Some(flight) = flights[stream].take() {
                self.collect(batch, stream, &flight, answers)?;
            }
            let places = &batch.places[chunk.clone()];
            flights[stream] = Some(self.start(batch, wave, stream, places)?);
        }
        for step in 0..STREAMS {
            let stream = (wave.chunks.len() + step) % STREAMS;
            if let Some(flight) = flights[stream].take() {
                self.collect(batch, stream, &flight, answers)?;
            }
        }
        Ok(())
    }

    /// Packs and launches a chunk, with the covariances that it is the first to need.
    fn start<'p, W: Work>(
        &mut self,
        batch: &Batch<'_, W>,
        wave: &Wave,
        stream: usize,
        places: &'p [Place],
    ) -> Result<Flight<'p>, GpuError> {
        let layout = layout(places);
        let last = places.last().map_or(0, |place| place.risk);
        let until = wave.place_of(last).map_or(0, |at| at + 1).max(self.sent);
        let fresh = &wave.risks[self.sent..until];
        let mut ends = vec![layout.sent + table_bytes(fresh.len())];
        for (risk, _) in fresh {
            let bytes = batch.covariances[*risk].as_ref().map_or(0, Covariance::sent);
            ends.push(ends[ends.len() - 1] + bytes);
        }
        let input = self.device.input(stream, ends[fresh.len()])?;
        pack_chunk(batch, wave, places, &layout, &mut input[..layout.sent]);
        pack_risks(batch, fresh, &mut input[layout.sent..]);
        let (table, arena) = (self.table + (self.sent * RISK) as u64, self.arenas[stream]);
        let counters = arena + layout.counters as u64;
        self.device.send(stream, 0..layout.sent, arena)?;
        if !fresh.is_empty() {
            self.device.send(stream, layout.sent..layout.sent + fresh.len() * RISK, table)?;
            for ((_, at), part) in fresh.iter().zip(ends.windows(2)) {
                self.device.send(stream, part[0]..part[1], self.risks + at)?;
            }
            let parameter = self.parameter(stream, table, counters + 4, (fresh.len(), EXTRAS));
            let blocks = self.blocks.min(fresh.len() as u32);
            self.device.launch(stream, batch.work.preparation(), blocks, &parameter)?;
            self.device.mark(stream)?;
            self.sent = until;
        }
        for other in (0..STREAMS).filter(|&other| other != stream && self.arenas[other] != 0) {
            self.device.follow(stream, other)?;
        }
        if let [Place { sizes: Sizes { whole: Some(system), .. }, .. }] = places {
            self.whole(stream, counters, arena + layout.outputs[0] as u64, *system)?;
        } else {
            let parameter = self.parameter(stream, self.table, counters, (places.len(), EXTRAS));
            let blocks = self.blocks.min(places.len() as u32);
            self.device.launch(stream, batch.work.kernel(), blocks, &parameter)?;
        }
        let from = layout.states.first().copied().unwrap_or(layout.end);
        self.device.fetch(stream, layout.end - from, arena + from as u64)?;
        Ok(Flight { places, layout })
    }

    /// Iterates on one problem with the whole device: the matrix of each iteration is written and factored by many blocks, a
    /// launch a part; what lies between is one block's.
    fn whole(
        &mut self,
        stream: usize,
        counters: u64,
        output: u64,
        system: WholeSystem,
    ) -> Result<(), GpuError> {
        for round in 0..=system.rounds {
            self.part(stream, counters, Kernel::IpmBetween, 1, usize::from(round > 0))?;
            self.device.fetch(stream, 16, output)?;
            let code =
                self.device.output(stream)?.first_chunk::<4>().map_or(0, |code| i32::from_le_bytes(*code));
            if code != FACTOR {
                break;
            }
            let many = system.rows.div_ceil(ROWS_OF_A_BLOCK);
            self.part(stream, counters, Kernel::IpmWrite, many, 0)?;
            for first in (0..system.columns).step_by(PANEL) {
                self.part(stream, counters, Kernel::IpmSquare, 1, first)?;
                let below = system.rows.saturating_sub((first + PANEL).min(system.columns));
                if below > 0 {
                    let blocks = below.div_ceil(ROWS_OF_A_BLOCK);
                    self.part(stream, counters, Kernel::IpmRows, blocks, first)?;
                }
            }
        }
        Ok(())
    }

    /// Launches one part; `extras` is the part's own number.
    fn part(
        &mut self,
        stream: usize,
        counters: u64,
        kernel: Kernel,
        blocks: usize,
        extras: usize,
    ) -> Result<(), GpuError> {
        let parameter = self.parameter(stream, self.table, counters, (1, extras));
        self.device.launch(stream, kernel, blocks as u32, &parameter)
    }

    /// `struct Batch` of `kernels/batch.cuh`.
    fn parameter(&self, stream: usize, risks: u64, next: u64, (count, extras): (usize, usize)) -> [u8; 64] {
        let arena = self.arenas[stream];
        let mut out = [0; 64];
        let mut fields = Fields::new(&mut out);
        fields.longs([arena, risks, self.risks, arena, self.work[stream], self.stride, next]);
        fields.ints([count, extras]);
        out
    }

    /// Reads a chunk's answers.
    fn collect<W: Work>(
        &mut self,
        batch: &Batch<'_, W>,
        stream: usize,
        flight: &Flight<'_>,
        answers: &mut [Option<W::Answer>],
    ) -> Result<(), GpuError> {
        let bytes = self.device.output(stream)?;
        let Flight { places, layout } = flight;
        let from = layout.states.first().copied().unwrap_or(layout.end);
        let read = |host: &mut Host, (k, place): (usize, &Place)| {
            let state = &bytes[layout.states[k] - from..][..place.sizes.state];
            let output = &bytes[layout.outputs[k] - from..][..place.sizes.output];
            batch.work.read(host, place.task, state, output)
        };
        let found: Vec<W::Answer> =
            places.par_iter().enumerate().map_init(|| Host::new(batch.isa), read).collect();
        for (place, answer) in places.iter().zip(found) {
            answers[place.task] = Some(answer);
        }
        Ok(())
    }
}

fn pack_chunk<W: Work>(batch: &Batch<'_, W>, wave: &Wave, places: &[Place], layout: &Layout, out: &mut [u8]) {
    let first_input = layout.inputs.first().copied().unwrap_or(out.len());
    let first_state = layout.states.first().copied().unwrap_or(out.len());
    let (head, rest) = out.split_at_mut(first_input);
    let (mut inputs, mut states) = rest.split_at_mut(first_state - first_input);
    head.fill(0);
    let mut parts: Vec<(&Place, Parts, Packed<'_>)> = Vec::with_capacity(places.len());
    for ((k, place), job) in places.iter().enumerate().zip(head.chunks_exact_mut(JOB)) {
        let (input, others) = inputs.split_at_mut(place.sizes.input);
        let (state, more) = states.split_at_mut(place.sizes.state);
        (inputs, states) = (others, more);
        let own = Parts {
            input: layout.inputs[k] as u64,
            state: layout.states[k] as u64,
            output: layout.outputs[k] as u64,
            risk: wave.place_of(place.risk).unwrap_or_default(),
        };
        parts.push((place, own, Packed { job, input, state }));
    }
    parts.into_par_iter().for_each_init(
        || Host::new(batch.isa),
        |host, (place, own, into)| batch.work.pack(host, place.task, &own, into),
    );
}

/// Descriptions, then the data of each.
fn pack_risks<W>(batch: &Batch<'_, W>, fresh: &[(usize, u64)], out: &mut [u8]) {
    let (entries, mut data) = out.split_at_mut(table_bytes(fresh.len()));
    let mut parts = Vec::with_capacity(fresh.len());
    for (entry, (risk, at)) in entries.chunks_exact_mut(pack::RISK).zip(fresh) {
        let Some(covariance) = &batch.covariances[*risk] else { continue };
        entry.copy_from_slice(&covariance.entry(*at));
        let (own, rest) = std::mem::take(&mut data).split_at_mut(covariance.sent());
        data = rest;
        parts.push((covariance, own));
    }
    parts.into_par_iter().for_each(|(covariance, own)| covariance.write(own));
}
