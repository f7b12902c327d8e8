//! A disk of which the power is cut: what must be there afterwards, and what may be.
//!
//! Only a flush makes certain: of a file its bytes and its size, of the folder which names there are.
//! What came since may be there or not, in any order and in part, down to sectors; where a file grew and
//! its bytes are missing, anything may stand. Names come in the order in which they were made, as on
//! every file system with a journal, but none is certain before the folder was flushed.

use std::collections::{BTreeMap, HashMap};

use super::record::{Change, Entry};
use crate::seed::Chance;

const SECTOR: usize = 512;

/// What becomes of that which was not flushed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Loss {
    /// All of it is gone.
    All,
    /// Nothing is gone: the machine stood, and the program was killed.
    Nothing,
    /// What came first is there; the last of it is torn.
    Later,
    /// Any of it is there; the last of each file is torn.
    Some,
    /// Any sector of it is there.
    Sectors,
}

#[derive(Default)]
pub(crate) struct Disk<'r> {
    files: Vec<File<'r>>,
    by_inode: HashMap<u64, usize>,
    names: BTreeMap<&'r str, usize>,
    /// Changes of names since the folder was flushed.
    moves: Vec<(u64, Move<'r>)>,
    /// How many changes there were.
    count: u64,
}

#[derive(Default)]
struct File<'r> {
    flushed: Vec<u8>,
    /// By number, so that those of all files have one order.
    since: Vec<(u64, Part<'r>)>,
}

#[derive(Clone, Copy)]
enum Part<'r> {
    Bytes(usize, &'r [u8]),
    Size(usize),
}

#[derive(Clone, Copy)]
enum Move<'r> {
    Link(&'r str, usize),
    Unlink(&'r str),
    Rename(&'r str, &'r str),
}

impl<'r> Disk<'r> {
    /// Does what an entry says.
    pub(crate) fn apply(&mut self, entry: &Entry<'r>) -> Result<(), String> {
        self.count += 1;
        let file = self.by_inode.get(&entry.inode).copied();
        match entry.change {
            Change::Create => {
                self.files.push(File::default());
                let file = self.files.len() - 1;
                self.by_inode.insert(entry.inode, file);
                self.moves.push((self.count, Move::Link(entry.name, file)));
            }
            Change::Unlink => self.moves.push((self.count, Move::Unlink(entry.name))),
            Change::Rename(name) => self.moves.push((self.count, Move::Rename(entry.name, name))),
            Change::Sync if entry.name.is_empty() => {
                for (_, step) in std::mem::take(&mut self.moves) {
                    step.apply(&mut self.names);
                }
            }
            Change::Sync => self.file(file, entry)?.flush(),
            Change::Truncate(size) => {
                let part = (self.count, Part::Size(size));
                self.file(file, entry)?.since.push(part);
            }
            Change::Write { offset, bytes } => {
                let part = (self.count, Part::Bytes(offset, bytes));
                self.file(file, entry)?.since.push(part);
            }
        }
        Ok(())
    }

    fn file(&mut self, file: Option<usize>, entry: &Entry<'r>) -> Result<&mut File<'r>, String> {
        file.map(|file| &mut self.files[file])
            .ok_or_else(|| format!("{} was there before its record", entry.name))
    }

    /// What may be found on the disk if the power is cut now: the files by name.
    pub(crate) fn image(&self, loss: Loss, chance: &mut Chance) -> BTreeMap<String, Vec<u8>> {
        let until = match loss {
            Loss::All => 0,
            Loss::Nothing => u64::MAX,
            Loss::Later | Loss::Some | Loss::Sectors => self.any_number(chance),
        };
        let mut names = self.names.clone();
        for (_, step) in self.moves.iter().filter(|(number, _)| *number <= until) {
            step.apply(&mut names);
        }
        // Mostly much of it or little.
        let kept_of_ten = [1, 5, 9][chance.index(3)];
        let mut of = |file: &File<'r>| {
            let mut bytes = file.flushed.clone();
            for (part, is_last) in file.kept(loss, until, kept_of_ten, chance) {
                match part {
                    Part::Size(size) => bytes.resize(size, 0),
                    Part::Bytes(offset, written) if loss == Loss::Sectors => {
                        sectors(&mut bytes, offset, written, chance);
                    }
                    Part::Bytes(offset, written) => {
                        let is_torn = is_last && loss != Loss::Nothing;
                        let most = written.len() / SECTOR + 1;
                        let length = if is_torn { chance.index(most + 1) * SECTOR } else { written.len() };
                        put(&mut bytes, offset, &written[..length.min(written.len())], chance);
                    }
                }
            }
            bytes
        };
        names.iter().map(|(name, file)| ((*name).to_owned(), of(&self.files[*file]))).collect()
    }

    /// The number of something that is not certain yet.
    fn any_number(&self, chance: &mut Chance) -> u64 {
        let parts = self.files.iter().flat_map(|file| file.since.iter().map(|(number, _)| *number));
        let numbers: Vec<u64> = parts.chain(self.moves.iter().map(|(number, _)| *number)).collect();
        if numbers.is_empty() { 0 } else { numbers[chance.index(numbers.len())] }
    }
}

impl<'r> File<'r> {
    fn flush(&mut self) {
        for (_, part) in std::mem::take(&mut self.since) {
            match part {
                Part::Size(size) => self.flushed.resize(size, 0),
                Part::Bytes(offset, bytes) => {
                    let end = self.flushed.len().max(offset + bytes.len());
                    self.flushed.resize(end, 0);
                    self.flushed[offset..offset + bytes.len()].copy_from_slice(bytes);
                }
            }
        }
    }

    /// What of the uncertain is there, and which is the last of it.
    fn kept(&self, loss: Loss, until: u64, of_ten: u64, chance: &mut Chance) -> Vec<(Part<'r>, bool)> {
        let mut is_kept = |number: u64| match loss {
            Loss::All | Loss::Nothing | Loss::Later => number <= until,
            Loss::Some => chance.below(10) < of_ten,
            Loss::Sectors => true,
        };
        let kept: Vec<_> = self.since.iter().filter(|(number, _)| is_kept(*number)).collect();
        // In order only the very last of all files is torn.
        let is_last = |number: u64| match loss {
            Loss::Later => number == until,
            _ => kept.last().is_some_and(|(last, _)| *last == number),
        };
        kept.iter().map(|(number, part)| (*part, is_last(*number))).collect()
    }
}

impl<'r> Move<'r> {
    fn apply(self, names: &mut BTreeMap<&'r str, usize>) {
        match self {
            Self::Link(name, file) => drop(names.insert(name, file)),
            Self::Unlink(name) => drop(names.remove(name)),
            Self::Rename(from, to) => {
                if let Some(file) = names.remove(from) {
                    names.insert(to, file);
                }
            }
        }
    }
}

/// Writes each sector or not.
fn sectors(bytes: &mut Vec<u8>, offset: usize, written: &[u8], chance: &mut Chance) {
    let mut at = offset;
    while at < offset + written.len() {
        let end = ((at / SECTOR + 1) * SECTOR).min(offset + written.len());
        if chance.below(2) == 0 {
            put(bytes, at, &written[at - offset..end - offset], chance);
        }
        at = end;
    }
}

/// Writes; where the file grows over what was not written, anything may stand.
fn put(bytes: &mut Vec<u8>, offset: usize, written: &[u8], chance: &mut Chance) {
    if offset > bytes.len() {
        let filling = if chance.below(2) == 0 { 0 } else { 0xa5 };
        bytes.resize(offset, filling);
    }
    let end = bytes.len().max(offset + written.len());
    bytes.resize(end, 0);
    bytes[offset..offset + written.len()].copy_from_slice(written);
}
