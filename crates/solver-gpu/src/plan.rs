//! Which problems go together, and where everything lies.

use crate::covariance::Covariance;
use crate::device::STREAMS;
use crate::pack::{JOB, RISK, bytes};
use samebits_qp::{Problem, Risk};
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

/// Fewest problems that are worth a launch of their own.
const LEAST: usize = 32;
/// Chunks that a wave is cut into, so that copies and work overlap.
const CHUNKS: usize = 6;
/// Arrays of the device begin on a multiple of this.
pub(crate) const UNIT: u64 = 256;

/// A problem's place in the order of work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    /// Index among the problems.
    pub(crate) task: usize,
    /// Index among the covariances of the batch.
    pub(crate) risk: usize,
    pub(crate) sizes: Sizes,
}

/// Bytes of a problem on the device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Sizes {
    /// Assets.
    pub(crate) n: usize,
    pub(crate) input: usize,
    pub(crate) state: usize,
    pub(crate) output: usize,
    /// A block's own memory.
    pub(crate) work: usize,
    /// It takes the whole device.
    pub(crate) whole: Option<WholeSystem>,
}

/// A matrix that the whole device factors, and how often at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct WholeSystem {
    pub(crate) columns: usize,
    /// Carried rows included.
    pub(crate) rows: usize,
    pub(crate) rounds: u32,
}

impl Sizes {
    /// Problems of one class may share a wave: the blocks' memory has to hold the largest.
    fn class(self) -> (u32, bool) {
        (usize::BITS - self.n.leading_zeros(), self.whole.is_some())
    }

    fn work_bytes(self) -> u64 {
        (self.work as u64).next_multiple_of(UNIT)
    }
}

/// Problems whose covariances are on the device at the same time.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Wave {
    /// Problems, those of one covariance together.
    pub(crate) places: Range<usize>,
    /// Distinct covariances, in the order of their first problem: (index in the batch, offset of its memory).
    pub(crate) risks: Vec<(usize, u64)>,
    pub(crate) risk_bytes: u64,
    /// Bytes of a block's own memory.
    pub(crate) stride: u64,
    /// Parts of `places` that are launched one after another.
    pub(crate) chunks: Vec<Range<usize>>,
    /// Bytes of the largest chunk on the device.
    pub(crate) arena: u64,
}

impl Wave {
    /// Where a covariance of the batch is among those of the wave, which are in the batch's order.
    pub(crate) fn place_of(&self, risk: usize) -> Option<usize> {
        self.risks.binary_search_by_key(&risk, |(risk, _)| *risk).ok()
    }
}

/// Distinct covariances, and for each problem which one is its own.
pub(crate) fn distinct<'a>(problems: impl Iterator<Item = &'a Problem>) -> (Vec<&'a Arc<Risk>>, Vec<usize>) {
    let mut found: BTreeMap<usize, usize> = BTreeMap::new();
    let mut all = Vec::new();
    let own = problems.map(|problem| {
        *found.entry(Arc::as_ptr(&problem.risk).addr()).or_insert_with(|| {
            all.push(&problem.risk);
            all.len() - 1
        })
    });
    let own = own.collect();
    (all, own)
}

/// Cuts the problems into waves and chunks within `memory` bytes for `blocks` blocks; problems that do not fit by themselves
/// are left out.
pub(crate) fn plan(
    places: &mut Vec<Place>,
    risks: &[Option<Covariance<'_>>],
    memory: u64,
    blocks: u32,
) -> Vec<Wave> {
    // Half for covariances, a quarter for the blocks, a quarter for the three streams' problems.
    places.retain(|place| {
        risks[place.risk].as_ref().is_some_and(|risk| {
            (risk.total() as u64).next_multiple_of(UNIT) + table_room(1) <= memory / 2
                && place.sizes.work_bytes() <= memory / 4 / STREAMS as u64
                && chunk_bytes(std::slice::from_ref(place)) <= memory / 12
        })
    });
    places.sort_by_key(|place| (place.sizes.class(), place.risk, place.task));
    let mut waves = Vec::new();
    let mut start = 0;
    while start < places.len() {
        let wave = wave(places, start, risks, memory, blocks);
        start = wave.places.end;
        waves.push(wave);
    }
    waves
}

fn wave(places: &[Place], start: usize, risks: &[Option<Covariance<'_>>], memory: u64, blocks: u32) -> Wave {
    let mut wave = Wave {
        places: start..start,
        risks: Vec::new(),
        risk_bytes: 0,
        stride: 0,
        chunks: Vec::new(),
        arena: 0,
    };
    for place in &places[start..] {
        let Some(risk) = &risks[place.risk] else { break };
        let known = wave.risks.last().is_some_and(|(last, _)| *last == place.risk);
        let more = if known { 0 } else { (risk.total() as u64).next_multiple_of(UNIT) };
        if place.sizes.class() != places[start].sizes.class()
            || wave.risk_bytes + more + table_room(wave.risks.len() + 1) > memory / 2
        {
            break;
        }
        if !known {
            wave.risks.push((place.risk, wave.risk_bytes));
            wave.risk_bytes += more;
        }
        wave.stride = wave.stride.max(place.sizes.work_bytes());
        wave.places.end += 1;
    }
    let count = wave.places.len();
    let alone = places[start].sizes.whole.is_some();
    let most = if alone { 1 } else { count.div_ceil(CHUNKS).clamp(LEAST, LEAST.max(2 * blocks as usize)) };
    let mut from = wave.places.start;
    while from < wave.places.end {
        let mut to = from + 1;
        while to < wave.places.end && to - from < most && chunk_bytes(&places[from..=to]) <= memory / 12 {
            to += 1;
        }
        wave.arena = wave.arena.max(chunk_bytes(&places[from..to]));
        wave.chunks.push(from..to);
        from = to;
    }
    wave
}

/// Where a chunk's parts lie, from the start of its memory.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Layout {
    /// Counters of the problems and of the covariances that have been taken.
    pub(crate) counters: usize,
    /// Of each problem: its input, its state, its output.
    pub(crate) inputs: Vec<usize>,
    pub(crate) states: Vec<usize>,
    pub(crate) outputs: Vec<usize>,
    /// End of what is sent, and of everything; what is fetched lies between the first state and the end.
    pub(crate) sent: usize,
    pub(crate) end: usize,
}

/// Lays out a chunk: jobs, counters, inputs, states, outputs.
pub(crate) fn layout(places: &[Place]) -> Layout {
    let counters = bytes(places.len(), JOB);
    let mut at = counters + 16;
    let mut lay = |size: fn(&Sizes) -> usize| -> Vec<usize> {
        let step = |place: &Place| {
            let start = at;
            at += size(&place.sizes);
            start
        };
        places.iter().map(step).collect()
    };
    let (inputs, states) = (lay(|sizes| sizes.input), lay(|sizes| sizes.state));
    let outputs = lay(|sizes| sizes.output);
    let sent = outputs.first().copied().unwrap_or(at);
    Layout { counters, inputs, states, outputs, sent, end: at }
}

fn chunk_bytes(places: &[Place]) -> u64 {
    let each: usize =
        places.iter().map(|place| place.sizes.input + place.sizes.state + place.sizes.output + JOB).sum();
    (each + 64) as u64
}

/// Bytes that their descriptions take on the device.
pub(crate) fn table_room(risks: usize) -> u64 {
    (table_bytes(risks) as u64).next_multiple_of(UNIT).max(UNIT)
}

/// Bytes of the descriptions of so many covariances.
pub(crate) fn table_bytes(risks: usize) -> usize {
    bytes(risks, RISK)
}
