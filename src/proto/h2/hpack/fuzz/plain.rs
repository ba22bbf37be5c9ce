//! The only place for a second reader of header blocks: RFC 7541 in order, a bit at a time, every field a copy.

use std::collections::VecDeque;
use std::sync::LazyLock;

use super::super::{ENTRY_COST, huffman, statics};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum How {
    Indexed,
    Kept,
    Passed,
    Never,
}

type Shown = (Vec<u8>, Vec<u8>, How);

pub(super) struct Plain {
    /// The newest first.
    entries: VecDeque<(Vec<u8>, Vec<u8>)>,
    size: usize,
    max: usize,
    limit: usize,
    /// Of the sizes that the last block set.
    smallest: usize,
}

impl Plain {
    pub(super) fn new(limit: usize) -> Self {
        Self {
            entries: VecDeque::new(),
            size: 0,
            max: super::DEFAULT_TABLE,
            limit,
            smallest: usize::MAX,
        }
    }

    /// The fields up to the first flaw, and whether there was none.
    pub(super) fn read(&mut self, block: &[u8]) -> (Vec<Shown>, bool) {
        self.smallest = usize::MAX;
        let mut rest = block;
        let mut shown = Vec::new();
        let mut sound = true;
        while sound && !rest.is_empty() {
            sound = self.one(&mut rest, &mut shown).is_some();
        }
        (shown, sound)
    }

    pub(super) fn max(&self) -> usize {
        self.max
    }

    pub(super) fn smallest(&self) -> usize {
        self.smallest
    }

    /// §6
    fn one(&mut self, rest: &mut &[u8], shown: &mut Vec<Shown>) -> Option<()> {
        let first = *rest.first()?;
        let (prefix, how) = match first.leading_zeros() {
            0 => {
                let (name, value) = self.at(int(rest, 7)?)?;
                shown.push((name, value, How::Indexed));
                return Some(());
            }
            1 => (6, How::Kept),
            2 if shown.is_empty() => return self.resize(int(rest, 5)?),
            2 => return None,
            3 => (4, How::Never),
            _ => (4, How::Passed),
        };
        let name = match int(rest, prefix)? {
            0 => text(rest)?,
            index => self.at(index)?.0,
        };
        let value = text(rest)?;
        if how == How::Kept {
            self.size += name.len() + value.len() + ENTRY_COST;
            self.entries.push_front((name.clone(), value.clone()));
            self.evict();
        }
        shown.push((name, value, how));
        Some(())
    }

    fn resize(&mut self, size: usize) -> Option<()> {
        self.max = Some(size).filter(|size| *size <= self.limit)?;
        self.smallest = self.smallest.min(size);
        self.evict();
        Some(())
    }

    fn evict(&mut self) {
        while self.size > self.max
            && let Some((name, value)) = self.entries.pop_back()
        {
            self.size -= name.len() + value.len() + ENTRY_COST;
        }
    }

    /// §2.3.3
    fn at(&self, index: usize) -> Option<(Vec<u8>, Vec<u8>)> {
        if index <= statics::COUNT {
            let (name, value, _) = statics::at(index)?;
            return Some((name.to_vec(), value.to_vec()));
        }
        self.entries.get(index - statics::COUNT - 1).cloned()
    }
}

/// §5.1. Nobody needs more than four bytes after the first.
fn int(rest: &mut &[u8], prefix: u32) -> Option<usize> {
    let most = (1 << prefix) - 1;
    let mut number = usize::from(byte(rest)?) & most;
    if number < most {
        return Some(number);
    }
    for nth in 0..4 {
        let next = usize::from(byte(rest)?);
        number += (next & 0x7f) << (7 * nth);
        if next < 0x80 {
            return Some(number);
        }
    }
    None
}

fn byte(rest: &mut &[u8]) -> Option<u8> {
    let (&first, after) = rest.split_first()?;
    *rest = after;
    Some(first)
}

/// §5.2
fn text(rest: &mut &[u8]) -> Option<Vec<u8>> {
    let coded = rest.first()? & 0x80 != 0;
    let len = int(rest, 7)?;
    let (text, after) = rest.split_at_checked(len)?;
    *rest = after;
    if coded {
        decoded(text)
    } else {
        Some(text.to_vec())
    }
}

/// §5.2: what is left at the end is less than a byte, and ones.
fn decoded(text: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let (mut at, mut len, mut all_ones) = (0, 0, true);
    for nth in 0..text.len() * 8 {
        let bit = text[nth / 8] >> (7 - nth % 8) & 1;
        all_ones &= bit == 1;
        len += 1;
        match TREE[at][usize::from(bit)] {
            Node::Branch(next) => at = next,
            Node::Leaf(byte) => {
                out.push(byte);
                (at, len, all_ones) = (0, 0, true);
            }
            Node::None => return None, // EOS, which stands for nothing
        }
    }
    (len < 8 && all_ones).then_some(out)
}

#[derive(Clone, Copy)]
enum Node {
    Branch(usize),
    Leaf(u8),
    None,
}

/// The code as a tree, from the root at 0; EOS has no leaf.
static TREE: LazyLock<Vec<[Node; 2]>> = LazyLock::new(|| {
    let mut tree = vec![[Node::None; 2]];
    for byte in 0..=u8::MAX {
        let (code, len) = huffman::code(byte);
        let mut at = 0;
        for place in (1..len).rev() {
            let bit = (code >> place & 1) as usize;
            at = match tree[at][bit] {
                Node::Branch(next) => next,
                _ => {
                    tree.push([Node::None; 2]);
                    tree[at][bit] = Node::Branch(tree.len() - 1);
                    tree.len() - 1
                }
            };
        }
        tree[at][(code & 1) as usize] = Node::Leaf(byte);
    }
    tree
});
