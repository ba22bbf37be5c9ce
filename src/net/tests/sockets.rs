//! Making, binding and connecting.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener};
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr as UnixAddr, UnixListener};

use super::peer::{Peer, Seen};
use super::{connected, connected_with, read_to_end, wait, write_all};
use crate::net::poll::Interest;
use crate::net::socket::{self, Addr, Connecting, IpFlags, SocketOptions, errno_name};
use crate::net::transport::{Io, Transport};

fn option_of(transport: &Transport, level: i32, option: i32) -> i32 {
    let (mut value, mut len) = (0i32, 4);
    // SAFETY: room for an int, and the length says so.
    let got = unsafe {
        libc::getsockopt(
            transport.fd(),
            level,
            option,
            (&raw mut value).cast(),
            &raw mut len,
        )
    };
    assert_eq!(got, 0);
    value
}

#[test]
fn bytes_go_there_and_back_and_a_fin_is_eof() {
    let peer = Peer::plain(|mut tcp| {
        let mut got = Vec::new();
        tcp.read_to_end(&mut got).unwrap();
        tcp.write_all(&got).unwrap();
        Ok(Seen::default())
    });
    let mut transport = connected(peer.addr);
    assert_eq!(
        socket::peer_name(transport.fd()),
        Some(Addr::Inet(peer.addr))
    );
    assert_eq!(transport.read(&mut [0; 8]), Io::WantRead);
    write_all(&mut transport, b"hello");
    socket::shutdown_write(transport.fd());
    assert_eq!(read_to_end(&mut transport), (b"hello".to_vec(), Io::Eof));
    assert_eq!(
        transport.write(b"x"),
        Io::Failed("EPIPE".into()),
        "and no SIGPIPE"
    );
    transport.close(true);
    peer.join().unwrap();
}

#[test]
fn a_full_pipe_wants_to_write_and_a_reset_has_its_name() {
    let (go, gone) = std::sync::mpsc::channel();
    let peer = Peer::plain(move |tcp| {
        gone.recv().unwrap();
        drop(tcp); // unread bytes inside: RST
        Ok(Seen::default())
    });
    let mut transport = connected(peer.addr);
    let block = vec![0; 1 << 20];
    let end = loop {
        match transport.write(&block) {
            Io::Done { .. } => {}
            end => break end,
        }
    };
    assert_eq!(end, Io::WantWrite);
    go.send(()).unwrap();
    peer.join().unwrap();
    wait(&transport, Interest::READ);
    assert_eq!(transport.read(&mut [0; 8]), Io::Failed("ECONNRESET".into()));
}

#[test]
fn a_refused_connect_is_told_by_name() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = Addr::Inet(listener.local_addr().unwrap());
    drop(listener);
    let transport = socket::open(&addr, &SocketOptions::default()).unwrap();
    let refused = Connecting::Failed("conn fail: ECONNREFUSED".into());
    match socket::connect(&transport, &addr) {
        Connecting::InProgress => {
            wait(&transport, Interest::WRITE);
            assert_eq!(socket::outcome(&transport), refused);
            assert_eq!(
                socket::outcome(&transport),
                Connecting::Failed("conn fail: ENOTCONN".into())
            );
        }
        at_once => assert_eq!(at_once, refused),
    }
}

#[test]
fn options_reach_the_socket() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let ip = IpFlags {
        low_latency: true,
        high_throughput: true,
        ..IpFlags::default()
    };
    let options = SocketOptions {
        keepalive: Some((11, 3, 7)),
        priority: Some(5),
        ip,
        ..SocketOptions::default()
    };
    let transport = socket::open(&Addr::Inet(listener.local_addr().unwrap()), &options).unwrap();
    assert_eq!(
        option_of(&transport, libc::IPPROTO_TCP, libc::TCP_NODELAY),
        1
    );
    assert_eq!(
        option_of(&transport, libc::SOL_SOCKET, libc::SO_KEEPALIVE),
        1
    );
    assert_eq!(
        option_of(&transport, libc::IPPROTO_TCP, libc::TCP_KEEPIDLE),
        11
    );
    assert_eq!(
        option_of(&transport, libc::IPPROTO_TCP, libc::TCP_KEEPCNT),
        3
    );
    assert_eq!(
        option_of(&transport, libc::IPPROTO_TCP, libc::TCP_KEEPINTVL),
        7
    );
    assert_eq!(option_of(&transport, libc::IPPROTO_IP, libc::IP_TOS), 0x18);
    // SAFETY: no pointers.
    let (fd, fl) = (
        unsafe { libc::fcntl(transport.fd(), libc::F_GETFD) },
        unsafe {
            // SAFETY: as above.
            libc::fcntl(transport.fd(), libc::F_GETFL)
        },
    );
    assert!(fd & libc::FD_CLOEXEC != 0 && fl & libc::O_NONBLOCK != 0);
}

#[test]
fn the_local_end_is_bound_to_an_interface_or_address() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = Addr::Inet(listener.local_addr().unwrap());
    let bound = |iface: &str| {
        let options = SocketOptions {
            iface: Some(iface.into()),
            ..SocketOptions::default()
        };
        let _transport = connected_with(&addr, &options);
        listener.accept().unwrap().1.ip()
    };
    assert_eq!(bound("127.0.0.2"), Ipv4Addr::new(127, 0, 0, 2));
    assert_eq!(bound("lo"), Ipv4Addr::LOCALHOST);
    for (iface, errno) in [
        ("::1", "EAFNOSUPPORT"),
        ("no-such-if0", "ENODEV"),
        ("192.0.2.1", "EADDRNOTAVAIL"),
    ] {
        let options = SocketOptions {
            iface: Some(iface.into()),
            ..SocketOptions::default()
        };
        let text = socket::open(&addr, &options).map(|_| ()).unwrap_err();
        assert!(
            text.starts_with(&format!("conn fail: socket bind: {errno}")),
            "{text}"
        );
    }
}

#[test]
fn unix_sockets_by_path_and_by_abstract_name() {
    let id = format!("broadside-net-{}", std::process::id());
    let path = std::env::temp_dir().join(&id);
    let by_path = UnixListener::bind(&path).unwrap();
    let by_name = UnixListener::bind_addr(&UnixAddr::from_abstract_name(&id).unwrap()).unwrap();
    for (listener, text) in [
        (by_path, format!("+{}", path.display())),
        (by_name, format!("+@{id}")),
    ] {
        let addr = Addr::unix(&text).unwrap();
        assert_eq!(addr.to_string(), text);
        let mut transport = connected_with(&addr, &SocketOptions::default());
        assert_eq!(socket::peer_name(transport.fd()), Some(addr));
        listener.accept().unwrap().0.write_all(b"hi").unwrap();
        assert_eq!(read_to_end(&mut transport), (b"hi".to_vec(), Io::Eof));
    }
    std::fs::remove_file(&path).unwrap();
    let addr = Addr::unix(format!("+{}", path.display())).unwrap();
    let transport = socket::open(&addr, &SocketOptions::default()).unwrap();
    assert_eq!(
        socket::connect(&transport, &addr),
        Connecting::Failed("conn fail: ENOENT".into())
    );
}

#[test]
fn unix_names_have_their_limits() {
    let most = "x".repeat(107);
    assert!(Addr::unix(format!("+{most}")).is_ok());
    assert!(Addr::unix(format!("+@{most}")).is_ok());
    for bad in [
        format!("+{most}x"),
        format!("+@{most}x"),
        "+".into(),
        "+@".into(),
        "+a\0b".into(),
        "a".into(),
    ] {
        assert!(
            Addr::unix(&bad).unwrap_err().starts_with("conn fail: "),
            "{bad}"
        );
    }
}

#[test]
fn errnos_have_names() {
    assert_eq!(errno_name(libc::ENFILE), "ENFILE");
    assert_eq!(errno_name(-1), "unknown errno");
}
