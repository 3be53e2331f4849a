//! Lines of the result, and what each says of the bits.

use samebits_gpu_verify::check::Compared;
use samebits_solver_gpu::GpuError;
use serde_json::{Value, json};
use std::time::Instant;

/// What a row says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Every bit is the CPU's, or what was asked for holds.
    Same,
    /// Some bits are not, or a budget was not kept.
    Differs,
    /// The device was lost.
    Lost,
    /// The bits are the same, but the CPU answered too many of the problems to say much of the device.
    Idle,
    /// Nothing was asked of the bits.
    Told,
    /// The step did not run.
    Skipped,
}

impl Verdict {
    const fn name(self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::Differs => "DIFFERS",
            Self::Lost => "LOST",
            Self::Idle => "IDLE",
            Self::Told => "-",
            Self::Skipped => "skipped",
        }
    }

    /// Whether the exit code may be 0.
    pub(crate) const fn is_good(self) -> bool {
        matches!(self, Self::Same | Self::Told | Self::Skipped)
    }
}

/// One line.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    pub(crate) step: &'static str,
    pub(crate) what: String,
    pub(crate) verdict: Verdict,
    pub(crate) detail: String,
    pub(crate) seconds: f64,
}

impl Row {
    /// A row of a step that began at `begun`.
    pub(crate) fn new(
        step: &'static str,
        what: impl Into<String>,
        verdict: Verdict,
        detail: impl Into<String>,
        begun: Instant,
    ) -> Self {
        let seconds = begun.elapsed().as_secs_f64();
        Self { step, what: what.into(), verdict, detail: detail.into(), seconds }
    }

    /// A comparison; with `telling`, the device itself has to have answered most problems.
    pub(crate) fn compared(
        step: &'static str,
        what: impl Into<String>,
        found: Result<Compared, GpuError>,
        telling: bool,
        begun: Instant,
    ) -> Self {
        let found = match found {
            Ok(found) => found,
            Err(error) => return Self::new(step, what, Verdict::Lost, error.to_string(), begun),
        };
        let verdict = if found.differing > 0 {
            Verdict::Differs
        } else if found.lost.is_some() {
            Verdict::Lost
        } else if telling && !found.is_telling() {
            Verdict::Idle
        } else {
            Verdict::Same
        };
        let mut detail = format!(
            "{} compared: {} by the device, {} by the CPU; {} differ",
            found.problems, found.on_device, found.on_cpu, found.differing
        );
        for more in found.first.into_iter().chain(found.lost.map(|error| error.to_string())) {
            detail += "; ";
            detail += &more;
        }
        Self::new(step, what, verdict, detail, begun)
    }

    /// A step that did not run.
    pub(crate) fn skipped(step: &'static str, what: &str, why: impl Into<String>) -> Self {
        Self::new(step, what, Verdict::Skipped, why, Instant::now())
    }

    pub(crate) fn print(&self) {
        let Self { step, what, verdict, detail, seconds } = self;
        println!("{step:<9} {what:<34} {:<8} {seconds:>8.2} s  {detail}", verdict.name());
    }

    pub(crate) fn json(&self) -> Value {
        json!({
            "step": self.step, "what": self.what, "verdict": self.verdict.name(), "detail": self.detail,
            "seconds": self.seconds,
        })
    }
}

/// The device, for the first row.
pub(crate) struct First {
    pub(crate) device: String,
    pub(crate) generation: u32,
    pub(crate) note: String,
    /// Seconds: the first opening (kernels compiled, or found in the driver's cache, and self-tested), a self-test alone, a
    /// second opening.
    pub(crate) opened: f64,
    pub(crate) self_test: f64,
    pub(crate) again: f64,
}

impl First {
    /// The row of a device that was opened from `begun` until now.
    pub(crate) fn after(&self, begun: Instant) -> Row {
        let Self { device, generation, note, opened, self_test, again } = self;
        let (major, minor) = (generation / 10, generation % 10);
        let detail = format!(
            "kernels for {major}.{minor}; opened in {opened:.3} s, self-test {:.1} ms, opened again in {again:.3} s; note: {note}",
            1e3 * self_test
        );
        Row::new("device", device.clone(), Verdict::Same, detail, begun)
    }
}
