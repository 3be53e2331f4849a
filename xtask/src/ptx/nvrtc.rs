//! NVRTC, which makes PTX of CUDA C++, found at run time.
#![allow(unsafe_code, reason = "the compiler is a C library that is loaded at run time")]

use libloading::Library;
use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::path::{Path, PathBuf};
use std::ptr;

/// Why there is no PTX.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum Error {
    /// The library or one of its functions is not there.
    #[error("{path}: {source}")]
    Load { path: PathBuf, source: libloading::Error },
    /// Another version than the pinned one.
    #[error("NVRTC {major}.{minor} found, 12.0 needed")]
    Version { major: c_int, minor: c_int },
    /// A function answered with an error.
    #[error("{function}: {said} ({code})")]
    Call { function: &'static str, code: c_int, said: String },
    /// The kernel has a mistake.
    #[error("{name} does not compile:\n{log}")]
    Compile { name: String, log: String },
    /// A source that no C string can hold.
    #[error("a byte of zero in {0}")]
    Zero(String),
}

/// PTX, and what the compiler had to say.
pub(crate) struct Made {
    pub(crate) ptx: Vec<u8>,
    pub(crate) log: String,
}

/// A named source.
pub(crate) struct Source {
    name: CString,
    text: CString,
}

impl Source {
    /// # Errors
    /// [`Error::Zero`].
    pub(crate) fn new(name: &str, bytes: &[u8]) -> Result<Self, Error> {
        let text = |bytes: &[u8]| CString::new(bytes).map_err(|_| Error::Zero(name.to_owned()));
        Ok(Self { name: text(name.as_bytes())?, text: text(bytes)? })
    }
}

type Handle = *mut c_void;
type Version = unsafe extern "C" fn(*mut c_int, *mut c_int) -> c_int;
type ErrorString = unsafe extern "C" fn(c_int) -> *const c_char;
type Create = unsafe extern "C" fn(
    *mut Handle,
    *const c_char,
    *const c_char,
    c_int,
    *const *const c_char,
    *const *const c_char,
) -> c_int;
type Compile = unsafe extern "C" fn(Handle, c_int, *const *const c_char) -> c_int;
type Size = unsafe extern "C" fn(Handle, *mut usize) -> c_int;
type Text = unsafe extern "C" fn(Handle, *mut c_char) -> c_int;
type Destroy = unsafe extern "C" fn(*mut Handle) -> c_int;

/// The library and the functions of it that we call.
pub(crate) struct Nvrtc {
    error_string: ErrorString,
    create: Create,
    compile: Compile,
    log_size: Size,
    log: Text,
    ptx_size: Size,
    ptx: Text,
    destroy: Destroy,
    /// The functions live as long as it does.
    _library: Library,
}

impl Nvrtc {
    /// Loads the library at `path`, whose version must be 12.0.
    ///
    /// # Errors
    /// [`Error::Load`], [`Error::Version`].
    pub(crate) fn open(path: &Path) -> Result<Self, Error> {
        let load = |source| Error::Load { path: path.to_owned(), source };
        // SAFETY: NVRTC does nothing at its loading and unloading but set up and give back its own state.
        let library = unsafe { Library::new(path) }.map_err(load)?;
        // SAFETY: the type is that of `nvrtc.h`.
        let version: Version = unsafe { function(&library, "nvrtcVersion") }.map_err(load)?;
        let nvrtc = Self {
            // SAFETY: the type is that of `nvrtc.h`.
            error_string: unsafe { function(&library, "nvrtcGetErrorString") }.map_err(load)?,
            // SAFETY: as above.
            create: unsafe { function(&library, "nvrtcCreateProgram") }.map_err(load)?,
            // SAFETY: as above.
            compile: unsafe { function(&library, "nvrtcCompileProgram") }.map_err(load)?,
            // SAFETY: as above.
            log_size: unsafe { function(&library, "nvrtcGetProgramLogSize") }.map_err(load)?,
            // SAFETY: as above.
            log: unsafe { function(&library, "nvrtcGetProgramLog") }.map_err(load)?,
            // SAFETY: as above.
            ptx_size: unsafe { function(&library, "nvrtcGetPTXSize") }.map_err(load)?,
            // SAFETY: as above.
            ptx: unsafe { function(&library, "nvrtcGetPTX") }.map_err(load)?,
            // SAFETY: as above.
            destroy: unsafe { function(&library, "nvrtcDestroyProgram") }.map_err(load)?,
            _library: library,
        };
        let (mut major, mut minor) = (0, 0);
        // SAFETY: both pointers are to numbers that live through the call.
        let code = unsafe { version(&raw mut major, &raw mut minor) };
        nvrtc.answered("nvrtcVersion", code)?;
        if (major, minor) == (12, 0) { Ok(nvrtc) } else { Err(Error::Version { major, minor }) }
    }

    /// The PTX of a kernel, which may include `headers` by their names and nothing else.
    ///
    /// # Errors
    /// [`Error::Compile`] with the compiler's words, [`Error::Zero`], [`Error::Call`].
    pub(crate) fn compile(
        &self,
        kernel: &Source,
        headers: &[Source],
        flags: &[String],
    ) -> Result<Made, Error> {
        let flags: Vec<CString> = flags
            .iter()
            .map(|flag| CString::new(flag.as_str()).map_err(|_| Error::Zero(flag.clone())))
            .collect::<Result<_, _>>()?;
        let flags: Vec<*const c_char> = flags.iter().map(|flag| flag.as_ptr()).collect();
        let program = Program::new(self, kernel, headers)?;
        // SAFETY: the program exists, and the flags are as many C strings as the call says.
        let code = unsafe { (self.compile)(program.handle, flags.len() as c_int, flags.as_ptr()) };
        let log = String::from_utf8_lossy(&program.text("nvrtcGetProgramLog", self.log_size, self.log)?)
            .trim()
            .to_owned();
        if code != 0 && !log.is_empty() {
            return Err(Error::Compile { name: kernel.name.to_string_lossy().into_owned(), log });
        }
        self.answered("nvrtcCompileProgram", code)?;
        Ok(Made { ptx: program.text("nvrtcGetPTX", self.ptx_size, self.ptx)?, log })
    }

    fn answered(&self, function: &'static str, code: c_int) -> Result<(), Error> {
        if code == 0 {
            return Ok(());
        }
        // SAFETY: the function takes any number.
        let said = unsafe { (self.error_string)(code) };
        // SAFETY: it answers a C string that is a constant of the library.
        let said = unsafe { CStr::from_ptr(said) };
        Err(Error::Call { function, code, said: said.to_string_lossy().into_owned() })
    }
}

/// A function of the library by its name.
///
/// # Safety
/// `F` is a pointer to a function of the type that the library's header gives to this name.
unsafe fn function<F: Copy>(library: &Library, name: &str) -> Result<F, libloading::Error> {
    // SAFETY: the caller's promise.
    unsafe { library.get::<F>(name) }.map(|symbol| *symbol)
}

/// A kernel inside the library, given back at the end.
struct Program<'a> {
    nvrtc: &'a Nvrtc,
    handle: Handle,
}

impl<'a> Program<'a> {
    fn new(nvrtc: &'a Nvrtc, kernel: &Source, headers: &[Source]) -> Result<Self, Error> {
        let texts: Vec<*const c_char> = headers.iter().map(|header| header.text.as_ptr()).collect();
        let names: Vec<*const c_char> = headers.iter().map(|header| header.name.as_ptr()).collect();
        let (text, name, count) = (kernel.text.as_ptr(), kernel.name.as_ptr(), headers.len() as c_int);
        let mut handle = ptr::null_mut();
        // SAFETY: all are C strings that live through the call, `count` of them in each list.
        let code =
            unsafe { (nvrtc.create)(&raw mut handle, text, name, count, texts.as_ptr(), names.as_ptr()) };
        nvrtc.answered("nvrtcCreateProgram", code)?;
        Ok(Self { nvrtc, handle })
    }

    /// A text of the program, without the zero at its end.
    fn text(&self, name: &'static str, size: Size, text: Text) -> Result<Vec<u8>, Error> {
        let mut bytes = 0;
        // SAFETY: the program exists, and the number lives through the call.
        let code = unsafe { size(self.handle, &raw mut bytes) };
        self.nvrtc.answered(name, code)?;
        let mut out = vec![0_u8; bytes];
        // SAFETY: the buffer has the size that the library asked for.
        let code = unsafe { text(self.handle, out.as_mut_ptr().cast()) };
        self.nvrtc.answered(name, code)?;
        while out.last() == Some(&0) {
            out.pop();
        }
        Ok(out)
    }
}

impl Drop for Program<'_> {
    fn drop(&mut self) {
        // SAFETY: the program exists, and nobody uses it after this.
        unsafe { (self.nvrtc.destroy)(&raw mut self.handle) };
    }
}
