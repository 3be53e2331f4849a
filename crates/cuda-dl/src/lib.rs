//! The CUDA driver's functions, found at run time.
//!
//! `cust` links against `libcuda`, which only machines with a driver have. This crate defines every `cu*` symbol that
//! `cust` names: each is a jump through a table, and `cuInit` fills the table from `libcuda.so.1`. A program built anywhere
//! then starts everywhere; without a driver `cuInit` answers `CUDA_ERROR_NO_DEVICE` and the others
//! `CUDA_ERROR_NOT_INITIALIZED`. A function that a driver lacks answers `CUDA_ERROR_NOT_FOUND`; see [`missing`]. Functions
//! that are called while a device works answer with codes that `cust` knows, whatever the driver's age.
//!
//! For `-lcuda` itself the folder `stub` holds an empty linker script; `.cargo/config.toml` points to it.
//!
//! Linux on x86-64 and aarch64; elsewhere the crate is empty.

#![cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
#![allow(
    unsafe_code,
    reason = "finding functions in a library and jumping to them is what this crate is for"
)]

use libloading::os::unix::{Library, RTLD_NOW};
use std::ffi::{c_char, c_int, c_uint, c_void};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Once, OnceLock};

const NO_DEVICE: c_uint = 100;
const NOT_INITIALIZED: c_uint = 3;
const NOT_FOUND: c_uint = 500;

extern "C" fn not_initialized() -> c_uint {
    NOT_INITIALIZED
}

extern "C" fn not_found() -> c_uint {
    NOT_FOUND
}

/// Functions of the driver by their place: its address, or one of the answers above.
static TABLE: [AtomicUsize; COUNT] = [const { AtomicUsize::new(0) }; COUNT];
const COUNT: usize = JUMPED.len() + CALLED.len();

/// All names, in the order of the table.
fn names() -> impl Iterator<Item = &'static str> {
    JUMPED.iter().chain(CALLED).copied()
}

/// Error codes that `cust` 0.3 has a name for (those of CUDA 11.4). It keeps them in an `enum`, in which any other number
/// would be undefined behaviour.
const KNOWN: &[c_uint] = &[
    0, 1, 2, 3, 4, 5, 6, 7, 8, 34, 100, 101, 102, 200, 201, 202, 205, 206, 207, 208, 209, 210, 211, 212, 213,
    214, 215, 216, 217, 218, 219, 220, 221, 222, 223, 224, 300, 301, 302, 303, 304, 400, 401, 500, 600, 700,
    701, 702, 703, 704, 705, 708, 709, 710, 711, 712, 713, 714, 715, 716, 717, 718, 719, 720, 800, 801, 802,
    803, 804, 805, 806, 807, 808, 809, 900, 901, 902, 903, 904, 905, 906, 907, 908, 909, 910, 911, 999,
];
const UNKNOWN: c_uint = 999;

/// The code itself, or "unknown error" for one that is newer than `cust`.
const fn clamped(code: c_uint) -> c_uint {
    let mut at = 0;
    while at < KNOWN.len() {
        if KNOWN[at] == code {
            return code;
        }
        at += 1;
    }
    UNKNOWN
}

/// A context, stream, event, module, function, or memory of the host.
type Handle = *mut c_void;

/// Functions that are called while a device works: their answers are [`clamped`].
macro_rules! called {
    ($(fn $name:ident($($argument:ident: $type:ty),*);)*) => {
        const CALLED: &[&str] = &[$(stringify!($name)),*];
        $(
            /// The driver's function of this name, its answer one that `cust` knows.
            ///
            /// # Safety
            /// As the driver's own.
            // SAFETY: this is the one definition of the symbol in the program.
            #[unsafe(no_mangle)]
            #[allow(non_snake_case, reason = "the driver's own name")]
            pub unsafe extern "C" fn $name($($argument: $type),*) -> c_uint {
                const AT: usize = JUMPED.len() + place_of(CALLED, stringify!($name));
                type Function = unsafe extern "C" fn($($type),*) -> c_uint;
                let address = TABLE[AT].load(Ordering::Acquire);
                // SAFETY: the table holds the driver's function of this name, whose type this is, or one that only answers.
                let function = unsafe { std::mem::transmute::<usize, Function>(address) };
                // SAFETY: the caller's promise is the driver's.
                clamped(unsafe { function($($argument),*) })
            }
        )*
    };
}

const fn place_of(names: &[&str], name: &str) -> usize {
    let mut at = 0;
    while !same(names[at].as_bytes(), name.as_bytes()) {
        at += 1;
    }
    at
}

const fn same(a: &[u8], b: &[u8]) -> bool {
    if a.len() != b.len() {
        return false;
    }
    let mut at = 0;
    while at < a.len() {
        if a[at] != b[at] {
            return false;
        }
        at += 1;
    }
    true
}

/// Functions that `cust` names and we do not call: symbols that jump through their place in the table.
macro_rules! jumped {
    ($($name:ident),* $(,)?) => {
        const JUMPED: &[&str] = &[$(stringify!($name)),*];

        #[cfg(target_arch = "x86_64")]
        std::arch::global_asm!(
            ".text",
            ".set .Lcuda_dl_next, 0",
            $(concat!(
                ".globl ", stringify!($name), "\n.type ", stringify!($name), ",@function\n", stringify!($name), ":\n",
                "  jmp *{table}+.Lcuda_dl_at_", stringify!($name), "(%rip)\n",
                ".set .Lcuda_dl_at_", stringify!($name), ", .Lcuda_dl_next\n.set .Lcuda_dl_next, .Lcuda_dl_next+8"
            ),)*
            table = sym TABLE,
            options(att_syntax)
        );

        #[cfg(target_arch = "aarch64")]
        std::arch::global_asm!(
            ".text",
            ".set .Lcuda_dl_next, 0",
            $(concat!(
                ".globl ", stringify!($name), "\n.type ", stringify!($name), ",@function\n", stringify!($name), ":\n",
                ".set .Lcuda_dl_at_", stringify!($name), ", .Lcuda_dl_next\n.set .Lcuda_dl_next, .Lcuda_dl_next+8\n",
                "  adrp x16, {table}\n  add x16, x16, :lo12:{table}\n",
                "  ldr x16, [x16, #.Lcuda_dl_at_", stringify!($name), "]\n  br x16"
            ),)*
            table = sym TABLE,
        );
    };
}

called! {
    fn cuDriverGetVersion(version: *mut c_int);
    fn cuDeviceGetCount(count: *mut c_int);
    fn cuDeviceGet(device: *mut c_int, ordinal: c_int);
    fn cuDeviceGetName(name: *mut c_char, length: c_int, device: c_int);
    fn cuDeviceGetAttribute(value: *mut c_int, attribute: c_uint, device: c_int);
    fn cuDeviceTotalMem_v2(bytes: *mut usize, device: c_int);
    fn cuDevicePrimaryCtxRetain(context: *mut Handle, device: c_int);
    fn cuDevicePrimaryCtxRelease_v2(device: c_int);
    fn cuCtxSetCurrent(context: Handle);
    fn cuCtxGetCurrent(context: *mut Handle);
    fn cuCtxSynchronize();
    fn cuModuleLoadData(module: *mut Handle, image: *const c_void);
    fn cuModuleLoadDataEx(module: *mut Handle, image: *const c_void, count: c_uint, options: *mut c_uint, values: *mut Handle);
    fn cuModuleUnload(module: Handle);
    fn cuModuleGetFunction(function: *mut Handle, module: Handle, name: *const c_char);
    fn cuFuncGetAttribute(value: *mut c_int, attribute: c_uint, function: Handle);
    fn cuFuncSetAttribute(function: Handle, attribute: c_uint, value: c_int);
    fn cuOccupancyMaxActiveBlocksPerMultiprocessor(blocks: *mut c_int, function: Handle, threads: c_int, shared: usize);
    fn cuStreamCreate(stream: *mut Handle, flags: c_uint);
    fn cuStreamCreateWithPriority(stream: *mut Handle, flags: c_uint, priority: c_int);
    fn cuStreamDestroy_v2(stream: Handle);
    fn cuStreamSynchronize(stream: Handle);
    fn cuStreamWaitEvent(stream: Handle, event: Handle, flags: c_uint);
    fn cuEventCreate(event: *mut Handle, flags: c_uint);
    fn cuEventDestroy_v2(event: Handle);
    fn cuEventRecord(event: Handle, stream: Handle);
    fn cuEventSynchronize(event: Handle);
    fn cuEventElapsedTime(milliseconds: *mut f32, start: Handle, end: Handle);
    fn cuMemAlloc_v2(address: *mut u64, bytes: usize);
    fn cuMemFree_v2(address: u64);
    fn cuMemAllocHost_v2(memory: *mut Handle, bytes: usize);
    fn cuMemFreeHost(memory: Handle);
    fn cuMemGetInfo_v2(free: *mut usize, total: *mut usize);
    fn cuMemcpyHtoDAsync_v2(to: u64, from: *const c_void, bytes: usize, stream: Handle);
    fn cuMemcpyDtoHAsync_v2(to: Handle, from: u64, bytes: usize, stream: Handle);
    fn cuLaunchKernel(function: Handle, grid_x: c_uint, grid_y: c_uint, grid_z: c_uint, block_x: c_uint, block_y: c_uint, block_z: c_uint, shared: c_uint, stream: Handle, parameters: *mut Handle, extra: *mut Handle);
}

jumped! {
    cuArray3DCreate_v2,
    cuArray3DGetDescriptor_v2,
    cuArrayDestroy,
    cuCtxCreate_v2,
    cuCtxDestroy_v2,
    cuCtxGetApiVersion,
    cuCtxGetCacheConfig,
    cuCtxGetDevice,
    cuCtxGetFlags,
    cuCtxGetLimit,
    cuCtxGetSharedMemConfig,
    cuCtxGetStreamPriorityRange,
    cuCtxPopCurrent_v2,
    cuCtxPushCurrent_v2,
    cuCtxSetCacheConfig,
    cuCtxSetLimit,
    cuCtxSetSharedMemConfig,
    cuDestroyExternalMemory,
    cuDevicePrimaryCtxReset_v2,
    cuDevicePrimaryCtxSetFlags_v2,
    cuEventQuery,
    cuExternalMemoryGetMappedBuffer,
    cuFuncSetCacheConfig,
    cuFuncSetSharedMemConfig,
    cuGetErrorName,
    cuGetErrorString,
    cuGraphAddKernelNode,
    cuGraphCreate,
    cuGraphDebugDotPrint,
    cuGraphDestroy,
    cuGraphExecDestroy,
    cuGraphGetEdges,
    cuGraphGetNodes,
    cuGraphInstantiate_v2,
    cuGraphKernelNodeGetParams,
    cuGraphLaunch,
    cuGraphNodeGetType,
    cuImportExternalMemory,
    cuLaunchCooperativeKernel,
    cuLaunchHostFunc,
    cuLinkAddData_v2,
    cuLinkComplete,
    cuLinkCreate_v2,
    cuLinkDestroy,
    cuMemAdvise,
    cuMemAllocAsync,
    cuMemAllocManaged,
    cuMemFreeAsync,
    cuMemHostRegister_v2,
    cuMemHostUnregister,
    cuMemPrefetchAsync,
    cuMemcpy2D_v2,
    cuMemcpyAtoH_v2,
    cuMemcpyDtoDAsync_v2,
    cuMemcpyDtoD_v2,
    cuMemcpyDtoH_v2,
    cuMemcpyHtoA_v2,
    cuMemcpyHtoD_v2,
    cuMemsetD16Async,
    cuMemsetD16_v2,
    cuMemsetD32Async,
    cuMemsetD32_v2,
    cuMemsetD8Async,
    cuMemsetD8_v2,
    cuModuleGetGlobal_v2,
    cuModuleLoad,
    cuModuleLoadFatBinary,
    cuOccupancyAvailableDynamicSMemPerBlock,
    cuOccupancyMaxPotentialBlockSize,
    cuStreamBeginCapture_v2,
    cuStreamEndCapture,
    cuStreamGetFlags,
    cuStreamGetPriority,
    cuStreamQuery,
    cuSurfObjectCreate,
    cuSurfObjectDestroy,
    cuSurfObjectGetResourceDesc,
    cuTexObjectCreate,
    cuTexObjectDestroy,
    cuTexObjectGetResourceDesc,
    cuTexObjectGetResourceViewDesc,
}

/// Before anything else runs, every function answers that the driver is not initialised.
// SAFETY: the section holds pointers to functions of this very type; this one touches only this crate's table.
#[used]
#[unsafe(link_section = ".init_array")]
static PREFILL: extern "C" fn() = prefill;

extern "C" fn prefill() {
    for entry in &TABLE {
        entry.store(not_initialized as *const () as usize, Ordering::Release);
    }
}

type Init = unsafe extern "C" fn(c_uint) -> c_uint;

/// The driver, opened once and kept for the life of the process: its functions must not go away under their callers.
static DRIVER: OnceLock<Library> = OnceLock::new();
static OPENED: Once = Once::new();

/// Opens the driver and fills the table; the first call does.
fn open() {
    OPENED.call_once(|| {
        // SAFETY: the driver's own initialisers run, as in every program linked against it.
        let Ok(library) = (unsafe { Library::open(Some("libcuda.so.1"), RTLD_NOW) }) else { return };
        for (entry, name) in TABLE.iter().zip(names()) {
            // SAFETY: the symbol is only stored; its callers declare its type.
            let found = unsafe { library.get::<Init>(name.as_bytes()) };
            let address = found.map_or(not_found as *const () as usize, |f| *f as *const () as usize);
            entry.store(address, Ordering::Release);
        }
        let _ = DRIVER.set(library);
    });
}

/// The driver's `cuInit`: finds the driver, then calls its own.
///
/// # Safety
/// As the driver's own function of this name.
// SAFETY: this is the one definition of the symbol in the program.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuInit(flags: c_uint) -> c_uint {
    open();
    let Some(driver) = DRIVER.get() else { return NO_DEVICE };
    // SAFETY: `cuInit` has had this type in every version of the driver.
    let Ok(init) = (unsafe { driver.get::<Init>(b"cuInit") }) else { return NO_DEVICE };
    // SAFETY: the caller's promise is the driver's.
    clamped(unsafe { init(flags) })
}

/// Whether a driver library was found; opens it if that has not been tried.
pub fn present() -> bool {
    open();
    DRIVER.get().is_some()
}

/// Functions that the driver lacks; empty without a driver.
pub fn missing() -> Vec<&'static str> {
    let absent = not_found as *const () as usize;
    let lacks = |entry: &AtomicUsize| entry.load(Ordering::Acquire) == absent;
    names().zip(&TABLE).filter(|(_, entry)| lacks(entry)).map(|(name, _)| name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    unsafe extern "C" {
        fn cuStreamQuery(stream: Handle) -> c_uint;
    }

    /// A function that is called and one that is jumped to: before `cuInit`, and without a driver after it, the answer is
    /// "not initialised"; `cuInit` itself says that there is no device.
    #[test]
    fn functions_answer_without_a_driver() {
        let mut count = 0;
        if !present() {
            // SAFETY: zero is the only flag there is.
            assert_eq!(unsafe { cuInit(0) }, NO_DEVICE);
            // SAFETY: the pointer is valid; the function writes at most one number.
            assert_eq!(unsafe { cuDeviceGetCount(&raw mut count) }, NOT_INITIALIZED);
            // SAFETY: without a driver the function only answers.
            assert_eq!(unsafe { cuStreamQuery(std::ptr::null_mut()) }, NOT_INITIALIZED);
            assert!(missing().is_empty() && count == 0);
        }
    }

    #[test]
    fn codes_that_cust_does_not_know_are_clamped() {
        assert_eq!(
            [clamped(0), clamped(719), clamped(226), clamped(916), clamped(u32::MAX)],
            [0, 719, 999, 999, 999]
        );
    }

    #[test]
    fn every_name_is_there_once() {
        let mut all: Vec<&str> = names().collect();
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), count);
        assert_eq!(place_of(CALLED, "cuLaunchKernel"), CALLED.len() - 1);
    }
}
