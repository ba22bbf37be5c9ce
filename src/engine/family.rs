//! The only place for requests that belong to others: lws: parent and child wsis.
//!
//! A parent outlives its children: when it ends they end first, the newest before the others, each with its own children before it.

use super::Engine;
use super::call::Reason;
use super::table::Key;
use super::vhost::Vhost;
use super::wsi::{Family, State, Wsi};

impl Engine {
    /// A request that may still have children.
    pub(crate) fn may_be_parent(&self, key: Key<Wsi>) -> bool {
        let wsi = self.wsis.get(key);
        wsi.is_some_and(|wsi| !matches!(wsi.state, State::Ended | State::Completing))
    }

    /// `child`, new, is the parent's first.
    pub(crate) fn add_child(&mut self, parent: Key<Wsi>, child: Key<Wsi>) {
        let Some(family) = self.family(parent) else {
            return;
        };
        let older = family.child.replace(child);
        if let Some(older) = older.and_then(|older| self.family(older)) {
            older.newer = Some(child);
        }
        if let Some(family) = self.family(child) {
            family.parent = Some(parent);
            family.older = older;
        }
    }

    fn family(&mut self, key: Key<Wsi>) -> Option<&mut Family> {
        let wsi = self.wsis.get_mut(key)?;
        Some(wsi.family.get_or_insert_default())
    }

    /// Whose it is, until CHILD_CLOSING returned.
    pub(crate) fn parent(&self, key: Key<Wsi>) -> Option<Key<Wsi>> {
        let family = self.wsis.get(key)?.family.as_deref()?;
        family.parent.filter(|_| !family.has_left)
    }

    /// Its newest child.
    pub(crate) fn child(&self, key: Key<Wsi>) -> Option<Key<Wsi>> {
        let mut children = self.children(key).into_iter();
        children.find(|child| self.parent(*child).is_some())
    }

    /// All that are not freed, the newest first.
    fn children(&self, key: Key<Wsi>) -> Vec<Key<Wsi>> {
        let family = |key: Key<Wsi>| self.wsis.get(key)?.family.as_deref();
        let first = family(key).and_then(|family| family.child);
        std::iter::successors(first, |child| family(*child)?.older).collect()
    }

    /// Its children, theirs before them: the order in which they end.
    pub(crate) fn descendants(&self, key: Key<Wsi>) -> Vec<Key<Wsi>> {
        let mut found = Vec::new();
        let mut rest = self.children(key);
        while let Some(next) = rest.pop() {
            found.push(next);
            rest.extend(self.children(next));
        }
        found.reverse();
        found
    }

    /// One that has ended is told of its last when its children are gone: they end now. Does it have to wait for them?
    pub(crate) fn ends_children(&mut self, key: Key<Wsi>) -> bool {
        let wsi = self.wsis.get(key);
        let has_child = |wsi: &Wsi| wsi.family.as_ref().is_some_and(|own| own.child.is_some());
        if !wsi.is_some_and(|wsi| wsi.state == State::Ended && has_child(wsi)) {
            return false;
        }
        self.end_descendants(key);
        true
    }

    /// All that belong to it end, in their order: each is listed before all others that have something to do, and the one that ends
    /// first last.
    pub(crate) fn end_descendants(&mut self, key: Key<Wsi>) {
        for child in self.descendants(key).into_iter().rev() {
            match self.wsis.get(child).map(|child| child.state) {
                Some(State::Ended | State::Completing) => self.list_wsi_first(child),
                _ => self.cancel(child, "the request that it belongs to ended"),
            }
        }
    }

    /// CHILD_CLOSING returned: it has no parent any more, for whoever asks.
    pub(crate) fn child_left(&mut self, key: Key<Wsi>) {
        if let Some(family) = self.family(key) {
            family.has_left = true;
        }
    }

    /// A child is freed: the parent may be waiting for that.
    pub(crate) fn unlink_child(&mut self, family: &Family) {
        if let Some(older) = family.older.and_then(|older| self.family(older)) {
            older.newer = family.newer;
        }
        let Some(parent) = family.parent else {
            return;
        };
        match family.newer {
            Some(newer) => {
                if let Some(newer) = self.family(newer) {
                    newer.older = family.older;
                }
            }
            None => {
                if let Some(own) = self.family(parent) {
                    own.child = family.older;
                }
            }
        }
        let ended = self.wsis.get(parent).map(|wsi| wsi.state) == Some(State::Ended);
        if ended && self.children(parent).is_empty() {
            self.list_wsi_first(parent);
        }
    }

    /// Whose protocol is called, and with whose user pointer: CHILD_CLOSING is the parent's.
    pub(crate) fn called(&self, key: Key<Wsi>, reason: Reason) -> Option<(Key<Vhost>, u16, usize)> {
        let wsi = match reason {
            Reason::ChildClosing => self.wsis.get(self.parent(key)?)?,
            _ => self.wsis.get(key)?,
        };
        Some((wsi.vhost, wsi.protocol, wsi.user))
    }
}
