//! The only place that runs the demo's server: its arguments, its listener and the questions on its standard input.
//!
//! `broadside-demo-server CA-FILE` listens on a free port of the loopback addresses, writes the CA that signed its
//! certificate to CA-FILE and prints `ready port=N ca=CA-FILE`. Each line `report` on standard input, and the end of
//! that input, is answered by
//!
//! ```text
//! accepts=N requests=N at-once=N   (the last: requests that waited for their answer at the same time, at most)
//! first-byte /path      (one a request, in the order in which the answers began)
//! end
//! ```
//!
//! and starts the counts anew. The end of the input also ends the server.

mod answer;
mod cert;
mod tally;

use std::error::Error;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;

use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use openssl::ssl::{Ssl, SslAcceptor};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio_openssl::SslStream;

use tally::Tally;

type Failure = Box<dyn Error + Send + Sync>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let ca = match (std::env::args_os().nth(1), std::env::args_os().nth(2)) {
        (Some(path), None) => PathBuf::from(path),
        _ => return Err("usage: broadside-demo-server CA-FILE".into()),
    };
    let tally = Arc::new(Tally::default());
    listen(&ca, &tally).await?;
    answer_stdin(&tally).await
}

/// Returns once connections are being accepted; a task of its own goes on accepting.
async fn listen(ca: &Path, tally: &Arc<Tally>) -> Result<(), Failure> {
    let (acceptor, ca_pem) = cert::made_now()?;
    std::fs::write(ca, ca_pem)?;
    let v4 = TcpListener::bind(("127.0.0.1", 0)).await?;
    let port = v4.local_addr()?.port();
    let acceptor = Arc::new(acceptor);
    // `localhost` is ::1 first on many machines, and a machine without IPv6 still has a demo.
    if let Ok(v6) = TcpListener::bind(("::1", port)).await {
        tokio::spawn(accept_all(v6, Arc::clone(&acceptor), Arc::clone(tally)));
    }
    tokio::spawn(accept_all(v4, acceptor, Arc::clone(tally)));
    println!("ready port={port} ca={}", ca.display());
    Ok(())
}

async fn accept_all(listener: TcpListener, acceptor: Arc<SslAcceptor>, tally: Arc<Tally>) {
    loop {
        match listener.accept().await {
            Ok((tcp, _)) => {
                tally.accepted();
                tokio::spawn(serve(tcp, Arc::clone(&acceptor), Arc::clone(&tally)));
            }
            Err(why) => {
                // Out of file descriptors, most likely: connections that end give some back.
                eprintln!("demo server: accept: {why}");
                tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            }
        }
    }
}

async fn serve(tcp: TcpStream, acceptor: Arc<SslAcceptor>, tally: Arc<Tally>) {
    if let Err(why) = try_serve(tcp, &acceptor, tally).await {
        eprintln!("demo server: {why}");
    }
}

async fn try_serve(
    tcp: TcpStream,
    acceptor: &SslAcceptor,
    tally: Arc<Tally>,
) -> Result<(), Failure> {
    tcp.set_nodelay(true)?;
    let mut tls = SslStream::new(Ssl::new(acceptor.context())?, tcp)?;
    Pin::new(&mut tls).accept().await?;
    let service = service_fn(move |request| {
        let tally = Arc::clone(&tally);
        async move { answer::to(&request, &tally).await }
    });
    auto::Builder::new(TokioExecutor::new())
        .serve_connection(TokioIo::new(tls), service)
        .await
}

async fn answer_stdin(tally: &Tally) -> Result<(), Failure> {
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    while let Some(line) = lines.next_line().await? {
        match line.as_str() {
            "report" => write!(std::io::stdout(), "{}", tally.take())?,
            other => eprintln!("demo server: {other}: not a command; `report` is"),
        }
    }
    // Who closed our input may have stopped reading too; that is no failure of ours.
    let _ = write!(std::io::stdout(), "{}", tally.take());
    Ok(())
}
