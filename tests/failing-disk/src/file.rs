//! An open file: the machine's own behind it, and the disk asked before every change.

use std::ffi::{c_int, c_void};
use std::sync::Arc;

use rusqlite::ffi::{self, sqlite3_file, sqlite3_int64, sqlite3_io_methods};

use crate::disk::Shared;
use crate::vfs::code;

/// What SQLite holds of an open file; it gives the room for it.
#[repr(C)]
pub(crate) struct OpenFile {
    base: sqlite3_file,
    handle: *mut Handle,
}

struct Handle {
    /// Room for the machine's own open file, aligned for any.
    real: Box<[u64]>,
    /// None for a file without a name, which no crash concerns.
    tracked: Option<Tracked>,
}

/// The file on the disk.
pub(crate) struct Tracked {
    disk: Arc<Shared>,
    inode: usize,
    /// Whether the next sync makes the names in the directory durable.
    syncs_names: bool,
}

impl Tracked {
    pub(crate) const fn new(disk: Arc<Shared>, inode: usize, syncs_names: bool) -> Self {
        Self { disk, inode, syncs_names }
    }
}

impl OpenFile {
    /// Makes it a file that is not open.
    ///
    /// # Safety
    /// `this` points to room for an `OpenFile`.
    pub(crate) unsafe fn clear(this: *mut Self) {
        // SAFETY: there is room for it, and nothing in it that would have to be dropped.
        unsafe { this.write(Self { base: sqlite3_file { pMethods: std::ptr::null() }, handle: std::ptr::null_mut() }) };
    }
}

/// Opens the machine's own file behind `opened`.
///
/// # Safety
/// All but `tracked` is as SQLite passed it to the file system.
pub(crate) unsafe fn open(
    machine: *mut ffi::sqlite3_vfs,
    name: ffi::sqlite3_filename,
    opened: *mut OpenFile,
    tracked: Option<Tracked>,
    flags: c_int,
    out_flags: *mut c_int,
) -> c_int {
    // SAFETY: the machine's own file system is never taken back.
    let (bytes, method) = unsafe { ((*machine).szOsFile, (*machine).xOpen) };
    let words = usize::try_from(bytes).unwrap_or_default().div_ceil(size_of::<u64>());
    let mut handle = Box::new(Handle { real: vec![0; words].into_boxed_slice(), tracked });
    let Some(method) = method else { return ffi::SQLITE_CANTOPEN };
    // SAFETY: the room is as large as the machine's own file system asks.
    let code = unsafe { method(machine, name, handle.real.as_mut_ptr().cast(), flags, out_flags) };
    if code == ffi::SQLITE_OK {
        // SAFETY: SQLite gave room for an `OpenFile`.
        unsafe {
            (*opened).handle = Box::into_raw(handle);
            (*opened).base.pMethods = &raw const METHODS;
        }
    }
    code
}

static METHODS: sqlite3_io_methods = sqlite3_io_methods {
    iVersion: 2,
    xClose: Some(close),
    xRead: Some(read),
    xWrite: Some(write),
    xTruncate: Some(truncate),
    xSync: Some(sync),
    xFileSize: Some(file_size),
    xLock: Some(lock),
    xUnlock: Some(unlock),
    xCheckReservedLock: Some(check_reserved_lock),
    xFileControl: Some(file_control),
    xSectorSize: Some(sector_size),
    xDeviceCharacteristics: Some(device_characteristics),
    xShmMap: Some(shm_map),
    xShmLock: Some(shm_lock),
    xShmBarrier: Some(shm_barrier),
    xShmUnmap: Some(shm_unmap),
    xFetch: None,
    xUnfetch: None,
};

/// The handle of an open file.
///
/// # Safety
/// `file` was opened by [`open`] and not closed since; SQLite uses it from one thread at a time.
unsafe fn handle<'a>(file: *mut sqlite3_file) -> &'a mut Handle {
    // SAFETY: the handle lives from opening to closing.
    unsafe { &mut *(*file.cast::<OpenFile>()).handle }
}

/// The machine's own file behind an open one.
///
/// # Safety
/// As for [`handle`].
unsafe fn real(file: *mut sqlite3_file) -> *mut sqlite3_file {
    // SAFETY: as the caller promises.
    unsafe { handle(file) }.real.as_mut_ptr().cast()
}

/// Calls a method of the machine's own file.
macro_rules! forward {
    ($file:expr, $method:ident $(, $argument:expr)*) => {{
        // SAFETY: SQLite passes an open file; the machine's own has the methods of version 2 or the call is refused.
        unsafe {
            let real = real($file);
            (*(*real).pMethods).$method.map_or(ffi::SQLITE_IOERR, |method| method(real $(, $argument)*))
        }
    }};
}

unsafe extern "C" fn close(file: *mut sqlite3_file) -> c_int {
    let code = forward!(file, xClose);
    let opened = file.cast::<OpenFile>();
    // SAFETY: SQLite does not use a file after closing it, so nobody else has its handle.
    unsafe {
        drop(Box::from_raw((*opened).handle));
        OpenFile::clear(opened);
    }
    code
}

unsafe extern "C" fn read(file: *mut sqlite3_file, into: *mut c_void, count: c_int, offset: sqlite3_int64) -> c_int {
    // SAFETY: SQLite passes an open file.
    let stopped = unsafe { handle(file) }.tracked.as_ref().is_some_and(|tracked| tracked.disk.is_stopped());
    if stopped { ffi::SQLITE_IOERR_READ } else { forward!(file, xRead, into, count, offset) }
}

unsafe extern "C" fn write(file: *mut sqlite3_file, from: *const c_void, count: c_int, offset: sqlite3_int64) -> c_int {
    // SAFETY: SQLite passes an open file.
    let Some(tracked) = &unsafe { handle(file) }.tracked else { return forward!(file, xWrite, from, count, offset) };
    // SAFETY: SQLite passes so many bytes.
    let bytes = unsafe { std::slice::from_raw_parts(from.cast::<u8>(), size(count.into())) };
    let written = tracked.disk.write(tracked.inode, size(offset), bytes, |part| {
        let length = c_int::try_from(part.len()).unwrap_or_default();
        let code = forward!(file, xWrite, part.as_ptr().cast(), length, offset);
        assert_eq!(code, ffi::SQLITE_OK, "the disk under the failing one failed");
    });
    written.map_or_else(|fault| code(fault, ffi::SQLITE_IOERR_WRITE), |()| ffi::SQLITE_OK)
}

unsafe extern "C" fn truncate(file: *mut sqlite3_file, length: sqlite3_int64) -> c_int {
    // SAFETY: SQLite passes an open file.
    let Some(tracked) = &unsafe { handle(file) }.tracked else { return forward!(file, xTruncate, length) };
    let truncated = tracked.disk.truncate(tracked.inode, size(length), || {
        assert_eq!(forward!(file, xTruncate, length), ffi::SQLITE_OK, "the disk under the failing one failed");
    });
    truncated.map_or_else(|fault| code(fault, ffi::SQLITE_IOERR_TRUNCATE), |()| ffi::SQLITE_OK)
}

/// The real file is not synced: the disk under this one does not lose power.
unsafe extern "C" fn sync(file: *mut sqlite3_file, flags: c_int) -> c_int {
    // SAFETY: SQLite passes an open file.
    let Some(tracked) = &mut unsafe { handle(file) }.tracked else { return forward!(file, xSync, flags) };
    match tracked.disk.sync(tracked.inode, tracked.syncs_names) {
        Ok(()) => {
            tracked.syncs_names = false;
            ffi::SQLITE_OK
        }
        Err(fault) => code(fault, ffi::SQLITE_IOERR_FSYNC),
    }
}

unsafe extern "C" fn file_size(file: *mut sqlite3_file, into: *mut sqlite3_int64) -> c_int {
    forward!(file, xFileSize, into)
}

unsafe extern "C" fn lock(file: *mut sqlite3_file, level: c_int) -> c_int {
    forward!(file, xLock, level)
}

unsafe extern "C" fn unlock(file: *mut sqlite3_file, level: c_int) -> c_int {
    forward!(file, xUnlock, level)
}

unsafe extern "C" fn check_reserved_lock(file: *mut sqlite3_file, into: *mut c_int) -> c_int {
    forward!(file, xCheckReservedLock, into)
}

unsafe extern "C" fn file_control(file: *mut sqlite3_file, operation: c_int, argument: *mut c_void) -> c_int {
    forward!(file, xFileControl, operation, argument)
}

unsafe extern "C" fn sector_size(file: *mut sqlite3_file) -> c_int {
    forward!(file, xSectorSize)
}

/// Nothing that SQLite could lean on, but that a torn write does not touch its neighbours.
unsafe extern "C" fn device_characteristics(_: *mut sqlite3_file) -> c_int {
    ffi::SQLITE_IOCAP_POWERSAFE_OVERWRITE
}

unsafe extern "C" fn shm_map(
    file: *mut sqlite3_file,
    region: c_int,
    bytes: c_int,
    extend: c_int,
    into: *mut *mut c_void,
) -> c_int {
    forward!(file, xShmMap, region, bytes, extend, into)
}

unsafe extern "C" fn shm_lock(file: *mut sqlite3_file, offset: c_int, count: c_int, flags: c_int) -> c_int {
    forward!(file, xShmLock, offset, count, flags)
}

unsafe extern "C" fn shm_barrier(file: *mut sqlite3_file) {
    // SAFETY: SQLite passes an open file.
    unsafe {
        let real = real(file);
        if let Some(method) = (*(*real).pMethods).xShmBarrier {
            method(real);
        }
    }
}

unsafe extern "C" fn shm_unmap(file: *mut sqlite3_file, delete: c_int) -> c_int {
    forward!(file, xShmUnmap, delete)
}

fn size(value: sqlite3_int64) -> usize {
    usize::try_from(value).unwrap_or_default()
}
