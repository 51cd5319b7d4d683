//! Sockets that pass descriptors, for requests out of a fence.

use std::io;
use std::os::fd::{AsRawFd as _, FromRawFd as _, OwnedFd, RawFd};

use super::result;

/// The number of descriptors that a message carries.
pub(in super::super) const CARRIED: usize = 5;

/// Returns two connected sockets that pass whole messages; the first one learns who sends.
pub(in super::super) fn pair_of_messages() -> io::Result<(OwnedFd, OwnedFd)> {
    let mut both = [0 as RawFd; 2];
    let yes: libc::c_int = 1;
    // SAFETY: the array and the number outlive the calls, and the descriptors are new.
    unsafe {
        let kind = libc::SOCK_SEQPACKET | libc::SOCK_CLOEXEC;
        result(libc::socketpair(libc::AF_UNIX, kind, 0, both.as_mut_ptr()).into())?;
        let both = both.map(|number| OwnedFd::from_raw_fd(number));
        let length = size_of_val(&yes) as libc::socklen_t;
        let own = both[0].as_raw_fd();
        let value = std::ptr::from_ref(&yes).cast();
        result(libc::setsockopt(own, libc::SOL_SOCKET, libc::SO_PASSCRED, value, length).into())?;
        let [first, second] = both;
        Ok((first, second))
    }
}

/// The space for control messages: the sender, and the descriptors.
type Control = [u64; 16];

/// Sends descriptors in one message.
pub(in super::super) fn send_descriptors(socket: RawFd, all: [RawFd; CARRIED]) -> io::Result<()> {
    let mut byte = 0u8;
    let mut part = libc::iovec { iov_base: std::ptr::from_mut(&mut byte).cast(), iov_len: 1 };
    let mut control: Control = [0; 16];
    let length = size_of_val(&all) as u32;
    // SAFETY: all buffers outlive the call, and the control buffer is aligned and holds the descriptors.
    unsafe {
        let mut message: libc::msghdr = std::mem::zeroed();
        message.msg_iov = &raw mut part;
        message.msg_iovlen = 1;
        message.msg_control = control.as_mut_ptr().cast();
        message.msg_controllen = libc::CMSG_SPACE(length) as _;
        let header = libc::CMSG_FIRSTHDR(&message);
        (*header).cmsg_level = libc::SOL_SOCKET;
        (*header).cmsg_type = libc::SCM_RIGHTS;
        (*header).cmsg_len = libc::CMSG_LEN(length) as _;
        libc::CMSG_DATA(header).cast::<[RawFd; CARRIED]>().write_unaligned(all);
        result(libc::sendmsg(socket, &message, libc::MSG_NOSIGNAL) as libc::c_long).map(drop)
    }
}

/// Receives the next message: the process that sent it, as the kernel says, and its descriptors; `None` at the end, or if it was
/// interrupted by [`shutdown`].
pub(in super::super) fn receive_descriptors(socket: &OwnedFd) -> io::Result<Option<(u32, Vec<OwnedFd>)>> {
    let mut byte = 0u8;
    let mut part = libc::iovec { iov_base: std::ptr::from_mut(&mut byte).cast(), iov_len: 1 };
    let mut control: Control = [0; 16];
    // SAFETY: all buffers outlive the call; the descriptors that came are new, and owned by nobody else.
    unsafe {
        let mut message: libc::msghdr = std::mem::zeroed();
        message.msg_iov = &raw mut part;
        message.msg_iovlen = 1;
        message.msg_control = control.as_mut_ptr().cast();
        message.msg_controllen = size_of_val(&control) as _;
        let flags = libc::MSG_CMSG_CLOEXEC;
        if result(libc::recvmsg(socket.as_raw_fd(), &raw mut message, flags) as libc::c_long)? == 0 {
            return Ok(None);
        }
        let (mut sender, mut came) = (0, Vec::new());
        let mut header = libc::CMSG_FIRSTHDR(&message);
        while !header.is_null() {
            let data = libc::CMSG_DATA(header);
            match ((*header).cmsg_level, (*header).cmsg_type) {
                (libc::SOL_SOCKET, libc::SCM_RIGHTS) => {
                    let bytes = (*header).cmsg_len as usize - libc::CMSG_LEN(0) as usize;
                    for at in 0..bytes / size_of::<RawFd>() {
                        came.push(OwnedFd::from_raw_fd(data.cast::<RawFd>().add(at).read_unaligned()));
                    }
                }
                (libc::SOL_SOCKET, libc::SCM_CREDENTIALS) => {
                    sender = data.cast::<libc::ucred>().read_unaligned().pid as u32;
                }
                _ => {}
            }
            header = libc::CMSG_NXTHDR(&message, header);
        }
        Ok(Some((sender, came)))
    }
}

/// Ends a socket, so that who waits for a message goes on.
pub(in super::super) fn shutdown(socket: &OwnedFd) {
    // SAFETY: the call takes numbers alone.
    unsafe { libc::shutdown(socket.as_raw_fd(), libc::SHUT_RDWR) };
}
