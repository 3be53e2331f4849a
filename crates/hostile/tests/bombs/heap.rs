//! The functions by which all of a program asks for memory, C libraries too, counted. Where the system's C library is not
//! glibc, what Rust asks for is counted.

pub(crate) use imp::SEES_C;

#[cfg(all(target_os = "linux", target_env = "gnu"))]
mod imp {
    #![allow(unsafe_code, reason = "the C library's own functions for memory")]

    use samebits_hostile::count;
    use std::ffi::{c_int, c_void};

    pub(crate) const SEES_C: bool = true;
    /// ENOMEM.
    const NO_MEMORY: c_int = 12;

    unsafe extern "C" {
        fn __libc_malloc(size: usize) -> *mut c_void;
        fn __libc_calloc(items: usize, size: usize) -> *mut c_void;
        fn __libc_realloc(place: *mut c_void, size: usize) -> *mut c_void;
        fn __libc_memalign(align: usize, size: usize) -> *mut c_void;
        fn __libc_free(place: *mut c_void);
        fn malloc_usable_size(place: *mut c_void) -> usize;
    }

    /// Bytes at `place`; 0 where it is null.
    fn size(place: *mut c_void) -> isize {
        // SAFETY: every caller has the place from these functions and has not given it back.
        unsafe { malloc_usable_size(place) as isize }
    }

    fn counted(place: *mut c_void) -> *mut c_void {
        count(size(place));
        place
    }

    /// # Safety
    /// As the C library's.
    #[unsafe(no_mangle)]
    unsafe extern "C" fn malloc(size: usize) -> *mut c_void {
        // SAFETY: any size may be asked for.
        counted(unsafe { __libc_malloc(size) })
    }

    /// # Safety
    /// As the C library's.
    #[unsafe(no_mangle)]
    unsafe extern "C" fn calloc(items: usize, size: usize) -> *mut c_void {
        // SAFETY: any size may be asked for.
        counted(unsafe { __libc_calloc(items, size) })
    }

    /// # Safety
    /// As the C library's.
    #[unsafe(no_mangle)]
    unsafe extern "C" fn realloc(place: *mut c_void, wanted: usize) -> *mut c_void {
        let before = size(place);
        // SAFETY: the caller's promise is passed on.
        let after = unsafe { __libc_realloc(place, wanted) };
        // What cannot grow stays; what is made nothing of is gone.
        if !after.is_null() || wanted == 0 {
            count(size(after) - before);
        }
        after
    }

    /// # Safety
    /// As the C library's.
    #[unsafe(no_mangle)]
    unsafe extern "C" fn free(place: *mut c_void) {
        count(-size(place));
        // SAFETY: the caller's promise is passed on.
        unsafe { __libc_free(place) }
    }

    /// # Safety
    /// As the C library's.
    #[unsafe(no_mangle)]
    unsafe extern "C" fn memalign(align: usize, size: usize) -> *mut c_void {
        // SAFETY: the caller's promise is passed on.
        counted(unsafe { __libc_memalign(align, size) })
    }

    /// # Safety
    /// As the C library's.
    #[unsafe(no_mangle)]
    unsafe extern "C" fn aligned_alloc(align: usize, size: usize) -> *mut c_void {
        // SAFETY: the caller's promise is passed on.
        counted(unsafe { __libc_memalign(align, size) })
    }

    /// # Safety
    /// As the C library's.
    #[unsafe(no_mangle)]
    unsafe extern "C" fn posix_memalign(to: *mut *mut c_void, align: usize, size: usize) -> c_int {
        // SAFETY: the caller's promise is passed on.
        let place = counted(unsafe { __libc_memalign(align, size) });
        if place.is_null() {
            return NO_MEMORY;
        }
        // SAFETY: the caller's promise is that there is room for a pointer.
        unsafe { to.write(place) };
        0
    }
}

#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
mod imp {
    pub(crate) const SEES_C: bool = false;

    #[global_allocator]
    static ALLOCATOR: samebits_hostile::Counting = samebits_hostile::Counting;
}
