//! The only place that knows how C lays out `lws_sockaddr46`: a sockaddr_in or a sockaddr_in6, by its family, in seven words.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV6};

pub(crate) type Words = [u32; 7];

const _: () = {
    assert!(size_of::<Words>() == size_of::<libc::sockaddr_in6>());
    assert!(align_of::<Words>() == align_of::<libc::sockaddr_in6>());
};

pub(crate) fn words(addr: &SocketAddr) -> Words {
    let family = match addr {
        SocketAddr::V4(_) => libc::AF_INET,
        SocketAddr::V6(_) => libc::AF_INET6,
    };
    let [f0, f1] = (family as u16).to_ne_bytes();
    let [p0, p1] = addr.port().to_be_bytes();
    let first = u32::from_ne_bytes([f0, f1, p0, p1]);
    match addr {
        SocketAddr::V4(v4) => {
            let ip = u32::from_ne_bytes(v4.ip().octets());
            [first, ip, 0, 0, 0, 0, 0]
        }
        SocketAddr::V6(v6) => {
            let bits = u128::from_be_bytes(v6.ip().octets());
            let part = |n: u32| ((bits >> (96 - 32 * n)) as u32).to_be();
            let (flow, scope) = (v6.flowinfo(), v6.scope_id());
            [first, flow, part(0), part(1), part(2), part(3), scope]
        }
    }
}

/// `None` for a family that is neither: zeros, to begin with.
pub(crate) fn addr(words: &Words) -> Option<SocketAddr> {
    let [first, second, a, b, c, scope_or_d, scope] = *words;
    let [f0, f1, p0, p1] = first.to_ne_bytes();
    let port = u16::from_be_bytes([p0, p1]);
    match i32::from(u16::from_ne_bytes([f0, f1])) {
        libc::AF_INET => {
            let ip = Ipv4Addr::from(second.to_ne_bytes());
            Some(SocketAddr::new(IpAddr::V4(ip), port))
        }
        libc::AF_INET6 => {
            let bits = [a, b, c, scope_or_d].into_iter().fold(0u128, |bits, part| {
                bits << 32 | u128::from(u32::from_be(part))
            });
            let ip = Ipv6Addr::from(bits);
            Some(SocketAddr::V6(SocketAddrV6::new(ip, port, second, scope)))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{addr, words};

    #[test]
    fn an_address_is_the_same_after_a_way_through_c() {
        for text in [
            "127.0.0.1:53",
            "[::1]:65535",
            "[fe80::1:2%3]:1",
            "255.1.2.3:0",
        ] {
            let given = text.parse().expect("an address");
            assert_eq!(addr(&words(&given)), Some(given));
        }
        assert_eq!(addr(&[0; 7]), None);
    }
}
