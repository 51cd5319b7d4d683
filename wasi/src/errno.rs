//! The error numbers of WASI preview 1 that the host returns.
//! Source: `wasi_snapshot_preview1.witx` of the WASI repository, type `errno`.

/// An error number, as a call returns it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Errno(pub(crate) i32);

pub(crate) const SUCCESS: Errno = Errno(0);
pub(crate) const ACCES: Errno = Errno(2);
pub(crate) const BADF: Errno = Errno(8);
pub(crate) const EXIST: Errno = Errno(20);
pub(crate) const FAULT: Errno = Errno(21);
pub(crate) const FBIG: Errno = Errno(22);
pub(crate) const INVAL: Errno = Errno(28);
pub(crate) const IO: Errno = Errno(29);
pub(crate) const ISDIR: Errno = Errno(31);
pub(crate) const NOENT: Errno = Errno(44);
pub(crate) const NOSYS: Errno = Errno(52);
pub(crate) const NOTDIR: Errno = Errno(54);
pub(crate) const NOTEMPTY: Errno = Errno(55);
pub(crate) const NOTSUP: Errno = Errno(58);
pub(crate) const ROFS: Errno = Errno(69);
pub(crate) const NOTCAPABLE: Errno = Errno(76);
