//! The only place that tells a program how long a request took, and that makes and frees the lists of addresses in it.

use std::ffi::c_int;
use std::net::SocketAddr;
use std::ptr;

use libc::addrinfo;

use super::logs;
use super::types::{
    lws, lws_conmon, lws_conmon_dns_disposition, lws_conmon_http, lws_conmon_pcol,
    lws_conmon_protocol_specific, lws_sockaddr46,
};
use super::wsi::with;
use crate::engine::conmon::Lookup;
use crate::engine::role::Role;
use crate::engine::table::Key;
use crate::engine::wsi::Wsi;
use crate::engine::{Engine, LLL_ERR};
use crate::net::sa46;

/// One address of a list. Its address is that of `info`, by which a program and `release` know it.
#[repr(C)]
struct Entry {
    info: addrinfo,
    words: sa46::Words,
}

/// Fills `dest` with how long the steps of the request took so far, and gives it the list of addresses that its name has: the caller
/// frees that with lws_conmon_release(), whenever it likes. A second call finds the same, and no list. All of `dest` is zero for a
/// handle that is gone. Good in every callback of the request, up to its WSI_DESTROY.
///
/// # Safety
///
/// `dest` is NULL or writable; what it held is not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_conmon_wsi_take(wsi: *mut lws, dest: *mut lws_conmon) {
    if dest.is_null() {
        return logs::emit(LLL_ERR, "lws_conmon_wsi_take: dest is NULL");
    }
    // SAFETY: writable, by this function's contract; all zero is a valid value of every member.
    unsafe { dest.write_bytes(0, 1) };
    let taken = with(wsi, "lws_conmon_wsi_take", None, |mut held, key| {
        take(&mut held, key)
    });
    if let Some(taken) = taken {
        // SAFETY: as above.
        unsafe { dest.write(taken) };
    }
}

fn take(engine: &mut Engine, key: Key<Wsi>) -> Option<lws_conmon> {
    let wsi = engine.wsis.get_mut(key)?;
    let seat = wsi.seat.as_ref().map(|seat| seat.conn);
    let peer = match seat.and_then(|at| engine.conns.get(at)) {
        Some(conn) => conn.peer,
        None => wsi.peer,
    };
    let status = match wsi.ask.role {
        Role::Http | Role::Ws => c_int::from(wsi.status()),
        _ => 0,
    };
    let measured = &mut wsi.conmon;
    let addresses = std::mem::take(&mut measured.addresses);
    Some(lws_conmon {
        peer46: sockaddr46(peer),
        protocol_specific: lws_conmon_protocol_specific {
            http: lws_conmon_http { response: status },
        },
        dns_results_copy: list(&addresses),
        ciu_dns: measured.dns_us,
        ciu_sockconn: measured.connect_us,
        ciu_tls: measured.tls_us,
        ciu_txn_resp: measured.reply_us,
        pcol: match status {
            0 => lws_conmon_pcol::NONE,
            _ => lws_conmon_pcol::HTTP,
        },
        dns_disposition: match measured.lookup {
            Lookup::None => lws_conmon_dns_disposition::NONE,
            Lookup::Found => lws_conmon_dns_disposition::OK,
            Lookup::Unreachable => lws_conmon_dns_disposition::SERVER_UNREACHABLE,
            Lookup::NoResult => lws_conmon_dns_disposition::NO_RESULT,
        },
    })
}

fn sockaddr46(addr: Option<SocketAddr>) -> lws_sockaddr46 {
    let words = addr.map_or([0; 7], |addr| sa46::words(&addr));
    let mut made = std::mem::MaybeUninit::<lws_sockaddr46>::uninit();
    // SAFETY: seven words are as large as the union, and aligned as it is.
    unsafe { made.as_mut_ptr().cast::<sa46::Words>().write(words) };
    // SAFETY: all of it is written, and every member takes any bits.
    unsafe { made.assume_init() }
}

fn list(addresses: &[SocketAddr]) -> *mut addrinfo {
    let mut next = ptr::null_mut();
    for addr in addresses.iter().rev() {
        let (family, len) = match addr {
            SocketAddr::V4(_) => (libc::AF_INET, size_of::<libc::sockaddr_in>()),
            SocketAddr::V6(_) => (libc::AF_INET6, size_of::<libc::sockaddr_in6>()),
        };
        let entry = Box::into_raw(Box::new(Entry {
            info: addrinfo {
                ai_flags: 0,
                ai_family: family,
                ai_socktype: libc::SOCK_STREAM,
                ai_protocol: 0,
                ai_addrlen: len as libc::socklen_t,
                ai_addr: ptr::null_mut(),
                ai_canonname: ptr::null_mut(),
                ai_next: next,
            },
            words: sa46::words(addr),
        }));
        // SAFETY: made just now.
        let words = unsafe { &raw mut (*entry).words };
        // SAFETY: as above.
        let place = unsafe { &raw mut (*entry).info.ai_addr };
        // SAFETY: as above.
        unsafe { place.write(words.cast()) };
        next = entry.cast();
    }
    next
}

/// Frees what lws_conmon_wsi_take() gave `conmon`: the list of addresses, which is NULL from then on. `conmon` itself is the program's.
/// NULL is allowed, and so is a second call.
///
/// # Safety
///
/// `conmon` is NULL or filled in by lws_conmon_wsi_take(), its list not freed yet.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_conmon_release(conmon: *mut lws_conmon) {
    // SAFETY: by this function's contract.
    let Some(conmon) = (unsafe { conmon.as_mut() }) else {
        return;
    };
    let mut next = std::mem::replace(&mut conmon.dns_results_copy, ptr::null_mut());
    while !next.is_null() {
        // SAFETY: an entry of `list`'s, and nobody else frees it.
        let entry = unsafe { Box::from_raw(next.cast::<Entry>()) };
        next = entry.info.ai_next;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_has_the_addresses_in_order_and_is_freed_once() {
        let given: Vec<SocketAddr> = ["127.0.0.1:80", "[::1]:443", "10.0.0.1:1"]
            .iter()
            .map(|text| text.parse().expect("an address"))
            .collect();
        // SAFETY: all zero is a valid value of every member.
        let mut conmon: lws_conmon = unsafe { std::mem::zeroed() };
        conmon.dns_results_copy = list(&given);
        let mut seen = Vec::new();
        let mut next = conmon.dns_results_copy;
        // SAFETY: NULL or an entry of the list.
        while let Some(info) = unsafe { next.as_ref() } {
            // SAFETY: seven words of ours are behind it.
            let words = unsafe { info.ai_addr.cast::<sa46::Words>().read() };
            seen.push(sa46::addr(&words).expect("an address"));
            next = info.ai_next;
        }
        assert_eq!(seen, given);
        // SAFETY: filled in above.
        unsafe { lws_conmon_release(&raw mut conmon) };
        assert!(conmon.dns_results_copy.is_null());
        // SAFETY: nothing is left in it; NULL is allowed.
        unsafe { lws_conmon_release(&raw mut conmon) };
        // SAFETY: as above.
        unsafe { lws_conmon_release(ptr::null_mut()) };
    }
}
