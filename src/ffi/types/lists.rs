//! The only place for the doubly linked list whose nodes live in the program's memory.

/// One node; embed it in the struct that is to be listed. All zero: on no list.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct lws_dll2 {
    /// the node before, or NULL
    pub prev: *mut Self,
    /// the node after, or NULL
    pub next: *mut Self,
    /// the list that this node is on, or NULL
    pub owner: *mut lws_dll2_owner,
}

/// One list. All zero: empty.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct lws_dll2_owner {
    /// the last node, or NULL
    pub tail: *mut lws_dll2,
    /// the first node, or NULL
    pub head: *mut lws_dll2,
    /// how many nodes
    pub count: u32,
}

/// What lws_dll2_foreach_safe() calls for each node; nonzero ends the walk. It may remove the node it is given.
///
/// cbindgen:ignore
pub type lws_dll2_foreach_cb_t = Option<
    unsafe extern "C-unwind" fn(d: *mut lws_dll2, user: *mut core::ffi::c_void) -> core::ffi::c_int,
>;

/// How lws_list_ptr_insert() sorts: below 0 when `a` comes before `b`.
///
/// cbindgen:ignore
pub type lws_list_ptr_sort_func_t = Option<
    unsafe extern "C-unwind" fn(
        a: *mut core::ffi::c_void,
        b: *mut core::ffi::c_void,
    ) -> core::ffi::c_int,
>;

const _: () = {
    use core::mem::{offset_of, size_of};
    const P: usize = size_of::<usize>();
    assert!(size_of::<lws_dll2>() == 3 * P);
    assert!(offset_of!(lws_dll2, next) == P);
    assert!(offset_of!(lws_dll2, owner) == 2 * P);
    assert!(size_of::<lws_dll2_owner>() == 3 * P);
    assert!(offset_of!(lws_dll2_owner, head) == P);
    assert!(offset_of!(lws_dll2_owner, count) == 2 * P);
};
