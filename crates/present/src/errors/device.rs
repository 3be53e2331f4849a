//! A GPU.

use super::catalogue;

catalogue! {
    "device", "A GPU.", samebits_solver_gpu::GpuError, "crates/solver-gpu/src/error.rs", "GpuError";
    NotBuilt = "not-built", "This build has no CUDA",
        "The feature exists on Linux, x86-64 and aarch64. Use --backend cpu: it gives the same bits.";
    NoDriver = "no-driver", "There is no CUDA driver",
        "libcuda.so.1 was not found. Install the driver of the device, or use --backend cpu or auto.";
    NoDevice = "no-device", "The driver found no device",
        "Check the machine or container, and CUDA_VISIBLE_DEVICES. --backend auto falls back to the processor.";
    TooOld = "too-old", "The driver or the device is too old",
        "The message has what is needed. --backend cpu gives the same bits.";
    SelfTestFailed = "self-test-failed", "The device computes other bits than the written order",
        "It is not used, because a result of it would not replay. Run `cargo xtask gpu-verify` and report what it \
         says.";
    Lost = "lost", "A call to the device failed",
        "What the device held is lost; Runs under way are done by the processor. If it happens again, look at the \
         system's log of the device.";
    NoRoom = "no-room", "A problem needs more device memory than is allowed",
        "Raise --device-memory, or solve it on the processor.";
}
