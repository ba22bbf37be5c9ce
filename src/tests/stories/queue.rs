//! Stories of the queue: who leads, who waits, who is next.

use crate::tests::books::End;
use crate::tests::peer::{LAST, OK};
use crate::tests::program::Asked;
use crate::tests::story::Story;

#[test]
fn three_share_one_connection_and_are_served_in_the_order_they_asked() {
    let mut s = Story::new();
    let [a, b, c] = ["/a", "/b", "/c"].map(|path| s.ask(Asked::get().path(path)));
    assert_eq!(s.lists(), [(Some(a), vec![b, c])]);
    s.run();
    let at = s.seat(a).expect("the first leads");
    assert_eq!((s.seat(b), s.seat(c)), (None, None));
    assert_eq!(s.requests_heard(), ["GET /a"]);

    s.answer(OK);
    assert_eq!(s.lists(), [(Some(b), vec![c])]);
    assert_eq!((s.seat(a), s.seat(b)), (None, Some(at)));
    assert_eq!(s.requests_heard(), ["GET /b"]);

    s.answer(OK);
    assert_eq!(s.lists(), [(Some(c), vec![])]);
    assert_eq!(s.requests_heard(), ["GET /c"]);

    s.answer(LAST);
    assert_eq!(
        s.ends(),
        [
            (a, End::Completed),
            (b, End::Completed),
            (c, End::Completed)
        ]
    );
    assert_eq!((s.connects(), s.lookups), (1, 1));
}
