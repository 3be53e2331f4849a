//! Where solvers run: on the processor, or in batches on a device. No bit depends on it.

use crate::Error;
use crate::gather::{Entered, Gather};
use samebits_canon::Isa;
use samebits_qp::sides::Session;
use samebits_qp::{Problem, Settings, Solution, Solver};
use samebits_solver_gpu::{GpuActiveSet, GpuIpm, Report, Shared};
use std::sync::Arc;

/// Where solvers run.
#[derive(Clone)]
pub struct Backend {
    isa: Isa,
    device: Option<Arc<OnDevice>>,
}

struct OnDevice {
    active_set: Gather<GpuActiveSet>,
    ipm: Gather<GpuIpm>,
}

/// A thread that decides with a [`Backend`] holds one, so that batches know how many solves to wait for.
pub struct Deciding<'a> {
    _inside: Option<(Entered<'a, GpuActiveSet>, Entered<'a, GpuIpm>)>,
}

impl Backend {
    /// The processor; kernels use `isa`.
    pub fn cpu(isa: Isa) -> Self {
        Self { isa, device: None }
    }

    /// A device for the solvers that run on one, `isa` for the others.
    pub fn device(shared: Shared, isa: Isa) -> Self {
        let active_set = Gather::new(GpuActiveSet::new(shared.clone()));
        let ipm = Gather::new(GpuIpm::new(shared));
        Self { isa, device: Some(Arc::new(OnDevice { active_set, ipm })) }
    }

    /// Instructions that kernels on the processor use.
    pub fn isa(&self) -> Isa {
        self.isa
    }

    /// The solver of this name and arithmetic version, on the device where there is one and the solver runs on it.
    ///
    /// # Errors
    /// [`Error::UnknownSolver`].
    pub fn solver(&self, id: &str, threads: usize) -> Result<Box<dyn Solver>, Error> {
        let on_device = self.device.as_ref().and_then(|device| OnDevice::find(device, id));
        if let Some(solver) = on_device {
            return Ok(Box::new(solver));
        }
        samebits_solver_cpu::by_id(id, self.isa, threads).ok_or_else(|| Error::UnknownSolver {
            wanted: id.to_owned(),
            known: samebits_solver_cpu::ids().join(", "),
        })
    }

    /// As [`Backend::solver`], on the device or not at all.
    ///
    /// # Errors
    /// [`Error::NotOnDevice`].
    pub(crate) fn device_solver(&self, id: &str) -> Result<Box<dyn Solver>, Error> {
        let found = self.device.as_ref().and_then(|device| OnDevice::find(device, id));
        found.map(|solver| Box::new(solver) as Box<dyn Solver>).ok_or_else(|| Error::NotOnDevice {
            wanted: id.to_owned(),
            known: if self.device.is_some() { "active-set/1, ipm/1" } else { "no device" },
        })
    }

    /// Counts the calling thread among those that decide.
    pub fn decide(&self) -> Deciding<'_> {
        let inside = self.device.as_ref().map(|device| (device.active_set.enter(), device.ipm.enter()));
        Deciding { _inside: inside }
    }

    /// What the device's batches came to; `None` on the processor.
    pub fn report(&self) -> Option<Report> {
        let device = self.device.as_ref()?;
        let (a, b) = (device.active_set.report(), device.ipm.report());
        Some(Report {
            on_device: a.on_device + b.on_device,
            on_cpu: a.on_cpu + b.on_cpu,
            lost: a.lost.or(b.lost),
        })
    }
}

/// A solver of the device.
struct Held {
    device: Arc<OnDevice>,
    which: Which,
}

#[derive(Clone, Copy)]
enum Which {
    ActiveSet,
    Ipm,
    RawIpm,
}

impl OnDevice {
    fn find(device: &Arc<Self>, id: &str) -> Option<Held> {
        let which = match id {
            _ if id == device.active_set.id() => Which::ActiveSet,
            _ if id == device.ipm.id() => Which::Ipm,
            "ipm-raw/1" => Which::RawIpm,
            _ => return None,
        };
        Some(Held { device: Arc::clone(device), which })
    }
}

impl Held {
    fn gathered(&self) -> &dyn Solver {
        match self.which {
            Which::ActiveSet => &self.device.active_set,
            Which::Ipm | Which::RawIpm => &self.device.ipm,
        }
    }
}

impl Solver for Held {
    fn id(&self) -> &'static str {
        match self.which {
            Which::RawIpm => "ipm-raw/1",
            Which::ActiveSet | Which::Ipm => self.gathered().id(),
        }
    }

    fn solve(&self, problem: &Problem, settings: &Settings) -> Result<Solution, samebits_qp::Error> {
        match self.which {
            Which::RawIpm => self.device.ipm.solver().solve_raw(problem, settings),
            Which::ActiveSet | Which::Ipm => self.gathered().solve(problem, settings),
        }
    }

    fn isa(&self) -> Isa {
        self.gathered().isa()
    }

    fn session<'a>(
        &'a self,
        problem: &'a Problem,
        settings: &Settings,
    ) -> Result<Option<Box<dyn Session + 'a>>, samebits_qp::Error> {
        self.gathered().session(problem, settings)
    }
}
