//! Stories of requests that belong to others.

use crate::engine::call::Reason;
use crate::tests::books::End;
use crate::tests::peer::OK;
use crate::tests::program::Asked;
use crate::tests::story::{Req, Story};

fn child(s: &mut Story, parent: Req) -> Req {
    let who = s.ask(Asked::get());
    let (parent, child) = (s.told[parent.0].key, s.told[who.0].key);
    s.engine.add_child(parent, child);
    who
}

fn destroyed(s: &Story) -> Vec<Req> {
    let log = s.log().iter();
    log.filter(|(_, reason)| *reason == Reason::WsiDestroy)
        .map(|(who, _)| *who)
        .collect()
}

#[test]
fn a_parent_that_completes_outlives_its_children_wherever_they_wait() {
    let mut s = Story::new();
    let a = s.get();
    let [b, c] = [child(&mut s, a), child(&mut s, a)];
    let d = child(&mut s, b);
    let other = s.get();
    s.run();
    s.answer(OK);
    assert_eq!(s.end_of(a), Some(End::Completed));
    for who in [b, c, d] {
        assert_eq!(s.end_of(who), Some(End::Failed));
    }
    // It is called as the parent's.
    let told = [a, b, c, d].map(|who| s.count(who, Reason::ChildClosing));
    assert_eq!(told, [2, 1, 0, 0]);
    assert_eq!(destroyed(&s), [c, d, b, a]);
    s.answer(OK);
    // None of them had a turn on the connection.
    assert_eq!((s.end_of(other), s.connects()), (Some(End::Completed), 1));
}

#[test]
fn a_parent_in_the_queue_of_its_child_ends_after_it() {
    let mut s = Story::new();
    let a = s.get();
    s.run();
    s.answer(OK);
    let parent = s.ask(Asked::get().at("b.test").path("/p"));
    let leads = child(&mut s, parent);
    s.run();
    s.cancel(parent);
    s.run();
    assert_eq!(destroyed(&s), [a, leads, parent]);
}

#[test]
fn a_child_that_ends_by_itself_leaves_the_others() {
    let mut s = Story::h2c();
    let a = s.get();
    let [b, c] = [child(&mut s, a), child(&mut s, a)];
    s.run();
    let key = |s: &Story, who: Req| s.told[who.0].key;
    assert_eq!(s.engine.child(key(&s, a)), Some(key(&s, c)));
    s.cancel(c);
    s.run();
    assert_eq!(destroyed(&s), [c]);
    assert_eq!(s.engine.child(key(&s, a)), Some(key(&s, b)));
    assert_eq!(s.engine.parent(key(&s, b)), Some(key(&s, a)));
    s.cancel(b);
    s.run();
    assert_eq!(s.engine.child(key(&s, a)), None);
    s.answer_all();
    assert_eq!(s.end_of(a), Some(End::Completed));
}

#[test]
fn a_destroyed_vhost_ends_them_in_the_same_order() {
    let mut s = Story::new();
    let a = s.get();
    let b = child(&mut s, a);
    let c = child(&mut s, b);
    s.run();
    s.destroy_vhost();
    assert_eq!(destroyed(&s), [c, b, a]);
}
