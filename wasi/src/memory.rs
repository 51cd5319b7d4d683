//! Access of the host's calls to the module's memory. Every access is checked: a pointer outside the memory is
//! `EFAULT`, never a panic.

use wasmi::{Caller, Extern, Memory};

use crate::State;
use crate::errno::{Errno, FAULT, INVAL};

fn exported(caller: &Caller<'_, State>) -> Result<Memory, Errno> {
    caller.get_export("memory").and_then(Extern::into_memory).ok_or(FAULT)
}

/// Reads `length` bytes at `pointer`.
pub(crate) fn bytes(caller: &Caller<'_, State>, pointer: u32, length: u32) -> Result<Vec<u8>, Errno> {
    let start = pointer as usize;
    let end = start.checked_add(length as usize).ok_or(FAULT)?;
    exported(caller)?.data(caller).get(start..end).map(<[u8]>::to_vec).ok_or(FAULT)
}

/// Reads text at `pointer`; `EINVAL` if it is not UTF-8.
pub(crate) fn text(caller: &Caller<'_, State>, pointer: u32, length: u32) -> Result<String, Errno> {
    String::from_utf8(bytes(caller, pointer, length)?).map_err(|_| INVAL)
}

/// Returns the address of item `index`, of `size` bytes, in a list at `pointer`.
pub(crate) fn item(pointer: u32, index: u32, size: u32) -> Result<u32, Errno> {
    index.checked_mul(size).and_then(|offset| pointer.checked_add(offset)).ok_or(FAULT)
}

/// Reads a list of `count` vectors at `pointer`: address and length of each buffer. A list that is longer than the
/// memory is `EFAULT` before anything is allocated for it.
pub(crate) fn vectors(
    caller: &Caller<'_, State>,
    pointer: u32,
    count: u32,
) -> Result<Vec<(u32, u32)>, Errno> {
    let list = bytes(caller, pointer, count.checked_mul(8).ok_or(FAULT)?)?;
    let word = |at: usize| u32::from_le_bytes([list[at], list[at + 1], list[at + 2], list[at + 3]]);
    Ok((0..count as usize).map(|i| (word(i * 8), word(i * 8 + 4))).collect())
}

/// Writes `bytes` at `pointer`.
pub(crate) fn write(caller: &mut Caller<'_, State>, pointer: u32, bytes: &[u8]) -> Result<(), Errno> {
    exported(caller)?.write(caller, pointer as usize, bytes).map_err(|_| FAULT)
}
