//! The calls of WASI preview 1 that a script can make. Source of names, signatures and layouts:
//! `wasi_snapshot_preview1.witx` of the WASI repository.
//!
//! A module must not import any other call. Calls for sockets, links, times and waiting return "not supported",
//! which std's own functions report as an error.

use std::collections::BTreeMap;

use wasmi::{Caller, Linker};

use crate::errno::{
    BADF, EXIST, Errno, FAULT, INVAL, ISDIR, NOENT, NOSYS, NOTCAPABLE, NOTDIR, NOTSUP, ROFS, SUCCESS,
};
use crate::files::{Files, Kind, Place, Tree};
use crate::{Inputs, Limits, State, memory};

/// The module that all imports come from.
pub(crate) const MODULE: &str = "wasi_snapshot_preview1";

/// The time of every clock and every file: seconds since 1970-01-01, in the year 2001.
const NOW_SECONDS: u64 = 1_000_000_000;

/// The units of work of a call in addition to those of the module itself, so that no call is free.
const CALL: u64 = 500;

const REGULAR: u8 = 4;
const DIRECTORY: u8 = 3;
const CHARACTER_DEVICE: u8 = 2;

/// The object behind a descriptor.
#[derive(Debug, Clone)]
enum Descriptor {
    Stdin,
    Stdout,
    Stderr,
    /// A folder; a preopened one has the name by which the script knows it.
    Folder {
        place: Place,
        name: Option<String>,
    },
    /// A file of the package, read completely when it was opened.
    Read {
        contents: std::sync::Arc<[u8]>,
        at: u64,
        path: String,
    },
    /// A file in OUT_DIR.
    Written {
        path: String,
        at: u64,
        append: bool,
        read: bool,
        write: bool,
    },
}

/// The state of one run, and its output so far.
#[derive(Debug)]
pub(crate) struct Host {
    pub(crate) files: Files,
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: Vec<u8>,
    /// The limit that ended the run.
    pub(crate) exceeded: Option<String>,
    /// True if the script asked for the time.
    pub(crate) asked_time: bool,
    descriptors: BTreeMap<u32, Descriptor>,
    arguments: Vec<Vec<u8>>,
    environment: Vec<Vec<u8>>,
    limits: Limits,
    random: u64,
}

impl Host {
    pub(crate) fn new(inputs: &Inputs) -> Host {
        let folder = |tree, name: String| Descriptor::Folder {
            place: Place { tree, path: String::new() },
            name: Some(name),
        };
        let text = |path: &std::path::Path| path.to_string_lossy().replace('\\', "/");
        let descriptors = [
            Descriptor::Stdin,
            Descriptor::Stdout,
            Descriptor::Stderr,
            // std has no working folder here: relative paths are looked up below `.`.
            folder(Tree::Package, ".".to_owned()),
            folder(Tree::Package, text(&inputs.package)),
            folder(Tree::OutDir, text(&inputs.out_dir)),
        ];
        let terminated = |text: String| [text.as_bytes(), b"\0"].concat();
        Host {
            files: Files::new(&inputs.package, inputs.hidden.clone(), inputs.limits),
            stdout: Vec::new(),
            stderr: Vec::new(),
            exceeded: None,
            asked_time: false,
            descriptors: (0..).zip(descriptors).collect(),
            arguments: vec![terminated("build-script-build".to_owned())],
            environment: inputs
                .environment
                .iter()
                .map(|(name, value)| terminated(format!("{name}={value}")))
                .collect(),
            limits: inputs.limits,
            random: 0x9e37_79b9_7f4a_7c15,
        }
    }

    fn descriptor(&self, number: u32) -> Result<&Descriptor, Errno> {
        self.descriptors.get(&number).ok_or(BADF)
    }

    fn folder(&self, number: u32) -> Result<&Place, Errno> {
        match self.descriptor(number)? {
            Descriptor::Folder { place, .. } => Ok(place),
            _ => Err(NOTDIR),
        }
    }

    /// Returns the place of `path` below the folder `number`, and records that it was asked for.
    fn place(&mut self, number: u32, path: &str) -> Result<Place, Errno> {
        let folder = self.folder(number)?.clone();
        let place = self.files.place(&folder, path).inspect_err(|error| {
            if *error == NOTCAPABLE {
                self.files.out_of_reach.insert(path.to_owned());
            }
        })?;
        self.files.asked(&place);
        Ok(place)
    }

    fn open(&mut self, descriptor: Descriptor) -> Result<u32, Errno> {
        let number = self.descriptors.keys().next_back().map_or(0, |last| last + 1);
        self.descriptors.insert(number, descriptor);
        Ok(number)
    }

    /// Returns the next eight random bytes: always the same sequence (SplitMix64), so that a run can be repeated.
    fn random(&mut self) -> [u8; 8] {
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.random;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)).to_le_bytes()
    }

    /// Reads up to `length` bytes of the file `number` at `at`, or at its own position, which then moves on.
    fn read(&mut self, number: u32, length: u32, at: Option<u64>) -> Result<Vec<u8>, Errno> {
        let files = &self.files;
        let length = length as usize;
        let (bytes, position) = match self.descriptors.get_mut(&number).ok_or(BADF)? {
            Descriptor::Stdin => return Ok(Vec::new()),
            Descriptor::Stdout | Descriptor::Stderr => return Err(BADF),
            Descriptor::Folder { .. } => return Err(ISDIR),
            Descriptor::Read { contents, at: own, .. } => {
                let start = usize::try_from(at.unwrap_or(*own)).unwrap_or(usize::MAX).min(contents.len());
                (contents[start..contents.len().min(start.saturating_add(length))].to_vec(), own)
            }
            Descriptor::Written { path, at: own, read, .. } => {
                if !*read {
                    return Err(BADF);
                }
                (files.out_dir.read(path, at.unwrap_or(*own), length)?.to_vec(), own)
            }
        };
        if at.is_none() {
            *position += bytes.len() as u64;
        }
        Ok(bytes)
    }

    /// Writes to the descriptor `number` at `at`, or at its own position, which then moves on.
    fn write(&mut self, number: u32, bytes: &[u8], at: Option<u64>) -> Result<(), Errno> {
        let most = self.limits.out_dir_bytes;
        let printed = match self.descriptors.get_mut(&number).ok_or(BADF)? {
            Descriptor::Stdout => &mut self.stdout,
            Descriptor::Stderr => &mut self.stderr,
            Descriptor::Written { path, at: own, append, write: true, .. } => {
                let end = match self.files.out_dir.read(path, 0, usize::MAX) {
                    Ok(contents) => contents.len() as u64,
                    // The file was removed while it was open; a system would keep it until it is closed.
                    Err(_) => return Err(NOTSUP),
                };
                let start = if *append { end } else { at.unwrap_or(*own) };
                self.files.out_dir.write(path, start, bytes, most)?;
                if at.is_none() {
                    *own = start + bytes.len() as u64;
                }
                return Ok(());
            }
            _ => return Err(BADF),
        };
        printed.extend_from_slice(bytes);
        if printed.len() > self.limits.printed {
            self.exceeded = Some(format!("it printed more than {} bytes", self.limits.printed));
        }
        Ok(())
    }

    /// Returns the size of the file `number`, for seeking.
    fn size(&self, number: u32) -> Result<u64, Errno> {
        match self.descriptor(number)? {
            Descriptor::Read { contents, .. } => Ok(contents.len() as u64),
            Descriptor::Written { path, .. } => {
                Ok(self.files.out_dir.read(path, 0, usize::MAX)?.len() as u64)
            }
            _ => Err(BADF),
        }
    }

    /// Moves the position of the file `number` by `offset`, from its start (0), its position (1) or its end (2).
    fn seek(&mut self, number: u32, offset: i64, whence: u32) -> Result<u64, Errno> {
        let size = self.size(number)?;
        let (Descriptor::Read { at, .. } | Descriptor::Written { at, .. }) =
            self.descriptors.get_mut(&number).ok_or(BADF)?
        else {
            return Err(BADF);
        };
        let from = match whence {
            0 => 0,
            1 => *at,
            2 => size,
            _ => return Err(INVAL),
        };
        *at = from.checked_add_signed(offset).ok_or(INVAL)?;
        Ok(*at)
    }

    /// Opens `path` below the folder `number`, and returns the new descriptor.
    fn open_path(&mut self, number: u32, path: &str, open: Open) -> Result<u32, Errno> {
        let place = self.place(number, path)?;
        let there = self.files.kind(&place);
        if open.exclusive && there.is_ok() {
            return Err(EXIST);
        }
        match there {
            Ok(Kind::Folder) if open.write || open.create && !open.directory => Err(ISDIR),
            Ok(Kind::Folder) => self.open(Descriptor::Folder { place, name: None }),
            Ok(Kind::File { .. }) if open.directory => Err(NOTDIR),
            Ok(Kind::File { .. }) => self.open_file(place, open),
            Err(NOENT) if open.create && !open.directory => {
                if path.ends_with('/') {
                    return Err(ISDIR);
                }
                let (tree, path) = self.files.writable(&place)?;
                tree.create_file(path)?;
                self.open_file(place, open)
            }
            Err(error) => Err(error),
        }
    }

    fn open_file(&mut self, place: Place, open: Open) -> Result<u32, Errno> {
        match place.tree {
            Tree::Package if open.write || open.truncate => Err(ROFS),
            Tree::Package => {
                let contents = self.files.contents(&place)?.into();
                self.open(Descriptor::Read { contents, at: 0, path: place.path })
            }
            Tree::OutDir => {
                if open.truncate {
                    self.files.out_dir.resize(&place.path, |_| 0, self.limits.out_dir_bytes)?;
                }
                self.open(Descriptor::Written {
                    path: place.path,
                    at: 0,
                    append: open.append,
                    read: open.read,
                    write: open.write,
                })
            }
        }
    }

    /// Returns the names in the folder `number`, as `dirent` records from position `cookie` on.
    fn list(&mut self, number: u32, cookie: u64) -> Result<Vec<u8>, Errno> {
        let place = self.folder(number)?.clone();
        self.files.asked(&place);
        let mut records = Vec::new();
        for (index, (name, folder)) in
            self.files.names(&place)?.iter().enumerate().skip(usize::try_from(cookie).unwrap_or(usize::MAX))
        {
            records.extend((index as u64 + 1).to_le_bytes());
            records.extend(identity(place.tree, &format!("{}/{name}", place.path)).to_le_bytes());
            records.extend(u32::try_from(name.len()).map_err(|_| INVAL)?.to_le_bytes());
            records.extend([if *folder { DIRECTORY } else { REGULAR }, 0, 0, 0]);
            records.extend(name.as_bytes());
        }
        Ok(records)
    }
}

/// The options for opening a path.
#[derive(Debug, Clone, Copy)]
struct Open {
    create: bool,
    directory: bool,
    exclusive: bool,
    truncate: bool,
    append: bool,
    read: bool,
    write: bool,
}

/// Returns a number that replaces the inode of a path (FNV-1a): the same path has the same number in every run.
fn identity(tree: Tree, path: &str) -> u64 {
    let path = path.trim_start_matches('/').as_bytes();
    let tree = [if tree == Tree::OutDir { 1 } else { 0 }];
    tree.iter()
        .chain(path)
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
        })
        .max(1)
}

/// Returns a `filestat` record.
fn stat(kind: u8, size: u64, identity: u64) -> [u8; 64] {
    let mut record = [0; 64];
    record[8..16].copy_from_slice(&identity.to_le_bytes());
    record[16] = kind;
    record[24..32].copy_from_slice(&1u64.to_le_bytes());
    record[32..40].copy_from_slice(&size.to_le_bytes());
    for time in [40, 48, 56] {
        record[time..time + 8].copy_from_slice(&(NOW_SECONDS * 1_000_000_000).to_le_bytes());
    }
    record
}

type Call<'a> = Caller<'a, State>;

/// Subtracts `units` from the work that the run may still do.
fn charge(caller: &mut Call<'_>, units: u64) {
    let left = caller.get_fuel().unwrap_or(0).saturating_sub(units);
    // The only possible error is that the engine does not count fuel, but it does.
    let _ = caller.set_fuel(left);
}

fn host<'c>(caller: &'c mut Call<'_>) -> &'c mut Host {
    &mut caller.data_mut().host
}

fn put(caller: &mut Call<'_>, pointer: u32, number: u32) -> Result<(), Errno> {
    memory::write(caller, pointer, &number.to_le_bytes())
}

fn put_long(caller: &mut Call<'_>, pointer: u32, number: u64) -> Result<(), Errno> {
    memory::write(caller, pointer, &number.to_le_bytes())
}

/// Writes texts that end in NUL to `buffer`, and the address of each to the list at `pointers`.
fn put_texts(caller: &mut Call<'_>, texts: &[Vec<u8>], pointers: u32, buffer: u32) -> Result<(), Errno> {
    let mut at = buffer;
    for (index, text) in (0..).zip(texts) {
        put(caller, memory::item(pointers, index, 4)?, at)?;
        memory::write(caller, at, text)?;
        at = u32::try_from(text.len()).ok().and_then(|length| at.checked_add(length)).ok_or(FAULT)?;
    }
    Ok(())
}

fn put_sizes(caller: &mut Call<'_>, texts: &[Vec<u8>], count: u32, size: u32) -> Result<(), Errno> {
    let length = |n: usize| u32::try_from(n).map_err(|_| FAULT);
    put(caller, count, length(texts.len())?)?;
    put(caller, size, length(texts.iter().map(Vec::len).sum())?)
}

fn read_vectors(
    caller: &mut Call<'_>,
    number: u32,
    list: u32,
    count: u32,
    mut at: Option<u64>,
    out: u32,
) -> Result<(), Errno> {
    let mut total = 0;
    for (pointer, length) in memory::vectors(caller, list, count)? {
        let bytes = host(caller).read(number, length, at)?;
        memory::write(caller, pointer, &bytes)?;
        let read = u32::try_from(bytes.len()).map_err(|_| FAULT)?;
        charge(caller, u64::from(read));
        total += read;
        at = at.map(|at| at + u64::from(read));
        if read < length {
            break;
        }
    }
    put(caller, out, total)
}

fn write_vectors(
    caller: &mut Call<'_>,
    number: u32,
    list: u32,
    count: u32,
    mut at: Option<u64>,
    out: u32,
) -> Result<(), Errno> {
    let mut total = 0u32;
    for (pointer, length) in memory::vectors(caller, list, count)? {
        charge(caller, u64::from(length));
        let bytes = memory::bytes(caller, pointer, length)?;
        host(caller).write(number, &bytes, at)?;
        total = total.checked_add(length).ok_or(INVAL)?;
        at = at.map(|at| at + u64::from(length));
    }
    put(caller, out, total)
}

/// Declares the calls: a table of name, arguments and body. `NAMES` lists them.
macro_rules! calls {
    ($($name:ident($caller:ident $(, $argument:ident: $kind:ty)*) $body:block)*) => {
        /// The calls that a module may import, including `proc_exit`, whose result has another form.
        pub(crate) const NAMES: &[&str] = &[$(stringify!($name),)* "proc_exit"];

        /// Registers every call with the linker of the module.
        pub(crate) fn define(linker: &mut Linker<State>) -> Result<(), wasmi::Error> {
            $(
                // The number of arguments is given by WASI.
                #[allow(clippy::too_many_arguments)]
                fn $name($caller: &mut Call<'_> $(, $argument: $kind)*) -> Result<(), Errno> $body
                linker.func_wrap(MODULE, stringify!($name), |mut caller: Call<'_> $(, $argument: $kind)*| -> Result<i32, wasmi::Error> {
                    charge(&mut caller, CALL);
                    let answer = $name(&mut caller $(, $argument)*);
                    finish(&mut caller, answer)
                })?;
            )*
            linker.func_wrap(MODULE, "proc_exit", |_: Call<'_>, code: i32| -> Result<(), wasmi::Error> { Err(wasmi::Error::i32_exit(code)) })?;
            Ok(())
        }
    };
}

/// Returns the result of a call. Beyond a limit the call does not return: the run ends.
fn finish(caller: &mut Call<'_>, answer: Result<(), Errno>) -> Result<i32, wasmi::Error> {
    let host = host(caller);
    host.exceeded = host.exceeded.take().or_else(|| host.files.exceeded());
    if host.exceeded.is_some() {
        return Err(wasmi::Error::new("a limit was exceeded"));
    }
    Ok(answer.err().unwrap_or(SUCCESS).0)
}

calls! {
    args_sizes_get(c, count: u32, size: u32) { let texts = host(c).arguments.clone(); put_sizes(c, &texts, count, size) }
    args_get(c, pointers: u32, buffer: u32) { let texts = host(c).arguments.clone(); put_texts(c, &texts, pointers, buffer) }
    environ_sizes_get(c, count: u32, size: u32) { let texts = host(c).environment.clone(); put_sizes(c, &texts, count, size) }
    environ_get(c, pointers: u32, buffer: u32) { let texts = host(c).environment.clone(); put_texts(c, &texts, pointers, buffer) }
    clock_time_get(c, _id: u32, _precision: u64, out: u32) {
        host(c).asked_time = true;
        put_long(c, out, NOW_SECONDS * 1_000_000_000)
    }
    clock_res_get(c, _id: u32, out: u32) { put_long(c, out, 1) }
    random_get(c, pointer: u32, length: u32) {
        charge(c, u64::from(length));
        // The range is checked before a buffer is allocated.
        let mut bytes = memory::bytes(c, pointer, length)?;
        for chunk in bytes.chunks_mut(8) {
            chunk.copy_from_slice(&host(c).random()[..chunk.len()]);
        }
        memory::write(c, pointer, &bytes)
    }
    sched_yield(_c) { Ok(()) }
    fd_close(c, number: u32) { host(c).descriptors.remove(&number).map(|_| ()).ok_or(BADF) }
    fd_prestat_get(c, number: u32, out: u32) {
        let Descriptor::Folder { name: Some(name), .. } = host(c).descriptor(number)? else { return Err(BADF) };
        let length = u32::try_from(name.len()).map_err(|_| INVAL)?;
        put(c, out, 0)?;
        put(c, memory::item(out, 1, 4)?, length)
    }
    fd_prestat_dir_name(c, number: u32, pointer: u32, length: u32) {
        let Descriptor::Folder { name: Some(name), .. } = host(c).descriptor(number)? else { return Err(BADF) };
        let name = name.clone();
        memory::write(c, pointer, name.as_bytes().get(..length as usize).ok_or(INVAL)?)
    }
    fd_fdstat_get(c, number: u32, out: u32) {
        let kind = match host(c).descriptor(number)? {
            Descriptor::Folder { .. } => DIRECTORY,
            Descriptor::Read { .. } | Descriptor::Written { .. } => REGULAR,
            _ => CHARACTER_DEVICE,
        };
        // The record has type, flags, and rights; later versions ignore rights, so all are set.
        let mut record = [0u8; 24];
        record[0] = kind;
        record[8..].fill(0xff);
        memory::write(c, out, &record)
    }
    fd_fdstat_set_flags(c, number: u32, flags: u32) {
        match host(c).descriptors.get_mut(&number).ok_or(BADF)? {
            Descriptor::Written { append, .. } => { *append = flags & 1 != 0; Ok(()) }
            _ => Ok(()),
        }
    }
    fd_filestat_get(c, number: u32, out: u32) {
        let record = match host(c).descriptor(number)? {
            Descriptor::Folder { place, .. } => stat(DIRECTORY, 0, identity(place.tree, &place.path)),
            Descriptor::Read { contents, path, .. } => stat(REGULAR, contents.len() as u64, identity(Tree::Package, path)),
            Descriptor::Written { path, .. } => { let path = path.clone(); stat(REGULAR, host(c).size(number)?, identity(Tree::OutDir, &path)) }
            _ => stat(CHARACTER_DEVICE, 0, 0),
        };
        memory::write(c, out, &record)
    }
    fd_filestat_set_size(c, number: u32, size: u64) {
        let host = host(c);
        let Descriptor::Written { path, write: true, .. } = host.descriptor(number)?.clone() else { return Err(BADF) };
        let most = host.limits.out_dir_bytes;
        host.files.out_dir.resize(&path, |_| usize::try_from(size).unwrap_or(usize::MAX), most)
    }
    fd_allocate(c, number: u32, offset: u64, length: u64) {
        let host = host(c);
        let Descriptor::Written { path, write: true, .. } = host.descriptor(number)?.clone() else { return Err(BADF) };
        let most = host.limits.out_dir_bytes;
        let end = usize::try_from(offset.saturating_add(length)).unwrap_or(usize::MAX);
        host.files.out_dir.resize(&path, |size| size.max(end), most)
    }
    fd_advise(c, number: u32, _offset: u64, _length: u64, _advice: u32) { host(c).descriptor(number).map(|_| ()) }
    fd_sync(c, number: u32) { host(c).descriptor(number).map(|_| ()) }
    fd_datasync(c, number: u32) { host(c).descriptor(number).map(|_| ()) }
    fd_seek(c, number: u32, offset: i64, whence: u32, out: u32) { let at = host(c).seek(number, offset, whence)?; put_long(c, out, at) }
    fd_tell(c, number: u32, out: u32) { let at = host(c).seek(number, 0, 1)?; put_long(c, out, at) }
    fd_read(c, number: u32, list: u32, count: u32, out: u32) { read_vectors(c, number, list, count, None, out) }
    fd_pread(c, number: u32, list: u32, count: u32, at: u64, out: u32) { read_vectors(c, number, list, count, Some(at), out) }
    fd_write(c, number: u32, list: u32, count: u32, out: u32) { write_vectors(c, number, list, count, None, out) }
    fd_pwrite(c, number: u32, list: u32, count: u32, at: u64, out: u32) { write_vectors(c, number, list, count, Some(at), out) }
    fd_readdir(c, number: u32, buffer: u32, length: u32, cookie: u64, out: u32) {
        let records = host(c).list(number, cookie)?;
        charge(c, records.len() as u64);
        // The output is cut within a record if it does not fit, which tells the caller to call again.
        let cut = &records[..records.len().min(length as usize)];
        memory::write(c, buffer, cut)?;
        put(c, out, u32::try_from(cut.len()).map_err(|_| INVAL)?)
    }
    fd_renumber(c, from: u32, to: u32) {
        let host = host(c);
        host.descriptor(to)?;
        let moved = host.descriptors.remove(&from).ok_or(BADF)?;
        host.descriptors.insert(to, moved);
        Ok(())
    }
    path_open(c, folder: u32, _follow: u32, pointer: u32, length: u32, how: u32, rights: u64, _inheriting: u64, flags: u32, out: u32) {
        let path = memory::text(c, pointer, length)?;
        let has = |bits: u32, bit: u32| bits & bit != 0;
        let open = Open {
            create: has(how, 1), directory: has(how, 2), exclusive: has(how, 4), truncate: has(how, 8),
            append: has(flags, 1), read: rights & (1 << 1) != 0, write: rights & (1 << 6) != 0,
        };
        let number = host(c).open_path(folder, &path, open)?;
        put(c, out, number)
    }
    path_filestat_get(c, folder: u32, _follow: u32, pointer: u32, length: u32, out: u32) {
        let path = memory::text(c, pointer, length)?;
        let host = host(c);
        let place = host.place(folder, &path)?;
        let identity = identity(place.tree, &place.path);
        let record = match host.files.kind(&place)? {
            Kind::Folder => stat(DIRECTORY, 0, identity),
            Kind::File { bytes } => stat(REGULAR, bytes, identity),
        };
        memory::write(c, out, &record)
    }
    path_create_directory(c, folder: u32, pointer: u32, length: u32) {
        let path = memory::text(c, pointer, length)?;
        let host = host(c);
        let place = host.place(folder, &path)?;
        // An existing folder is reported before a refusal, as `create_dir_all` expects.
        if host.files.kind(&place).is_ok() { return Err(EXIST); }
        let (tree, path) = host.files.writable(&place)?;
        tree.create_folder(path)
    }
    path_remove_directory(c, folder: u32, pointer: u32, length: u32) {
        let path = memory::text(c, pointer, length)?;
        let place = host(c).place(folder, &path)?;
        let (tree, path) = host(c).files.writable(&place)?;
        tree.remove_folder(path)
    }
    path_unlink_file(c, folder: u32, pointer: u32, length: u32) {
        let path = memory::text(c, pointer, length)?;
        let place = host(c).place(folder, &path)?;
        let (tree, path) = host(c).files.writable(&place)?;
        tree.remove_file(path)
    }
    path_rename(c, from_folder: u32, from: u32, from_length: u32, to_folder: u32, to: u32, to_length: u32) {
        let from = memory::text(c, from, from_length)?;
        let to = memory::text(c, to, to_length)?;
        let from = host(c).place(from_folder, &from)?;
        let to = host(c).place(to_folder, &to)?;
        if from.tree != Tree::OutDir || to.tree != Tree::OutDir { return Err(ROFS); }
        charge(c, 50_000);
        host(c).files.out_dir.rename(&from.path, &to.path)
    }
    path_readlink(c, folder: u32, pointer: u32, length: u32, _buffer: u32, _size: u32, _out: u32) {
        let path = memory::text(c, pointer, length)?;
        let place = host(c).place(folder, &path)?;
        host(c).files.kind(&place)?;
        Err(INVAL)
    }
    path_symlink(_c, _old: u32, _old_length: u32, _folder: u32, _new: u32, _new_length: u32) { Err(NOTCAPABLE) }
    path_link(_c, _from: u32, _follow: u32, _old: u32, _old_length: u32, _to: u32, _new: u32, _new_length: u32) { Err(NOTCAPABLE) }
    path_filestat_set_times(_c, _folder: u32, _follow: u32, _path: u32, _length: u32, _accessed: u64, _modified: u64, _which: u32) { Err(NOTSUP) }
    fd_filestat_set_times(_c, _number: u32, _accessed: u64, _modified: u64, _which: u32) { Err(NOTSUP) }
    poll_oneoff(_c, _events: u32, _answers: u32, _count: u32, _out: u32) { Err(NOSYS) }
    proc_raise(_c, _signal: u32) { Err(NOSYS) }
    sock_accept(_c, _number: u32, _flags: u32, _out: u32) { Err(NOTSUP) }
    sock_recv(_c, _number: u32, _list: u32, _count: u32, _flags: u32, _out: u32, _out_flags: u32) { Err(NOTSUP) }
    sock_send(_c, _number: u32, _list: u32, _count: u32, _flags: u32, _out: u32) { Err(NOTSUP) }
    sock_shutdown(_c, _number: u32, _how: u32) { Err(NOTSUP) }
}
