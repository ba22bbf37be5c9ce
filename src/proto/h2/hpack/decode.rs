//! The only place that reads header blocks (RFC 7541 §3.2, §5, §6).

use super::table::Table;
use super::{Broken, DEFAULT_TABLE, DYNAMIC, Field, Verdict, huffman, statics};
use crate::proto::h2::field;

/// The peer's table, as we follow it.
#[derive(Debug)]
pub(crate) struct Decoder {
    table: Table<Verdict>,
    /// What the peer may size it to.
    limit: usize,
    /// A coded name and a coded value are put here: one field is looked at at a time.
    name: Vec<u8>,
    value: Vec<u8>,
}

impl Decoder {
    /// `announced` is SETTINGS_HEADER_TABLE_SIZE. The peer may not know of it yet.
    pub(crate) fn new(announced: usize) -> Self {
        Self {
            table: Table::new(DEFAULT_TABLE),
            limit: announced.max(DEFAULT_TABLE),
            name: Vec::new(),
            value: Vec::new(),
        }
    }

    /// Reads a whole block, and shows each field to `see` in turn; what `see` refuses ends it.
    pub(crate) fn decode<E: From<Broken>>(
        &mut self,
        block: &[u8],
        mut see: impl FnMut(Field<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut input = Input(block);
        let mut updates_may_come = true;
        while let Some(first) = input.first() {
            if first & 0xe0 == 0x20 {
                if !updates_may_come {
                    // §4.2
                    return Err(Broken("h2: HPACK: a table size update inside a block").into());
                }
                self.update_size(input.int(5)?)?;
                continue;
            }
            updates_may_come = false;
            if first & 0x80 != 0 {
                see(self.indexed(input.int(7)?)?)?;
            } else if first & 0x40 != 0 {
                self.literal(&mut input, 6, true, &mut see)?;
            } else {
                // §6.2.2, §6.2.3: never indexed is a word to those who pass fields on.
                self.literal(&mut input, 4, false, &mut see)?;
            }
        }
        Ok(())
    }

    #[cfg(any(test, feature = "fuzzing"))]
    pub(crate) fn check_books(&self) {
        let held = self.table.check_books();
        assert!(self.table.max() <= self.limit);
        assert!(
            held <= 8 * self.limit,
            "{held} for a table of {}",
            self.limit
        );
    }

    /// What the table may take now.
    #[cfg(any(test, feature = "fuzzing"))]
    pub(crate) fn size(&self) -> usize {
        self.table.max()
    }

    fn update_size(&mut self, size: usize) -> Result<(), Broken> {
        if size > self.limit {
            // §6.3
            return Err(Broken(
                "h2: HPACK: the table is sized beyond what was announced",
            ));
        }
        self.table.resize(size);
        Ok(())
    }

    #[inline]
    fn indexed(&self, index: usize) -> Result<Field<'_>, Broken> {
        let found = match index.checked_sub(DYNAMIC) {
            Some(nth) => self.table.at(nth),
            None => statics::at(index),
        };
        let Some((name, value, verdict)) = found else {
            return Err(NO_ENTRY);
        };
        Ok(Field {
            name,
            value,
            verdict,
        })
    }

    fn literal<E: From<Broken>>(
        &mut self,
        input: &mut Input<'_>,
        prefix: u32,
        keep: bool,
        see: &mut impl FnMut(Field<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let index = input.int(prefix)?;
        let from_table = index.checked_sub(DYNAMIC);
        // Names from the dynamic table are looked up again when they are used: the table may change.
        let (name, judged) = match (index, from_table) {
            (0, _) => {
                let name = input.text(&mut self.name)?;
                (name, field::name(name))
            }
            (_, None) => statics::at(index)
                .map(|(n, _, v)| (n, v.name))
                .ok_or(NO_ENTRY)?,
            (_, Some(nth)) => (&[][..], self.table.at(nth).ok_or(NO_ENTRY)?.2.name),
        };
        let value = input.text(&mut self.value)?;
        let verdict = Verdict {
            name: judged,
            value_is_clean: field::value_is_clean(value),
        };
        let shown = from_table.and_then(|nth| self.table.at(nth));
        see(Field {
            name: shown.map_or(name, |(name, ..)| name),
            value,
            verdict,
        })?;
        if keep {
            match from_table {
                Some(nth) => self.table.insert_named_as(nth, value, verdict),
                None => self.table.insert(name, value, verdict),
            };
        }
        Ok(())
    }
}

const NO_ENTRY: Broken = Broken("h2: HPACK: an index that no table has");

/// What is left of a block.
struct Input<'a>(&'a [u8]);

impl<'a> Input<'a> {
    #[inline]
    fn first(&self) -> Option<u8> {
        self.0.first().copied()
    }

    /// §5.1: a number that begins in the last `prefix` bits of the next byte.
    #[inline]
    fn int(&mut self, prefix: u32) -> Result<usize, Broken> {
        let Some((&first, rest)) = self.0.split_first() else {
            return Err(SHORT);
        };
        self.0 = rest;
        let most = (1u32 << prefix) - 1;
        let start = u32::from(first) & most;
        if start < most {
            return Ok(start as usize);
        }
        self.long_int(start)
    }

    fn long_int(&mut self, start: u32) -> Result<usize, Broken> {
        let mut number = u64::from(start);
        // Four more bytes say more than any length or index we take.
        for shift in [0, 7, 14, 21] {
            let Some((&byte, rest)) = self.0.split_first() else {
                return Err(SHORT);
            };
            self.0 = rest;
            number += u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(number as usize);
            }
        }
        Err(Broken("h2: HPACK: a number is too long"))
    }

    /// §5.2: as it stands in the block, or decoded into `scratch`.
    #[inline]
    fn text<'s>(&mut self, scratch: &'s mut Vec<u8>) -> Result<&'s [u8], Broken>
    where
        'a: 's,
    {
        let coded = self.first().is_some_and(|first| first & 0x80 != 0);
        let len = self.int(7)?;
        let Some((text, rest)) = self.0.split_at_checked(len) else {
            return Err(SHORT);
        };
        self.0 = rest;
        if !coded {
            return Ok(text);
        }
        huffman::decode(text, scratch)?;
        Ok(scratch)
    }
}

const SHORT: Broken = Broken("h2: HPACK: the block ends inside a field");
