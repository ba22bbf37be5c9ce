//! The only place that links entries of a table into lists: lws_dll2 with keys for pointers.

use super::table::{Key, Table};

/// A member's place: lws_dll2.
pub(crate) struct Dll2<T, O> {
    prev: Option<Key<T>>,
    next: Option<Key<T>>,
    /// Who owns the list that this is a member of; `None` when detached.
    pub(crate) owner: Option<O>,
}

impl<T, O> Default for Dll2<T, O> {
    fn default() -> Self {
        Self {
            prev: None,
            next: None,
            owner: None,
        }
    }
}

/// A list's two ends: lws_dll2_owner. It moves as a whole: members name their owner, not this struct.
pub(crate) struct Dll2Owner<T> {
    pub(crate) head: Option<Key<T>>,
    pub(crate) tail: Option<Key<T>>,
    pub(crate) count: usize,
}

impl<T> Default for Dll2Owner<T> {
    fn default() -> Self {
        Self {
            head: None,
            tail: None,
            count: 0,
        }
    }
}

/// An entry that can be a member of a list owned by an `O`.
pub(crate) trait Member<O>: Sized {
    fn dll2(&mut self) -> &mut Dll2<Self, O>;
}

impl<T> Dll2Owner<T> {
    /// lws: lws_dll2_add_tail().
    pub(crate) fn add_tail<O>(&mut self, table: &mut Table<T>, key: Key<T>, owner: O)
    where
        T: Member<O>,
    {
        let Some(entry) = table.get_mut(key) else {
            return;
        };
        let link = entry.dll2();
        assert!(
            link.owner.is_none(),
            "only wholly detached members can be added"
        );
        link.owner = Some(owner);
        link.prev = self.tail;
        link.next = None;
        match self.tail.and_then(|tail| table.get_mut(tail)) {
            Some(tail) => tail.dll2().next = Some(key),
            None => self.head = Some(key),
        }
        self.tail = Some(key);
        self.count += 1;
    }

    /// All of `after` follow; members are owned by the same owner.
    pub(crate) fn append<O>(&mut self, table: &mut Table<T>, after: Self)
    where
        T: Member<O>,
    {
        let (Some(tail), Some(head)) = (self.tail, after.head) else {
            if self.tail.is_none() {
                *self = after;
            }
            return;
        };
        if let Some(entry) = table.get_mut(tail) {
            entry.dll2().next = Some(head);
        }
        if let Some(entry) = table.get_mut(head) {
            entry.dll2().prev = Some(tail);
        }
        self.tail = after.tail;
        self.count += after.count;
    }

    /// lws: lws_dll2_remove(). A detached member stays as it is.
    pub(crate) fn remove<O>(&mut self, table: &mut Table<T>, key: Key<T>)
    where
        T: Member<O>,
    {
        let Some(entry) = table.get_mut(key) else {
            return;
        };
        let link = std::mem::take(entry.dll2());
        if link.owner.is_none() {
            return;
        }
        match link.prev.and_then(|prev| table.get_mut(prev)) {
            Some(prev) => prev.dll2().next = link.next,
            None => self.head = link.next,
        }
        match link.next.and_then(|next| table.get_mut(next)) {
            Some(next) => next.dll2().prev = link.prev,
            None => self.tail = link.prev,
        }
        self.count -= 1;
    }

    pub(crate) fn pop_head<O>(&mut self, table: &mut Table<T>) -> Option<Key<T>>
    where
        T: Member<O>,
    {
        let head = self.head?;
        self.remove(table, head);
        Some(head)
    }
}

#[cfg(test)]
mod tests {
    use super::{Dll2, Dll2Owner, Member};
    use crate::engine::table::Table;

    #[derive(Default)]
    struct Node(Dll2<Self, ()>);

    impl Member<()> for Node {
        fn dll2(&mut self) -> &mut Dll2<Self, ()> {
            &mut self.0
        }
    }

    #[test]
    fn members_leave_from_anywhere_and_the_rest_keeps_its_order() {
        let mut table = Table::new();
        let mut list = Dll2Owner::default();
        let [a, b, c, d] = [(); 4].map(|()| table.insert(Node::default()).expect("room"));
        for key in [a, b, c, d] {
            list.add_tail(&mut table, key, ());
        }
        list.remove(&mut table, b);
        list.remove(&mut table, b);
        list.remove(&mut table, d);
        assert_eq!(list.count, 2);
        list.add_tail(&mut table, b, ());
        let order: Vec<_> = std::iter::from_fn(|| list.pop_head(&mut table)).collect();
        assert_eq!(order, [a, c, b]);
        assert!(list.tail.is_none() && list.count == 0);
    }

    #[test]
    fn a_list_follows_another_as_a_whole() {
        let mut table = Table::new();
        let [a, b, c, d] = [(); 4].map(|()| table.insert(Node::default()).expect("room"));
        let (mut first, mut second) = (Dll2Owner::default(), Dll2Owner::default());
        for key in [a, b] {
            first.add_tail(&mut table, key, ());
        }
        for key in [c, d] {
            second.add_tail(&mut table, key, ());
        }
        first.append(&mut table, second);
        first.append(&mut table, Dll2Owner::default());
        let mut all = Dll2Owner::default();
        all.append(&mut table, first);
        assert_eq!(all.count, 4);
        all.remove(&mut table, c);
        let order: Vec<_> = std::iter::from_fn(|| all.pop_head(&mut table)).collect();
        assert_eq!(order, [a, b, d]);
    }
}
