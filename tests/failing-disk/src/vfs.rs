//! The disk as a file system of SQLite's (<https://sqlite.org/vfs.html>): the machine's own does the work, and every
//! call that changes a file asks the disk first. Once there is a disk it is the process's default, so that what opens a
//! database without naming a file system is on it as well; files elsewhere are the machine's.

use std::collections::BTreeMap;
use std::ffi::{CStr, c_char, c_int};
use std::path::{Path, PathBuf};
use std::ptr;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};

use rusqlite::ffi;

use crate::disk::{Fault, Shared};
use crate::file::{self, OpenFile, Tracked};

/// The name to open connections by; a [`Disk`](crate::disk::Disk) has to be mounted before.
pub const NAME: &str = "failing-disk";
const NAME_C: &CStr = c"failing-disk";

/// Every disk there is, by its directory.
static DISKS: Mutex<BTreeMap<PathBuf, Weak<Shared>>> = Mutex::new(BTreeMap::new());
/// The machine's own file system, as an address.
static MACHINE: OnceLock<usize> = OnceLock::new();

fn disks() -> MutexGuard<'static, BTreeMap<PathBuf, Weak<Shared>>> {
    DISKS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Makes SQLite find the disk in its directory.
pub(crate) fn mount(path: PathBuf, disk: &Arc<Shared>) {
    MACHINE.get_or_init(register);
    disks().insert(path, Arc::downgrade(disk));
}

pub(crate) fn unmount(path: &Path) {
    disks().remove(path);
}

/// Registers a copy of the machine's file system with its own way to open and delete; never taken back.
fn register() -> usize {
    // SAFETY: null asks for the default one, which lives as long as the process.
    let machine = unsafe { ffi::sqlite3_vfs_find(ptr::null()) };
    assert!(!machine.is_null(), "SQLite has no file system");
    // SAFETY: it is not null, and SQLite does not change it.
    let mut vfs = unsafe { *machine };
    let own_size = c_int::try_from(size_of::<OpenFile>()).unwrap_or(c_int::MAX);
    vfs.szOsFile = own_size;
    vfs.zName = NAME_C.as_ptr();
    vfs.pNext = ptr::null_mut();
    vfs.xOpen = Some(open);
    vfs.xDelete = Some(delete);
    // SAFETY: the structure is complete and lives as long as the process.
    let registered = unsafe { ffi::sqlite3_vfs_register(Box::leak(Box::new(vfs)), 1) };
    assert_eq!(registered, ffi::SQLITE_OK, "SQLite refused the file system");
    machine.expose_provenance()
}

/// The machine's own file system.
fn machine() -> *mut ffi::sqlite3_vfs {
    ptr::with_exposed_provenance_mut(MACHINE.get().copied().unwrap_or_default())
}

/// The disk of a file's path, and its name there: in the directory, or in one within it.
fn locate(path: *const c_char) -> Option<(Arc<Shared>, String)> {
    // SAFETY: SQLite passes a text that ends with zero.
    let path = Path::new(unsafe { CStr::from_ptr(path) }.to_str().ok()?);
    let disks = disks();
    let disk = path.ancestors().skip(1).take(2).find_map(|directory| disks.get(directory)?.upgrade())?;
    let name = path.strip_prefix(disk.path()).ok()?.to_str()?.to_owned();
    Some((disk, name))
}

/// What SQLite is told of a fault.
pub(crate) const fn code(fault: Fault, otherwise: c_int) -> c_int {
    match fault {
        Fault::Stop | Fault::Io | Fault::Fatal => otherwise,
        Fault::Full => ffi::SQLITE_FULL,
    }
}

unsafe extern "C" fn open(
    _: *mut ffi::sqlite3_vfs,
    name: ffi::sqlite3_filename,
    opened: *mut ffi::sqlite3_file,
    flags: c_int,
    out_flags: *mut c_int,
) -> c_int {
    let opened = opened.cast::<OpenFile>();
    // SAFETY: SQLite gives room for an `OpenFile`; without methods it does not close what was not opened.
    unsafe { OpenFile::clear(opened) };
    let located = if name.is_null() { None } else { locate(name) };
    let tracked = located.as_ref().map(|(disk, name)| track(disk, name, flags)).transpose();
    let Ok(tracked) = tracked else { return ffi::SQLITE_CANTOPEN };
    // SAFETY: the name, the flags and their place are those that SQLite gave.
    let code = unsafe { file::open(machine(), name, opened, tracked, flags, out_flags) };
    if let Some((disk, name)) = located {
        disk.note(&name);
    }
    code
}

fn track(disk: &Arc<Shared>, name: &str, flags: c_int) -> Result<Tracked, Fault> {
    if disk.is_stopped() {
        return Err(Fault::Stop);
    }
    let create = flags & ffi::SQLITE_OPEN_CREATE != 0;
    let inode = disk.open(name, create)?.ok_or(Fault::Io)?;
    // As the machine's own file system: the first sync of a journal or write-ahead log makes its name durable, too.
    let journals = ffi::SQLITE_OPEN_MAIN_JOURNAL | ffi::SQLITE_OPEN_SUPER_JOURNAL | ffi::SQLITE_OPEN_WAL;
    Ok(Tracked::new(Arc::clone(disk), inode, create && flags & journals != 0))
}

unsafe extern "C" fn delete(_: *mut ffi::sqlite3_vfs, name: *const c_char, sync_directory: c_int) -> c_int {
    let Some((disk, file)) = locate(name) else {
        // SAFETY: the machine's own file system has this method, and the arguments are SQLite's.
        return unsafe { (*machine()).xDelete.map_or(0, |delete| delete(machine(), name, sync_directory)) };
    };
    if !disk.path().join(&file).exists() {
        return ffi::SQLITE_IOERR_DELETE_NOENT;
    }
    let removed = disk.remove(&file, sync_directory != 0, || {
        // SAFETY: the machine's own file system has this method, and the name is SQLite's.
        _ = unsafe { (*machine()).xDelete.map(|delete| delete(machine(), name, 0)) };
    });
    removed.map_or_else(|fault| code(fault, ffi::SQLITE_IOERR_DELETE), |()| ffi::SQLITE_OK)
}
