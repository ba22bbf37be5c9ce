//! The only place for addresses as programs hold them: numeric text, bytes in network order, `lws_sockaddr46`, and MACs.

use std::ffi::{c_char, c_int};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::ptr;

use super::types::{LWS_ITOSA_NOT_EXIST, LWS_ITOSA_NOT_USABLE, LWS_ITOSA_USABLE, lws_sockaddr46};
use super::{logs, text};
use crate::engine::LLL_ERR;
use crate::net::socket::interface_addresses;

/// Reads an IPv4 address ("1.2.3.4") or an IPv6 one in any form of RFC 4291 section 2.2, without brackets, scope or port, and writes its
/// 4 or 16 bytes, in network order. Whitespace around it is skipped, and leading zeros of an IPv4 field do not make it octal.
///
/// Returns the number of bytes, or -1 when the text is no address, or `max_len` is too small, or an argument is NULL; nothing is
/// written then.
///
/// # Safety
///
/// `ads` is NULL or a string; `result` is NULL or has `max_len` writable bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_parse_numeric_address(
    ads: *const c_char,
    result: *mut u8,
    max_len: usize,
) -> c_int {
    const WHO: &str = "lws_parse_numeric_address";
    // SAFETY: NULL or a string, by this function's contract.
    let (Some(ads), false) = (unsafe { text::bytes(ads) }, result.is_null()) else {
        refuse(WHO, "an argument is NULL");
        return -1;
    };
    let octets = match numeric(ads) {
        Some(IpAddr::V4(v4)) => v4.octets().to_vec(),
        Some(IpAddr::V6(v6)) => v6.octets().to_vec(),
        None => return -1,
    };
    if octets.len() > max_len {
        return -1;
    }
    // SAFETY: `result` has `max_len` writable bytes, by this function's contract, and `octets` is ours.
    unsafe { ptr::copy_nonoverlapping(octets.as_ptr(), result, octets.len()) };
    octets.len() as c_int
}

/// As lws_parse_numeric_address(), into `sa46`: its family and address are set, and its port and all else stay as they were.
/// Returns 0, or -1 when the text is no address or an argument is NULL.
///
/// # Safety
///
/// `ads` is NULL or a string; `sa46` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_sa46_parse_numeric_address(
    ads: *const c_char,
    sa46: *mut lws_sockaddr46,
) -> c_int {
    // SAFETY: NULL or a string, by this function's contract.
    let (Some(ads), false) = (unsafe { text::bytes(ads) }, sa46.is_null()) else {
        refuse("lws_sa46_parse_numeric_address", "an argument is NULL");
        return -1;
    };
    let Some(ip) = numeric(ads) else {
        return -1;
    };
    // SAFETY: readable where it is writable, and a union may be copied whatever of it was set.
    let given = unsafe { sa46.read() };
    // SAFETY: writable, by this function's contract.
    unsafe { sa46.write(with_ip(given, ip)) };
    0
}

/// Writes an address of `size` bytes, 4 or 16, in network order, as text: "1.2.3.4", or as RFC 5952 says, where an IPv4-mapped one is
/// "::ffff:1.2.3.4". INET6_ADDRSTRLEN bytes are always enough.
///
/// Returns the length of the text, or -1 when it does not fit, the size is another one or an argument is NULL; `buf`, if there is
/// one, is an empty string then.
///
/// # Safety
///
/// `ads` is NULL or has `size` readable bytes; `buf` is NULL or has `len` writable bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_write_numeric_address(
    ads: *const u8,
    size: c_int,
    buf: *mut c_char,
    len: usize,
) -> c_int {
    let bytes = usize::try_from(size)
        .ok()
        // SAFETY: NULL or `size` readable bytes, by this function's contract.
        .and_then(|size| unsafe { text::buffer(ads.cast(), size) });
    // SAFETY: NULL or `len` writable bytes, by this function's contract.
    unsafe { write_ip(bytes.and_then(from_octets), buf, len) }
}

/// As lws_write_numeric_address(), the address of `sa46`; its port is left out. -1 also when its family is neither AF_INET nor AF_INET6.
///
/// # Safety
///
/// `sa46` is NULL or readable; `buf` is NULL or has `len` writable bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_sa46_write_numeric_address(
    sa46: *mut lws_sockaddr46,
    buf: *mut c_char,
    len: usize,
) -> c_int {
    // SAFETY: NULL or readable, by this function's contract.
    let ip = unsafe { ip_of(sa46) };
    // SAFETY: NULL or `len` writable bytes, by this function's contract.
    unsafe { write_ip(ip, buf, len) }
}

/// Returns 0 when both have the same family and the same address, whatever the port, or the same family that is neither AF_INET nor
/// AF_INET6. Else 1, also when one is NULL.
///
/// # Safety
///
/// Both are NULL or readable.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_sa46_compare_ads(
    sa46a: *const lws_sockaddr46,
    sa46b: *const lws_sockaddr46,
) -> c_int {
    // SAFETY: NULL or readable, by this function's contract.
    let a = unsafe { family_of(sa46a) };
    // SAFETY: as above.
    let b = unsafe { family_of(sa46b) };
    if a.is_none() {
        return 1;
    }
    // SAFETY: as above.
    let a_ip = unsafe { ip_of(sa46a) };
    // SAFETY: as above.
    let b_ip = unsafe { ip_of(sa46b) };
    c_int::from(a != b || a_ip != b_ip)
}

/// Returns 0 when the address is on the network whose first `net_len` bits are those of `sa46_net`. Between the families an IPv4 address
/// counts as ::ffff:1.2.3.4, and an IPv4 network has 96 bits more. Else 1, also when a family is neither, `net_len` is out of range 0..32
/// or 0..128, or an argument is NULL.
///
/// # Safety
///
/// Both are NULL or readable.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_sa46_on_net(
    sa46a: *const lws_sockaddr46,
    sa46_net: *const lws_sockaddr46,
    net_len: c_int,
) -> c_int {
    // SAFETY: NULL or readable, by this function's contract.
    let a = unsafe { ip_of(sa46a) };
    // SAFETY: as above.
    let net = unsafe { ip_of(sa46_net) };
    match (a, net) {
        (Some(a), Some(net)) => c_int::from(!on_net(a, net, net_len)),
        _ => 1,
    }
}

/// Returns 1 when it is an IPv6 address of the form ::ffff:1.2.3.4, else 0.
///
/// # Safety
///
/// `sa46` is NULL or readable.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_sa46_is_ipv4_mapped(sa46: *const lws_sockaddr46) -> c_int {
    // SAFETY: NULL or readable, by this function's contract.
    match unsafe { ip_of(sa46) } {
        Some(IpAddr::V6(v6)) => c_int::from(v6.to_ipv4_mapped().is_some()),
        _ => 0,
    }
}

/// Reads a MAC, six fields of two hexadecimal digits with ':' between them, and writes its 6 bytes. Whitespace around it is skipped.
/// Returns 0, or -1, with nothing written, when the text is none or an argument is NULL.
///
/// # Safety
///
/// `ads` is NULL or a string; `result_6_bytes` is NULL or has 6 writable bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_parse_mac(
    ads: *const c_char,
    result_6_bytes: *mut u8,
) -> c_int {
    // SAFETY: NULL or a string, by this function's contract.
    let (Some(ads), false) = (unsafe { text::bytes(ads) }, result_6_bytes.is_null()) else {
        refuse("lws_parse_mac", "an argument is NULL");
        return -1;
    };
    let Some(mac) = mac(ads) else {
        return -1;
    };
    // SAFETY: 6 writable bytes, by this function's contract.
    unsafe { result_6_bytes.cast::<[u8; 6]>().write_unaligned(mac) };
    0
}

/// Returns 1 when the text is an address of a private network (RFC 1918, RFC 4193), a link-local or a loopback one, else 0.
///
/// # Safety
///
/// `ads` is NULL or a string.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_is_lan_address(ads: *const c_char) -> c_int {
    // SAFETY: NULL or a string, by this function's contract.
    let ip = unsafe { text::bytes(ads) }.and_then(numeric);
    c_int::from(ip.is_some_and(|ip| match ip.to_canonical() {
        IpAddr::V4(v4) => v4.is_private() || v4.is_loopback() || v4.is_link_local(),
        IpAddr::V6(v6) => v6.is_loopback() || v6.is_unique_local() || v6.is_unicast_link_local(),
    }))
}

/// Returns 1 when the text is a loopback address (127.0.0.0/8, ::1), else 0.
///
/// # Safety
///
/// `ads` is NULL or a string.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_is_local_address(ads: *const c_char) -> c_int {
    // SAFETY: NULL or a string, by this function's contract.
    let ip = unsafe { text::bytes(ads) }.and_then(numeric);
    c_int::from(ip.is_some_and(|ip| ip.to_canonical().is_loopback()))
}

/// Writes the address of a network interface, or the numeric address that `ifname` is, as a sockaddr_in, or, with `ipv6` nonzero,
/// as a sockaddr_in6, where an IPv4 address becomes ::ffff:1.2.3.4. An interface's first address counts, an IPv4 one before the
/// others. The port is 0.
///
/// Returns LWS_ITOSA_USABLE; LWS_ITOSA_NOT_EXIST when there is no such interface, an argument is NULL, or `addrlen` is too small; or
/// LWS_ITOSA_NOT_USABLE when the interface has no address of that kind. Nothing is written in these cases.
///
/// # Safety
///
/// `ifname` is NULL or a string; `addr` is NULL or has `addrlen` writable bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_interface_to_sa(
    ipv6: c_int,
    ifname: *const c_char,
    addr: *mut libc::sockaddr_in,
    addrlen: usize,
) -> c_int {
    const WHO: &str = "lws_interface_to_sa";
    let size = match ipv6 {
        0 => size_of::<libc::sockaddr_in>(),
        _ => size_of::<libc::sockaddr_in6>(),
    };
    // SAFETY: NULL or a string, by this function's contract.
    let name = unsafe { text::bytes(ifname) };
    let (Some(name), false) = (name, addr.is_null() || addrlen < size) else {
        refuse(WHO, "an argument is NULL, or addrlen too small");
        return LWS_ITOSA_NOT_EXIST;
    };
    let found = match numeric(name) {
        Some(ip) => Some(vec![ip]),
        None => interface_addresses(name),
    };
    let Some(found) = found else {
        return LWS_ITOSA_NOT_EXIST;
    };
    let first_v4 = found.iter().find(|ip| ip.is_ipv4());
    let ip = match (first_v4.or_else(|| found.first()), ipv6) {
        (Some(IpAddr::V4(v4)), 0) => IpAddr::V4(*v4),
        (Some(IpAddr::V4(v4)), _) => IpAddr::V6(v4.to_ipv6_mapped()),
        (Some(IpAddr::V6(v6)), 1..) => IpAddr::V6(*v6),
        _ => return LWS_ITOSA_NOT_USABLE,
    };
    let sa46 = with_ip(ZEROS, ip);
    // SAFETY: `size` writable bytes, by this function's contract; the union is larger.
    unsafe { ptr::copy_nonoverlapping((&raw const sa46).cast::<u8>(), addr.cast(), size) };
    LWS_ITOSA_USABLE
}

fn refuse(who: &str, why: &str) {
    logs::emit(LLL_ERR, &format!("{who}: {why}"));
}

/// The address that the text is, whitespace apart.
fn numeric(text: &[u8]) -> Option<IpAddr> {
    let text = std::str::from_utf8(text.trim_ascii()).ok()?;
    if let Ok(v6) = text.parse::<Ipv6Addr>() {
        return Some(IpAddr::V6(v6));
    }
    let mut octets = [0; 4];
    let mut fields = text.split('.');
    for octet in &mut octets {
        let field = fields.next()?;
        let digits = (1..=3).contains(&field.len()) && field.bytes().all(|b| b.is_ascii_digit());
        *octet = digits.then(|| field.parse().ok()).flatten()?;
    }
    fields
        .next()
        .is_none()
        .then(|| IpAddr::V4(Ipv4Addr::from(octets)))
}

fn mac(text: &[u8]) -> Option<[u8; 6]> {
    let text = std::str::from_utf8(text.trim_ascii()).ok()?;
    let mut octets = [0; 6];
    let mut fields = text.split(':');
    for octet in &mut octets {
        let field = fields.next()?;
        let digits = field.len() == 2 && field.bytes().all(|b| b.is_ascii_hexdigit());
        *octet = digits
            .then(|| u8::from_str_radix(field, 16).ok())
            .flatten()?;
    }
    fields.next().is_none().then_some(octets)
}

fn from_octets(octets: &[u8]) -> Option<IpAddr> {
    let v4 = <[u8; 4]>::try_from(octets).map(IpAddr::from);
    v4.or_else(|_| <[u8; 16]>::try_from(octets).map(IpAddr::from))
        .ok()
}

fn on_net(a: IpAddr, net: IpAddr, bits: c_int) -> bool {
    let most = if net.is_ipv4() { 32 } else { 128 };
    if !(0..=most).contains(&bits) {
        return false;
    }
    // Both in 128 bits: in IPv4 alone that only adds 96 equal ones.
    let wide = |ip| match ip {
        IpAddr::V4(v4) => Ipv4Addr::to_ipv6_mapped(&v4).to_bits(),
        IpAddr::V6(v6) => v6.to_bits(),
    };
    let beyond = (most - bits) as u32;
    (wide(a) ^ wide(net)).checked_shr(beyond).unwrap_or(0) == 0
}

/// # Safety
///
/// `sa46` is NULL or readable.
unsafe fn family_of(sa46: *const lws_sockaddr46) -> Option<c_int> {
    // SAFETY: NULL or readable, by this function's contract.
    let sa46 = unsafe { sa46.as_ref() }?;
    // SAFETY: the family is at the same place in both members, and every value of it is valid.
    Some(c_int::from(unsafe { sa46.sa4.sin_family }))
}

/// # Safety
///
/// `sa46` is NULL or readable.
unsafe fn ip_of(sa46: *const lws_sockaddr46) -> Option<IpAddr> {
    // SAFETY: by this function's contract.
    let family = unsafe { family_of(sa46) }?;
    // SAFETY: not NULL, so readable, by this function's contract.
    let sa46 = unsafe { &*sa46 };
    match family {
        libc::AF_INET => {
            // SAFETY: the family says so, and every value of it is valid.
            let v4 = unsafe { sa46.sa4.sin_addr.s_addr };
            Some(IpAddr::from(v4.to_ne_bytes()))
        }
        libc::AF_INET6 => {
            // SAFETY: as above.
            let v6 = unsafe { sa46.sa6.sin6_addr.s6_addr };
            Some(IpAddr::from(v6))
        }
        _ => None,
    }
}

fn with_ip(mut sa46: lws_sockaddr46, ip: IpAddr) -> lws_sockaddr46 {
    match ip {
        IpAddr::V4(v4) => {
            sa46.sa4.sin_family = libc::AF_INET as libc::sa_family_t;
            sa46.sa4.sin_addr.s_addr = u32::from_ne_bytes(v4.octets());
        }
        IpAddr::V6(v6) => {
            sa46.sa6.sin6_family = libc::AF_INET6 as libc::sa_family_t;
            sa46.sa6.sin6_addr.s6_addr = v6.octets();
        }
    }
    sa46
}

const ZEROS: lws_sockaddr46 = lws_sockaddr46 {
    sa6: libc::sockaddr_in6 {
        sin6_family: 0,
        sin6_port: 0,
        sin6_flowinfo: 0,
        sin6_addr: libc::in6_addr { s6_addr: [0; 16] },
        sin6_scope_id: 0,
    },
};

/// # Safety
///
/// `buf` is NULL or has `len` writable bytes.
unsafe fn write_ip(ip: Option<IpAddr>, buf: *mut c_char, len: usize) -> c_int {
    let text = ip.map(|ip| ip.to_string()).unwrap_or_default();
    let fits = !text.is_empty() && text.len() < len && !buf.is_null();
    let shown = if fits { text.as_bytes() } else { b"" };
    // SAFETY: by this function's contract.
    unsafe { text::put(shown, buf, len) };
    if fits { text.len() as c_int } else { -1 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        numeric(text.as_bytes()).expect("an address")
    }

    #[test]
    fn texts_that_are_addresses_and_texts_that_are_not() {
        for (text, is) in [
            ("1.2.3.4", "1.2.3.4"),
            (" 1.2.3.4\r\n", "1.2.3.4"),
            ("010.002.3.4", "10.2.3.4"),
            ("::ffff:1.2.3.4", "::ffff:1.2.3.4"),
            ("64:ff9b::1.2.3.4", "64:ff9b::102:304"),
            ("2001:DB8:0:0:1:0:0:1", "2001:db8::1:0:0:1"),
        ] {
            assert_eq!(ip(text).to_string(), is);
        }
        for text in [
            "",
            "1.2.3",
            "1.2.3.4.5",
            "1.2.3.256",
            "1.2.3.4000",
            "+1.2.3.4",
            "[::1]",
            "::1%lo",
            "1::2::3",
            "12345::",
            "1.2.3.4:80",
        ] {
            assert_eq!(numeric(text.as_bytes()), None, "{text}");
        }
        assert_eq!(mac(b"11:ff:ce:CE:22:33"), Some([17, 255, 206, 206, 34, 51]));
        for text in [
            "11:ff:ce:CE:22:3",
            "11:ff:ce:CE:22",
            "11:ff:ce:CE:22:33:44",
            "11:ff:ce:CE:22:g3",
            "+1:ff:ce:CE:22:33",
        ] {
            assert_eq!(mac(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn a_network_is_its_first_bits_and_families_meet_as_mapped() {
        for (a, net, bits) in [
            ("10.1.2.3", "10.0.0.0", 8),
            ("10.1.2.3", "10.1.2.3", 32),
            ("9.9.9.9", "0.0.0.0", 0),
            ("2001:db8::1", "2001:db8::", 32),
            ("::", "::", 128),
            ("1::", "::", 0),
            ("10.1.2.3", "::ffff:10.0.0.0", 104),
            ("::ffff:10.1.2.3", "10.0.0.0", 8),
        ] {
            assert!(on_net(ip(a), ip(net), bits), "{a} {net}/{bits}");
        }
        for (a, net, bits) in [
            ("10.1.2.3", "10.0.0.0", 16),
            ("10.1.2.3", "10.1.2.2", 32),
            ("10.1.2.3", "10.1.2.3", 33),
            ("10.1.2.3", "10.1.2.3", -1),
            ("2001:db8::1", "2001:db8::", 128),
            ("2001:db8::1", "0.0.0.0", 0),
            ("::", "::", 129),
        ] {
            assert!(!on_net(ip(a), ip(net), bits), "{a} {net}/{bits}");
        }
    }
}
