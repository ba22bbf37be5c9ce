//! The only place that turns an errno into its name.

use std::ffi::c_int;

/// The errno of the system call that has just failed in this thread.
pub(super) fn last() -> c_int {
    std::io::Error::last_os_error().raw_os_error().unwrap_or(0)
}

macro_rules! name_of {
    ($errno:expr; $($name:ident)*) => {
        match $errno {
            $(libc::$name => stringify!($name),)*
            _ => "unknown errno",
        }
    };
}

/// "ECONNREFUSED" and its like: what programs and people search for.
pub(crate) fn errno_name(errno: c_int) -> &'static str {
    name_of!(errno;
        EPERM ENOENT ESRCH EINTR EIO ENXIO E2BIG ENOEXEC EBADF ECHILD EAGAIN ENOMEM EACCES EFAULT ENOTBLK EBUSY
        EEXIST EXDEV ENODEV ENOTDIR EISDIR EINVAL ENFILE EMFILE ENOTTY ETXTBSY EFBIG ENOSPC ESPIPE EROFS EMLINK EPIPE
        EDOM ERANGE EDEADLK ENAMETOOLONG ENOLCK ENOSYS ENOTEMPTY ELOOP ENODATA ETIME ENOLINK EPROTO EBADMSG EOVERFLOW
        EILSEQ EUSERS ENOTSOCK EDESTADDRREQ EMSGSIZE EPROTOTYPE ENOPROTOOPT EPROTONOSUPPORT ESOCKTNOSUPPORT EOPNOTSUPP
        EPFNOSUPPORT EAFNOSUPPORT EADDRINUSE EADDRNOTAVAIL ENETDOWN ENETUNREACH ENETRESET ECONNABORTED ECONNRESET
        ENOBUFS EISCONN ENOTCONN ESHUTDOWN ETOOMANYREFS ETIMEDOUT ECONNREFUSED EHOSTDOWN EHOSTUNREACH EALREADY
        EINPROGRESS ESTALE EDQUOT ECANCELED EOWNERDEAD ENOTRECOVERABLE EKEYREJECTED ENOKEY
    )
}
