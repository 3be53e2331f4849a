//! One block: which warp runs next, and who waits at which barrier.

use crate::error::{Error, Fault};
use crate::exec::{Arrival, Stop};
use crate::instr::VoteMode;
use crate::launch::{Machine, Order};
use crate::shadow::Clock;
use crate::warp::Warp;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Ready,
    Waiting,
    Done,
}

#[derive(Clone, Default)]
struct Barrier {
    /// Warps that are there, one bit each.
    arrived: u32,
    /// Of them, those that wait.
    waiting: u32,
    /// Warps that must come; nothing: all of the block.
    wanted: Option<u32>,
    line: u32,
    arrivals: Vec<(usize, Arrival)>,
}

struct Block {
    states: Vec<State>,
    barriers: Vec<Barrier>,
    all: u32,
    done: u32,
}

impl Machine<'_> {
    /// Runs one block from its first to its last instruction.
    pub(crate) fn run_block(&mut self, warps: &mut [Warp], kernel: u32) -> Result<(), Error> {
        let n = warps.len();
        self.shared.forget();
        self.clock = Clock::new(self.clock.now(), self.clock.epoch(), n);
        for (i, w) in warps.iter_mut().enumerate() {
            w.start(&self.module.functions, kernel, self.threads - 32 * i as u32);
        }
        let mut block = Block {
            states: vec![State::Ready; n],
            barriers: vec![Barrier::default(); 16],
            all: if n == 32 { u32::MAX } else { (1 << n) - 1 },
            done: 0,
        };
        let mut round = 0;
        loop {
            let ready: Vec<usize> =
                self.order(n, round).into_iter().filter(|&i| block.states[i] == State::Ready).collect();
            if ready.is_empty() {
                break;
            }
            for i in ready {
                let stop = self.run(&mut warps[i]).map_err(|(fault, line)| fault.at(&self.kernel, line))?;
                let line = if let Stop::Bar(arrival) = stop { arrival.line } else { 0 };
                self.stopped(&mut block, warps, i, stop).map_err(|fault| fault.at(&self.kernel, line))?;
            }
            round += 1;
        }
        match block.barriers.iter().find(|b| b.waiting != 0) {
            None => Ok(()),
            Some(b) => Err(Error::Deadlock {
                kernel: self.kernel.clone(),
                line: b.line,
                block: self.block,
                waiting: block.barriers.iter().fold(0, |m, b| m | b.waiting),
            }),
        }
    }

    fn stopped(&mut self, block: &mut Block, warps: &mut [Warp], i: usize, stop: Stop) -> Result<(), Fault> {
        match stop {
            Stop::Done => {
                block.states[i] = State::Done;
                block.done |= 1 << i;
                for id in 0..block.barriers.len() {
                    self.complete(block, warps, id);
                }
            }
            Stop::Bar(arrival) => {
                let id = arrival.id as usize;
                if arrival.id >= 16 {
                    return Err(Fault::Barrier("its number is above 15"));
                }
                let total = warps.len() as u64 * 32;
                let wanted = match arrival.threads {
                    None => None,
                    Some(n) if n % 32 == 0 && n != 0 && n <= total => Some((n / 32) as u32),
                    Some(_) => return Err(Fault::Barrier("its number of threads does not fit the block")),
                };
                let b = &mut block.barriers[id];
                let all = warps.len() as u32;
                if b.arrived != 0 && b.wanted.unwrap_or(all) != wanted.unwrap_or(all) {
                    return Err(Fault::Barrier("warps name different numbers of threads"));
                }
                if b.arrived >> i & 1 == 1 {
                    return Err(Fault::Barrier("a warp arrives twice"));
                }
                // With a number written out, a warp that has exited does not count as one that came.
                b.wanted = wanted.or(b.wanted);
                b.line = arrival.line;
                b.arrived |= 1 << i;
                b.arrivals.push((i, arrival));
                if arrival.waits {
                    b.waiting |= 1 << i;
                    block.states[i] = State::Waiting;
                }
                self.complete(block, warps, id);
            }
        }
        Ok(())
    }

    fn complete(&mut self, block: &mut Block, warps: &mut [Warp], id: usize) {
        let b = &mut block.barriers[id];
        let met = match b.wanted {
            None => b.arrived | block.done,
            Some(_) => b.arrived,
        };
        let full = match b.wanted {
            None => met == block.all,
            Some(n) => met.count_ones() >= n,
        };
        if b.arrived == 0 || !full {
            return;
        }
        let b = std::mem::take(b);
        self.clock.barrier(met);
        self.stats.barriers += 1;
        for i in (0..warps.len()).filter(|i| b.waiting >> i & 1 == 1) {
            block.states[i] = State::Ready;
        }
        let count: u32 = b.arrivals.iter().filter_map(|(_, a)| a.red).map(|r| r.1.count_ones()).sum();
        let voters: u32 =
            b.arrivals.iter().filter(|(_, a)| a.red.is_some()).map(|(_, a)| a.lanes.count_ones()).sum();
        for (i, arrival) in &b.arrivals {
            let Some((how, _, d, p)) = arrival.red else { continue };
            match how {
                VoteMode::Ballot => warps[*i].put(d, &[u64::from(count); 32], arrival.lanes),
                VoteMode::All => {
                    warps[*i].put_pred(p, if count == voters { u32::MAX } else { 0 }, arrival.lanes);
                }
                _ => warps[*i].put_pred(p, if count != 0 { u32::MAX } else { 0 }, arrival.lanes),
            }
        }
    }

    /// The order in which the warps run until their next barriers.
    fn order(&self, n: usize, round: u64) -> Vec<usize> {
        let mut order: Vec<usize> = (0..n).collect();
        match self.options.order {
            Order::Forward => {}
            Order::Reverse => order.reverse(),
            Order::Shuffled(seed) => {
                let mut state = seed ^ u64::from(self.block).wrapping_mul(0x9e37_79b9) ^ round << 32;
                for i in (1..n).rev() {
                    state = mix(state);
                    order.swap(i, (state % (i as u64 + 1)) as usize);
                }
            }
        }
        order
    }
}

/// A step of a generator of 64 bits: every bit of the state reaches every bit of the next one.
fn mix(state: u64) -> u64 {
    let mut z = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ z >> 31
}
