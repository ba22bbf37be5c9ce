//! WebSockets by script, over h1 (RFC 6455) and over streams of h2 (RFC 8441). The target of the upgrade says what comes:
//!
//! `/ws/KIND[/STEP[*N]]...[?OPTION[&OPTION]...]`
//!
//! Percent encoding is read in every argument, and gives any byte. A target that is not understood is answered by 500, with
//! the reason on stderr and in the body.
//!
//! KIND: `echo` sends each data frame back as it came, beside the steps. `send` does only the steps. `deflate` is `echo` with
//! the option `deflate`. All answer Ping by Pong, and Close by Close with the same code; then the server ends the connection
//! (h2: the stream), as it does when the client answers the script's own Close. A script that is over only reads on.
//!
//! STEPs are done in their order, `*N` does one N times:
//! - `text:BYTES`, `data:BYTES` (binary), `textlen:LEN`, `bin:LEN`: a message of one frame; LEN bytes of `abc...z` repeated.
//! - `frag:KxN`, `fragtext:KxN`: one message in K frames of N bytes, one running pattern; all K in one write.
//! - `first:BYTES`, `firstbin:BYTES`, `cont:BYTES`, `last:BYTES`: the fragments of a message by hand, for what comes between.
//! - `ping:BYTES`, `pong:BYTES`, `close`, `close:CODE`, `close:CODE:REASON`.
//! - `hex:HEX`, `fill:N`: raw bytes, no frame is made of them; `fill` is N bytes of pattern.
//! - `wait:GATE`: until the gate opens; it reads, echoes and answers meanwhile. `deaf:GATE`: reads nothing meanwhile (on h2
//!   no window is given back). `recv:N`: until N frames came on this connection, of any kind. `await-close`: until the
//!   client's Close came. `hold`: for ever.
//! - `fin`: ends our side, with close_notify on TLS; `cut`: without one. `rst`: resets the connection; on h2 the stream,
//!   `rst:CODE` by that code (8).
//! - From there on: `split`: each byte in a write of its own; `chunk:N`: writes of N bytes; `glue`: one write for all steps
//!   up to the next one that waits; `whole`: a write each, as at the start. On h2 a write is a DATA frame.
//!
//! The client's Close drops what is left of a script, unless `await-close` or `hold` is yet to come in it: then it is answered
//! when the script is over, or by its own `close`. `close` in the script does not end it. `hex` is not looked at: a Close in it
//! is not known as ours.
//!
//! When permessage-deflate is agreed, messages are compressed; `first`, `cont` and `last` never are:
//! - `plain`, `zip`: from there on they are not, or are again; `zip` does it without an agreement too.
//! - `bomb:N`: a compressed binary message of N MiB of zeros, in one frame.
//!
//! A compressed message is echoed when it is whole, compressed, in as many frames as it came in.
//!
//! OPTIONs about the answer:
//! - `accept=bad|none|twice|VALUE`, `upgrade=none|other|VALUE`, `connection=none|VALUE`: of these fields; VALUE as it is.
//! - `protocol=none|VALUE`: without it, the first that was offered.
//! - `ext=VALUE`: Sec-WebSocket-Extensions as it is; nothing is agreed by it. `extra=NAME:VALUE`, repeated.
//! - `deflate`: agrees on permessage-deflate if the client offers it, with what its first offer asks for. `deflate=none`:
//!   without parameters. `deflate=PARAM;PARAM=N`: with these, whatever the offer; the server holds to those that it knows.
//! - `status=CODE[:LOCATION]`: no upgrade but this, with the body `no`; the connection stays.
//! - `wait=GATE`: answers when the gate opens. `mute`: never. `half`: half of the head, then nothing.
//! - `split`: the head byte by byte. `glue`: the head in one write with the steps up to the first that waits.
//! - `pong=none`: Ping gets no Pong.
//!
//! On h2 an extended CONNECT for `/ws/...` gets 200 and the same, in DATA frames; for another path 404, for another protocol
//! 501. `accept`, `upgrade`, `connection` and `split` say nothing there, and `half` is `mute`.
//!
//! What the client does wrong is a violation; it is answered by Close (1002 or 1007) and the end, in the handshake by 400.

mod counts;
mod deflate;
mod frame;
mod h1;
mod h2;
mod handshake;
mod judge;
mod script;
mod session;
#[cfg(test)]
mod tests;

pub(crate) use counts::WsCounts;
pub(crate) use h1::answer as answer_h1;
pub(crate) use h2::{Answer, answer as answer_h2};
pub(crate) use handshake::Asked;
pub(crate) use session::{Act, Session};
