//! Makes every fault in every kernel in turn, in the text of its PTX, and prints which of them the tests' problems catch.
//!
//! `cargo run --release -p samebits-solver-gpu --example kernel-mutants [generation] [module] [step]`
//!
//! With a step it makes every so-manieth fault of each module.

#![expect(clippy::print_stdout, reason = "an example that prints a table")]

#[path = "../tests/it/compare.rs"]
mod compare;
#[path = "../tests/it/emulator.rs"]
mod emulator;
#[path = "../tests/it/mutants/mod.rs"]
#[allow(dead_code, reason = "the tests use the rest")]
mod mutants;
#[path = "../tests/it/scene.rs"]
#[allow(dead_code, reason = "the tests use the rest")]
mod scene;
#[path = "../tests/it/stand.rs"]
#[allow(dead_code, reason = "the tests use the rest")]
mod stand;

use mutants::court::{Court, Verdict};
use mutants::fault::{Fault, Site};
use mutants::trials::trials;
use rayon::prelude::*;
use samebits_solver_gpu::ptx;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let generation = arguments.next().map_or(90, |text| text.parse().expect("a generation"));
    let only = arguments.next();
    let step: usize = arguments.next().map_or(1, |text| text.parse().expect("a step"));
    let (mut made, mut caught) = (0, 0);
    for module in ptx::MODULES {
        if only.as_deref().is_some_and(|only| only != module) {
            continue;
        }
        let court = Court::new(module, generation, trials(module));
        let chosen: Vec<usize> = (0..court.sites.len()).step_by(step).collect();
        let judged: Vec<Verdict> = chosen.par_iter().map(|&at| court.judge(at)).collect();
        let sites: Vec<&Site> = chosen.iter().map(|&at| &court.sites[at]).collect();
        println!("{module}_{generation}.ptx");
        for fault in Fault::ALL {
            let of = || sites.iter().zip(&judged).filter(|(site, _)| site.fault == fault);
            let count = |wanted: fn(&Verdict) -> bool| of().filter(|(_, verdict)| wanted(verdict)).count();
            let hit = count(|verdict| matches!(verdict, Verdict::Caught(_)));
            let unreached = count(|verdict| *verdict == Verdict::Unreached);
            let all = of().count();
            println!("  {fault:?}: {all} made, {hit} caught, {unreached} unreached");
            (made, caught) = (made + all, caught + hit);
        }
        for (site, verdict) in sites.iter().zip(&judged) {
            if !matches!(verdict, Verdict::Caught(_)) {
                let at = format!("{} {}, line {}", site.function, site.ordinal, site.line);
                println!("  {verdict:?}: {:?} {at}", site.fault);
            }
        }
    }
    println!("{caught} of {made} caught");
}
