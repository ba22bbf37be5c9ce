//! The only place that links nodes which live in the program's memory.

use super::types::{
    LLL_ERR, LLL_INFO, lws_dll2, lws_dll2_foreach_cb_t, lws_dll2_owner, lws_list_ptr_sort_func_t,
};
use super::{logs, text, timers};
use core::ffi::{c_char, c_int, c_void};
use core::ptr::{self, NonNull};

/// Puts the node first on the list.
///
/// # Safety
///
/// `d` and `owner` are NULL, or writable, and so is every node that the list has.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_dll2_add_head(d: *mut lws_dll2, owner: *mut lws_dll2_owner) {
    // SAFETY: `d` is as `Node::at` wants it, by this function's contract.
    let node = unsafe { Node::at(d) };
    // SAFETY: `owner` is as `List::at` wants it, by this function's contract.
    let list = unsafe { List::at(owner) };
    let (Some(node), Some(list)) = (node, list) else {
        return refuse("lws_dll2_add_head", NULL_ARGUMENT);
    };
    let first = list.get().head;
    list.link("lws_dll2_add_head", node, ptr::null_mut(), first);
}

/// Puts the node last on the list.
///
/// # Safety
///
/// `d` and `owner` are NULL, or writable, and so is every node that the list has.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_dll2_add_tail(d: *mut lws_dll2, owner: *mut lws_dll2_owner) {
    // SAFETY: `d` is as `Node::at` wants it, by this function's contract.
    let node = unsafe { Node::at(d) };
    // SAFETY: `owner` is as `List::at` wants it, by this function's contract.
    let list = unsafe { List::at(owner) };
    let (Some(node), Some(list)) = (node, list) else {
        return refuse("lws_dll2_add_tail", NULL_ARGUMENT);
    };
    let last = list.get().tail;
    list.link("lws_dll2_add_tail", node, last, ptr::null_mut());
}

/// Puts the node `d` before the node `after`, on the list that `after` is on.
///
/// # Safety
///
/// `d` and `after` are NULL, or writable, and so is the list of `after` and every node that it has.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_dll2_add_before(d: *mut lws_dll2, after: *mut lws_dll2) {
    // SAFETY: `d` is as `Node::at` wants it, by this function's contract.
    let node = unsafe { Node::at(d) };
    // SAFETY: `after` is as `Node::at` wants it, by this function's contract.
    let next = unsafe { Node::at(after) };
    let (Some(node), Some(next)) = (node, next) else {
        return refuse("lws_dll2_add_before", NULL_ARGUMENT);
    };
    let Some(list) = next.list() else {
        return refuse(
            "lws_dll2_add_before",
            "the node to come after it is on no list",
        );
    };
    list.link("lws_dll2_add_before", node, next.get().prev, next.as_ptr());
}

/// Puts the node `d` behind the node `prev`, on the list that `prev` is on.
///
/// # Safety
///
/// `d` and `prev` are NULL, or writable, and so is the list of `prev` and every node that it has.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_dll2_add_insert(d: *mut lws_dll2, prev: *mut lws_dll2) {
    // SAFETY: `d` is as `Node::at` wants it, by this function's contract.
    let node = unsafe { Node::at(d) };
    // SAFETY: `prev` is as `Node::at` wants it, by this function's contract.
    let before = unsafe { Node::at(prev) };
    let (Some(node), Some(before)) = (node, before) else {
        return refuse("lws_dll2_add_insert", NULL_ARGUMENT);
    };
    let Some(list) = before.list() else {
        let why = "the node to come before it is on no list";
        return refuse("lws_dll2_add_insert", why);
    };
    list.link("lws_dll2_add_insert", node, prev, before.get().next);
}

/// Puts the node before the first one, `d`, for which `compare(d, i)` >= 0, where `i` is the new one; last when there is none. So a list
/// stays sorted, and among equals the newest comes first.
///
/// # Safety
///
/// `d` and `own` are NULL, or writable, and so is every node that the list has; `compare` is NULL or may be called with them, and
/// does not change the list.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_dll2_add_sorted(
    d: *mut lws_dll2,
    own: *mut lws_dll2_owner,
    compare: Option<unsafe extern "C-unwind" fn(d: *const lws_dll2, i: *const lws_dll2) -> c_int>,
) {
    const WHO: &str = "lws_dll2_add_sorted";
    let Some(compare) = compare else {
        return refuse(WHO, NULL_ARGUMENT);
    };
    // SAFETY: the program says by this function's contract that `compare` may be called so.
    let order = |at: *const lws_dll2, new: *const lws_dll2| unsafe { compare(at, new) };
    // SAFETY: by this function's contract.
    unsafe { add_sorted(WHO, d, own, order) };
}

/// As lws_dll2_add_sorted(); `compare3` is handed `priv` too.
///
/// # Safety
///
/// As lws_dll2_add_sorted().
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_dll2_add_sorted_priv(
    d: *mut lws_dll2,
    own: *mut lws_dll2_owner,
    r#priv: *mut c_void,
    compare3: Option<
        unsafe extern "C-unwind" fn(
            r#priv: *mut c_void,
            d: *const lws_dll2,
            i: *const lws_dll2,
        ) -> c_int,
    >,
) {
    const WHO: &str = "lws_dll2_add_sorted_priv";
    let Some(compare) = compare3 else {
        return refuse(WHO, NULL_ARGUMENT);
    };
    // SAFETY: the program says by this function's contract that `compare3` may be called so.
    let order = |at: *const lws_dll2, new: *const lws_dll2| unsafe { compare(r#priv, at, new) };
    // SAFETY: by this function's contract.
    unsafe { add_sorted(WHO, d, own, order) };
}

/// The first object on the list whose string is the `namelen` characters at `name`; NULL when there is none. `dll2_ofs` and `ptr_ofs` are
/// where in the object its node and the pointer to its string are; lws_dll2_search_sz_pl() is the name to call it by.
///
/// # Safety
///
/// `own` is NULL or readable, and so is every object that the list has, whose pointer is NULL or at a string; `name` is NULL or has
/// `namelen` readable bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn _lws_dll2_search_sz_pl(
    own: *mut lws_dll2_owner,
    name: *const c_char,
    namelen: usize,
    dll2_ofs: usize,
    ptr_ofs: usize,
) -> *mut c_void {
    // SAFETY: `own` is as `List::at` wants it, by this function's contract.
    let list = unsafe { List::at(own) };
    let (Some(list), false) = (list, name.is_null()) else {
        refuse("_lws_dll2_search_sz_pl", NULL_ARGUMENT);
        return ptr::null_mut();
    };
    // SAFETY: `namelen` readable bytes, by this function's contract.
    let name = unsafe { core::slice::from_raw_parts(name.cast::<u8>(), namelen) };
    for node in list.nodes() {
        let object = node.as_ptr().cast::<u8>().wrapping_sub(dll2_ofs);
        let member = object.wrapping_add(ptr_ofs).cast::<*const c_char>();
        // SAFETY: the object has a pointer there, by this function's contract.
        let string = unsafe { member.read() };
        // SAFETY: NULL or a string, by this function's contract.
        if unsafe { text::bytes(string) } == Some(name) {
            return object.cast();
        }
    }
    ptr::null_mut()
}

/// Logs, at level info, the list and its nodes; `desc` is for the lines.
///
/// # Safety
///
/// `owner` is NULL or readable, and so is every node that the list has; `desc` is NULL or a string.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_dll2_describe(owner: *mut lws_dll2_owner, desc: *const c_char) {
    // SAFETY: `owner` is as `List::at` wants it, by this function's contract.
    let Some(list) = (unsafe { List::at(owner) }) else {
        return refuse("lws_dll2_describe", NULL_ARGUMENT);
    };
    // SAFETY: NULL or a string, by this function's contract.
    let desc = unsafe { text::bytes(desc) }.unwrap_or_default();
    let desc = String::from_utf8_lossy(desc);
    let lws_dll2_owner { head, tail, count } = list.get();
    let line = format!("{desc}: owner {owner:p}: count {count}, head {head:p}, tail {tail:p}");
    logs::emit(LLL_INFO, &line);
    for node in list.nodes() {
        let lws_dll2 { prev, next, .. } = node.get();
        let node = node.as_ptr();
        let line = format!("{desc}: node {node:p}: prev {prev:p}, next {next:p}");
        logs::emit(LLL_INFO, &line);
    }
}

/// Takes the node off the list that it is on; nothing when it is on none. A scheduled timer is cancelled.
///
/// # Safety
///
/// `d` is NULL, or writable, and so is the list it is on and every node that it has.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_dll2_remove(d: *mut lws_dll2) {
    // A timer's owner is no list: the timers know their own nodes.
    if timers::take_if_scheduled(d) {
        return;
    }
    // SAFETY: `d` is as `Node::at` wants it, by this function's contract.
    let Some(node) = (unsafe { Node::at(d) }) else {
        return;
    };
    if let Some(list) = node.list() {
        list.unlink(node);
    }
}

/// Calls `cb` for each node, first to last, and answers 1 when it ended the walk, else 0. `cb` may remove the node it is given.
///
/// # Safety
///
/// `owner` is NULL, or readable, and so is every node that the list has; `cb` is NULL or may be called with them.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_dll2_foreach_safe(
    owner: *mut lws_dll2_owner,
    user: *mut c_void,
    cb: lws_dll2_foreach_cb_t,
) -> c_int {
    // SAFETY: `owner` is as `List::at` wants it, by this function's contract.
    let list = unsafe { List::at(owner) };
    let (Some(list), Some(cb)) = (list, cb) else {
        refuse("lws_dll2_foreach_safe", NULL_ARGUMENT);
        return 0;
    };
    let mut at = list.get().head;
    // SAFETY: members of a list point at nodes of it, by this function's contract.
    while let Some(node) = unsafe { Node::at(at) } {
        let next = node.get().next;
        // SAFETY: the program says by this function's contract that `cb` may be called so.
        let ended = unsafe { cb(node.as_ptr(), user) };
        if ended != 0 {
            return 1;
        }
        at = next;
    }
    0
}

/// Puts `add` into the singly linked list that begins at `*phead`. A list pointer points at a member of an element's that is the next one's
/// list pointer, or NULL. It goes first; or with `sort` before the first element that it is not greater than: `sort(add, element)` is
/// negative, 0 or positive as in strcmp(). Equal ones so come before those that are there.
///
/// # Safety
///
/// `phead` is NULL or writable, and so are all members of the list; `add` is NULL or writable and on no list; `sort` is NULL or may be
/// called with what `add` and the list's members hold.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_list_ptr_insert(
    phead: *mut *mut c_void,
    add: *mut *mut c_void,
    sort: lws_list_ptr_sort_func_t,
) {
    if phead.is_null() || add.is_null() {
        return refuse("lws_list_ptr_insert", NULL_ARGUMENT);
    }
    let mut place = phead;
    // SAFETY: a member of the list, by this function's contract; so below.
    let mut next = unsafe { place.read() };
    while let (Some(sort), false) = (sort, next.is_null()) {
        // SAFETY: the program says by this function's contract that `sort` may be called so.
        if unsafe { sort(add.cast(), next) } <= 0 {
            break;
        }
        place = next.cast();
        // SAFETY: as above.
        next = unsafe { place.read() };
    }
    // SAFETY: writable, by this function's contract.
    unsafe { add.write(next) };
    // SAFETY: as above.
    unsafe { place.write(add.cast()) };
}

/// Makes the memory a node on no list, whatever was in it. A node that is on a list is to be removed instead.
///
/// # Safety
///
/// `d` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_dll2_clear(d: *mut lws_dll2) {
    // SAFETY: `d` is as `Node::at` wants it, by this function's contract.
    if let Some(node) = unsafe { Node::at(d) } {
        node.set(DETACHED);
    }
}

/// Makes the memory an empty list, whatever was in it. Its nodes, if it had any, are not touched.
///
/// # Safety
///
/// `d` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_dll2_owner_clear(d: *mut lws_dll2_owner) {
    // SAFETY: `d` is as `List::at` wants it, by this function's contract.
    if let Some(list) = unsafe { List::at(d) } {
        list.set(EMPTY);
    }
}

/// # Safety
///
/// `d` and `own` are as `Node::at` and `List::at` want them.
unsafe fn add_sorted(
    who: &str,
    d: *mut lws_dll2,
    own: *mut lws_dll2_owner,
    order: impl Fn(*const lws_dll2, *const lws_dll2) -> c_int,
) {
    // SAFETY: by this function's contract.
    let node = unsafe { Node::at(d) };
    // SAFETY: by this function's contract.
    let list = unsafe { List::at(own) };
    let (Some(node), Some(list)) = (node, list) else {
        return refuse(who, NULL_ARGUMENT);
    };
    let next = list.nodes().find(|at| order(at.as_ptr(), d) >= 0);
    match next {
        Some(next) => list.link(who, node, next.get().prev, next.as_ptr()),
        None => list.link(who, node, list.get().tail, ptr::null_mut()),
    }
}

/// A node that C vouched for.
#[derive(Clone, Copy)]
struct Node(NonNull<lws_dll2>);

impl Node {
    /// # Safety
    ///
    /// `d` is NULL, or readable and, if it is to be changed, writable, and so is all that its members point at.
    unsafe fn at(d: *mut lws_dll2) -> Option<Self> {
        NonNull::new(d).map(Self)
    }

    fn list(self) -> Option<List> {
        // SAFETY: what a node's owner points at is a list, by the contract of `at`.
        unsafe { List::at(self.get().owner) }
    }

    fn get(self) -> lws_dll2 {
        // SAFETY: readable, by the contract of `at`.
        unsafe { self.0.read() }
    }

    fn set(self, links: lws_dll2) {
        // SAFETY: writable, by the contract of `at`.
        unsafe { self.0.write(links) }
    }

    fn as_ptr(self) -> *mut lws_dll2 {
        self.0.as_ptr()
    }
}

/// A list that C vouched for.
#[derive(Clone, Copy)]
struct List(NonNull<lws_dll2_owner>);

impl List {
    /// # Safety
    ///
    /// `owner` is NULL, or readable and, if it is to be changed, writable, and so is every node that it has.
    unsafe fn at(owner: *mut lws_dll2_owner) -> Option<Self> {
        NonNull::new(owner).map(Self)
    }

    fn nodes(self) -> impl Iterator<Item = Node> {
        // SAFETY: members of a list point at nodes of it, by the contract of `at`.
        let node = |at| unsafe { Node::at(at) };
        std::iter::successors(node(self.get().head), move |at| node(at.get().next))
    }

    /// The one door in: `prev` and `next` are neighbours on this list, or NULL at its ends.
    fn link(self, who: &str, node: Node, prev: *mut lws_dll2, next: *mut lws_dll2) {
        if !node.get().owner.is_null() {
            return refuse(who, "the node is on a list already; remove it first");
        }
        let mut ends = self.get();
        // SAFETY: neighbours on a list are nodes, by the contract of `at`.
        match unsafe { Node::at(prev) } {
            Some(p) => p.set(lws_dll2 {
                next: node.as_ptr(),
                ..p.get()
            }),
            None => ends.head = node.as_ptr(),
        }
        // SAFETY: neighbours on a list are nodes, by the contract of `at`.
        match unsafe { Node::at(next) } {
            Some(n) => n.set(lws_dll2 {
                prev: node.as_ptr(),
                ..n.get()
            }),
            None => ends.tail = node.as_ptr(),
        }
        ends.count = ends.count.wrapping_add(1);
        self.set(ends);
        node.set(lws_dll2 {
            prev,
            next,
            owner: self.0.as_ptr(),
        });
    }

    /// The one door out.
    fn unlink(self, node: Node) {
        let lws_dll2 { prev, next, .. } = node.get();
        let mut ends = self.get();
        // SAFETY: neighbours on a list are nodes, by the contract of `at`.
        match unsafe { Node::at(prev) } {
            Some(p) => p.set(lws_dll2 { next, ..p.get() }),
            None => ends.head = next,
        }
        // SAFETY: neighbours on a list are nodes, by the contract of `at`.
        match unsafe { Node::at(next) } {
            Some(n) => n.set(lws_dll2 { prev, ..n.get() }),
            None => ends.tail = prev,
        }
        ends.count = ends.count.wrapping_sub(1);
        self.set(ends);
        node.set(DETACHED);
    }

    fn get(self) -> lws_dll2_owner {
        // SAFETY: readable, by the contract of `at`.
        unsafe { self.0.read() }
    }

    fn set(self, ends: lws_dll2_owner) {
        // SAFETY: writable, by the contract of `at`.
        unsafe { self.0.write(ends) }
    }
}

fn refuse(who: &str, why: &str) {
    logs::emit(LLL_ERR, &format!("{who}: {why}"));
}

const NULL_ARGUMENT: &str = "an argument is NULL";
const DETACHED: lws_dll2 = lws_dll2 {
    prev: ptr::null_mut(),
    next: ptr::null_mut(),
    owner: ptr::null_mut(),
};
const EMPTY: lws_dll2_owner = lws_dll2_owner {
    tail: ptr::null_mut(),
    head: ptr::null_mut(),
    count: 0,
};

#[cfg(test)]
mod tests {
    use super::*;

    /// Forward and backward walks agree, and the count with them.
    fn names(owner: *mut lws_dll2_owner, nodes: &[*mut lws_dll2]) -> String {
        // SAFETY: the tests' lists and nodes are live and theirs alone.
        let list = unsafe { List::at(owner) }.expect("not NULL").get();
        let walk = |mut at: *mut lws_dll2, on: fn(lws_dll2) -> *mut lws_dll2| {
            let mut out = String::new();
            // SAFETY: as above.
            while let Some(node) = unsafe { Node::at(at) } {
                let i = nodes
                    .iter()
                    .position(|n| *n == at)
                    .expect("a node of the test");
                out.push(char::from(b"abcdef"[i]));
                at = on(node.get());
            }
            out
        };
        let forward = walk(list.head, |l| l.next);
        let backward = walk(list.tail, |l| l.prev);
        assert_eq!(forward, backward.chars().rev().collect::<String>());
        assert_eq!(forward.len(), list.count as usize);
        forward
    }

    unsafe extern "C-unwind" fn remove_it(d: *mut lws_dll2, user: *mut c_void) -> c_int {
        // SAFETY: the walk hands out live nodes.
        unsafe { lws_dll2_remove(d) };
        let left = user.cast::<c_int>();
        // SAFETY: the test passes a counter of its own.
        let left = unsafe { &mut *left };
        *left -= 1;
        c_int::from(*left == 0)
    }

    #[test]
    fn nodes_go_where_they_are_put_and_leave_no_trace() {
        let mut memory = [DETACHED; 4];
        let base = memory.as_mut_ptr();
        let nodes: Vec<_> = (0..4).map(|i| base.wrapping_add(i)).collect();
        let mut list = EMPTY;
        let owner = &raw mut list;
        // SAFETY: nodes and list outlive the test and are touched by it alone; so below.
        unsafe { lws_dll2_add_tail(nodes[1], owner) };
        // SAFETY: as above.
        unsafe { lws_dll2_add_head(nodes[0], owner) };
        // SAFETY: as above.
        unsafe { lws_dll2_add_tail(nodes[3], owner) };
        // SAFETY: as above.
        unsafe { lws_dll2_add_before(nodes[2], nodes[3]) };
        assert_eq!(names(owner, &nodes), "abcd");
        // SAFETY: as above. It is on the list already: refused.
        unsafe { lws_dll2_add_head(nodes[2], owner) };
        assert_eq!(names(owner, &nodes), "abcd");
        // SAFETY: as above.
        unsafe { lws_dll2_remove(nodes[2]) };
        // SAFETY: as above. Twice does nothing.
        unsafe { lws_dll2_remove(nodes[2]) };
        assert_eq!(names(owner, &nodes), "abd");
        let mut left: c_int = 2;
        // SAFETY: as above.
        let ended =
            unsafe { lws_dll2_foreach_safe(owner, (&raw mut left).cast(), Some(remove_it)) };
        assert_eq!((ended, names(owner, &nodes).as_str()), (1, "d"));
        left = 2;
        // SAFETY: as above.
        let ended =
            unsafe { lws_dll2_foreach_safe(owner, (&raw mut left).cast(), Some(remove_it)) };
        assert_eq!((ended, names(owner, &nodes).as_str()), (0, ""));
    }
}
