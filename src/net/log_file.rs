//! The only place with the system calls of a log file.

use std::ffi::{CStr, c_int};
use std::fs::File;
use std::io::{Error, Write};
use std::os::fd::FromRawFd;

/// A new, empty file of this user's alone. Its descriptor is 3 or more: a program may have closed the first ones.
pub(crate) fn open(path: &CStr) -> Result<c_int, Error> {
    let flags = libc::O_CREAT | libc::O_TRUNC | libc::O_WRONLY | libc::O_CLOEXEC;
    // SAFETY: `path` is a string, and a file that may be made has a mode.
    let fd = unsafe { libc::open(path.as_ptr(), flags, 0o600) };
    if fd < 0 {
        return Err(Error::last_os_error());
    }
    if fd >= 3 {
        return Ok(fd);
    }
    // SAFETY: takes any number.
    let higher = unsafe { libc::fcntl(fd, libc::F_DUPFD_CLOEXEC, 3) };
    let error = Error::last_os_error();
    close(fd);
    match higher {
        ..0 => Err(error),
        higher => Ok(higher),
    }
}

/// The whole line, in one write where the system takes it so.
pub(crate) fn write(fd: c_int, line: &[u8]) -> Result<(), Error> {
    // SAFETY: what `open` gave, or the program put in its place; it is not closed here.
    let file = unsafe { File::from_raw_fd(fd) };
    let mut file = std::mem::ManuallyDrop::new(file);
    file.write_all(line)
}

pub(crate) fn close(fd: c_int) {
    // SAFETY: takes any number; this one is `open`'s.
    unsafe { libc::close(fd) };
}
