//! The only place that asks the system what this machine is called, and who runs the process.

use std::ffi::{CStr, CString};

/// POSIX: at most 255 characters.
const LONGEST: usize = 255;

/// None: it has no name, or one that is longer than names are.
pub(crate) fn name() -> Option<CString> {
    let mut name = [0_u8; LONGEST + 1];
    // SAFETY: the array has so many bytes.
    let failed = unsafe { libc::gethostname(name.as_mut_ptr().cast(), name.len()) };
    let name = CStr::from_bytes_until_nul(&name).ok()?;
    (failed == 0 && !name.is_empty()).then(|| name.to_owned())
}

/// The user and the group that the process acts as.
pub(crate) fn identity() -> (libc::uid_t, libc::gid_t) {
    // SAFETY: takes nothing and cannot fail.
    let user = unsafe { libc::geteuid() };
    // SAFETY: as above.
    let group = unsafe { libc::getegid() };
    (user, group)
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_machine_has_the_name_that_the_kernel_knows() {
        let name = super::name().expect("a name");
        let kernel = std::fs::read_to_string("/proc/sys/kernel/hostname");
        assert_eq!(name.to_str().ok(), kernel.ok().as_deref().map(str::trim));
    }
}
