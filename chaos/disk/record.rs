//! What a program did to its files, in order, as `shim.c` wrote it down.

/// One thing that was done to a file of the folder.
#[derive(Debug)]
pub(crate) struct Entry<'r> {
    /// In the folder; the folder itself has an empty one.
    pub(crate) name: &'r str,
    /// The system's number of the file, which may be used again once the file is gone.
    pub(crate) inode: u64,
    pub(crate) change: Change<'r>,
    /// Where the entry ends in the record.
    pub(crate) end: u64,
}

#[derive(Debug)]
pub(crate) enum Change<'r> {
    Write { offset: usize, bytes: &'r [u8] },
    Truncate(usize),
    Sync,
    Create,
    Unlink,
    Rename(&'r str),
}

/// Every entry of a record.
pub(crate) fn entries(record: &[u8]) -> Result<Vec<Entry<'_>>, String> {
    let mut left = record;
    let mut found = Vec::new();
    while !left.is_empty() {
        let entry = entry(&mut left, record.len()).ok_or("the record cannot be read")?;
        found.push(entry);
    }
    Ok(found)
}

fn entry<'r>(left: &mut &'r [u8], whole: usize) -> Option<Entry<'r>> {
    let change = u32::from_ne_bytes(*left.split_off(..4)?.as_array()?);
    let name_length = u32::from_ne_bytes(*left.split_off(..4)?.as_array()?);
    let mut number = || Some(u64::from_ne_bytes(*left.split_off(..8)?.as_array()?));
    let (inode, offset, length) = (number()?, number()?, number()?);
    let size = |number: u64| usize::try_from(number).ok();
    let name = str::from_utf8(left.split_off(..size(name_length.into())?)?).ok()?;
    let change = match change {
        1 => Change::Write { offset: size(offset)?, bytes: left.split_off(..size(length)?)? },
        2 => Change::Truncate(size(offset)?),
        3 => Change::Sync,
        4 => Change::Create,
        5 => Change::Unlink,
        6 => Change::Rename(str::from_utf8(left.split_off(..size(length)?)?).ok()?),
        _ => return None,
    };
    Some(Entry { name, inode, change, end: (whole - left.len()) as u64 })
}
