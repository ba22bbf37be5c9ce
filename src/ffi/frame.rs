//! The only place that knows which calls of a thread may call back: while one is under way its context is not taken apart.

use std::cell::RefCell;
use std::mem::ManuallyDrop;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::context::Context;
use super::destroy;

/// The contexts that a thread is inside of, by slot, and how deep. Nearly always it is one.
#[derive(Default)]
struct Depths {
    /// Depth 0: none.
    first: (usize, u32),
    more: Vec<(usize, u32)>,
}

impl Depths {
    const NONE: Self = Self {
        first: (0, 0),
        more: Vec::new(),
    };

    fn depth(&self, slot: usize) -> u32 {
        let all = std::iter::once(&self.first).chain(&self.more);
        all.filter(|(at, _)| *at == slot)
            .map(|(_, depth)| *depth)
            .sum()
    }

    /// `true` when it was not inside.
    fn enter(&mut self, slot: usize) -> bool {
        if self.first.1 == 0 {
            let outermost = self.depth(slot) == 0;
            if outermost {
                self.first = (slot, 1);
                return true;
            }
        }
        if self.first.0 == slot && self.first.1 > 0 {
            self.first.1 += 1;
            return false;
        }
        match self.more.iter_mut().find(|(at, _)| *at == slot) {
            Some((_, depth)) => {
                *depth += 1;
                false
            }
            None => {
                self.more.push((slot, 1));
                true
            }
        }
    }

    /// `true` when it is inside no more.
    fn leave(&mut self, slot: usize) -> bool {
        if self.first.0 == slot && self.first.1 > 0 {
            self.first.1 -= 1;
            return self.first.1 == 0;
        }
        let Some(n) = self.more.iter().position(|(at, _)| *at == slot) else {
            return false;
        };
        let Some((_, depth)) = self.more.get_mut(n) else {
            return false;
        };
        *depth -= 1;
        if *depth > 0 {
            return false;
        }
        self.more.swap_remove(n);
        if self.more.is_empty() {
            self.more = Vec::new();
        }
        true
    }
}

thread_local! {
    // Without a destructor, so that it is there in atexit handlers and in destructors of a program's own thread_locals too;
    // it owns no memory while the thread is inside of none.
    static DEPTHS: ManuallyDrop<RefCell<Depths>> = const { ManuallyDrop::new(RefCell::new(Depths::NONE)) };
}

/// Is this thread inside a call into the context in `slot` that may call back?
pub(crate) fn is_inside(slot: usize) -> bool {
    DEPTHS.with(|depths| depths.borrow().depth(slot) > 0)
}

/// A call that may call back is under way.
pub(crate) struct Frame {
    context: Arc<Context>,
}

impl Frame {
    pub(crate) fn enter(context: &Arc<Context>) -> Self {
        if DEPTHS.with(|depths| depths.borrow_mut().enter(context.slot)) {
            context.entered();
        }
        Self {
            context: context.clone(),
        }
    }

    /// The usual way out: the outermost one also carries out a destroy that came meanwhile. `true` when it did.
    pub(crate) fn leave(self) -> bool {
        let context = self.context.clone();
        drop(self);
        let doomed = context.doomed.load(Ordering::SeqCst) && !is_inside(context.slot);
        if doomed && context.claim() {
            destroy::tear_down(&context);
        }
        doomed
    }
}

/// Also the way of a C++ exception: the books stay right, and nothing is called.
impl Drop for Frame {
    fn drop(&mut self) {
        let slot = self.context.slot;
        if DEPTHS.with(|depths| depths.borrow_mut().leave(slot)) {
            self.context.left();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Depths;

    #[test]
    fn contexts_may_be_left_in_any_order() {
        let mut depths = Depths::default();
        assert!(depths.enter(1));
        assert!(!depths.enter(1));
        assert!(depths.enter(2));
        assert!(depths.enter(3));
        assert!(!depths.leave(1));
        assert!(depths.leave(1));
        assert!(!depths.enter(2), "still inside of it");
        assert!(depths.enter(4));
        assert!(!depths.leave(2));
        assert!(depths.leave(2));
        assert!(depths.leave(4));
        assert!(depths.leave(3));
        assert_eq!((depths.depth(1), depths.more.capacity()), (0, 0));
    }
}
