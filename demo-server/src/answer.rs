//! The only place that knows what the demo's paths answer.
//!
//! * `/bytes/N`: N bytes, at once.
//! * `/slow/MS`: half of the milliseconds pass before the head, the other half while the body comes in pieces.
//!
//! A query tells two requests for the same path apart in the report. Anything else is a 404.

use std::convert::Infallible;
use std::time::Duration;

use futures_util::{Stream, StreamExt, stream};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Empty, StreamBody};
use hyper::body::{Bytes, Frame, Incoming};
use hyper::header::{CONTENT_LENGTH, HeaderValue};
use hyper::{Request, Response, StatusCode};

use crate::tally::Tally;

type Body = UnsyncBoxBody<Bytes, Infallible>;

enum Ask {
    Bytes(u64),
    Slow(Duration),
}

pub(crate) async fn to(
    request: &Request<Incoming>,
    tally: &Tally,
) -> Result<Response<Body>, Infallible> {
    let uri = request.uri();
    tally.asked();
    let response = match ask(uri.path()) {
        Some(Ask::Bytes(n)) => sized(n, pieces(n)),
        Some(Ask::Slow(time)) => {
            let gap = time / 2 / SLOW_PIECES;
            tokio::time::sleep(time / 2).await;
            let paced = pieces(SLOW_BODY).then(move |piece| async move {
                tokio::time::sleep(gap).await;
                piece
            });
            sized(SLOW_BODY, paced)
        }
        None => not_found(),
    };
    tally.first_byte(uri.path_and_query().map_or("/", |path| path.as_str()));
    Ok(response)
}

fn ask(path: &str) -> Option<Ask> {
    let (kind, number) = path.strip_prefix('/')?.split_once('/')?;
    let number = number.parse().ok()?;
    match kind {
        "bytes" => Some(Ask::Bytes(number)),
        "slow" => Some(Ask::Slow(Duration::from_millis(number))),
        _ => None,
    }
}

fn sized(
    length: u64,
    body: impl Stream<Item = Result<Frame<Bytes>, Infallible>> + Send + 'static,
) -> Response<Body> {
    let mut response = Response::new(StreamBody::new(body).boxed_unsync());
    response
        .headers_mut()
        .insert(CONTENT_LENGTH, HeaderValue::from(length));
    response
}

fn not_found() -> Response<Body> {
    let mut response = Response::new(Empty::new().boxed_unsync());
    *response.status_mut() = StatusCode::NOT_FOUND;
    response
}

/// `total` bytes in frames of one piece each, none of them held before it is asked for.
fn pieces(total: u64) -> impl Stream<Item = Result<Frame<Bytes>, Infallible>> + Send {
    stream::unfold(total, |left| async move {
        let n = usize::try_from(left).map_or(PIECE.len(), |left| left.min(PIECE.len()));
        let piece = PIECE.get(..n).filter(|piece| !piece.is_empty())?;
        let rest = left.saturating_sub(u64::try_from(n).unwrap_or(left));
        Some((Ok(Frame::data(Bytes::from_static(piece))), rest))
    })
}

const PIECE: &[u8] = &[b'b'; 4096];
const SLOW_PIECES: u32 = 4;
const SLOW_BODY: u64 = SLOW_PIECES as u64 * PIECE.len() as u64;

#[cfg(test)]
mod tests {
    use super::{PIECE, ask, pieces};
    use futures_util::StreamExt;

    #[test]
    fn only_the_documented_paths_are_known() {
        assert!(ask("/bytes/0").is_some());
        assert!(ask("/slow/40").is_some());
        for path in [
            "",
            "/",
            "/bytes",
            "/bytes/",
            "/bytes/-1",
            "/other/1",
            "bytes/1",
        ] {
            assert!(ask(path).is_none(), "{path}");
        }
    }

    #[tokio::test]
    async fn pieces_add_up() {
        let piece = u64::try_from(PIECE.len()).expect("fits");
        for total in [0, 1, piece - 1, piece, piece + 1, 3 * piece] {
            let lengths: Vec<usize> = pieces(total)
                .map(|frame| frame.expect("infallible").into_data().expect("data").len())
                .collect()
                .await;
            assert_eq!(u64::try_from(lengths.iter().sum::<usize>()), Ok(total));
        }
    }
}
