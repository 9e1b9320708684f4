"""What confined code may ask of the kernel: a decoder next to nothing, a program what programs need on its own files.

Descriptors' flags and copies (fcntl) by linux/fcntl.h, the flags of clone, mmap and prctl by their kernel headers.
"""

from __future__ import annotations

import errno
from typing import Final

from watermark.walls.filter import Arg, Rules, null

_THREAD: Final = 0x00010000
_NAMESPACES: Final = 0x7E020000 | 0x80
"""Every CLONE_NEW* flag."""
_EXECUTABLE: Final = 4
_ANONYMOUS, _HUGE = 0x20, 0x40000
_SHARING, _PRIVATE = 0x0F, 0x02
_EMPTY_PATH: Final = 0x1000
_SIGN: Final = 0x80000000
_SET_NAME, _GET_NAME, _NAME_MEMORY = 15, 16, 0x53564D41


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_EVERYBODY: Final = _words("""
    read write close futex munmap brk madvise mremap lseek pread64 readv writev preadv recvfrom poll ppoll fstat
    rt_sigreturn rt_sigprocmask rt_sigaction sigaltstack exit exit_group restart_syscall clock_gettime
    clock_getres clock_nanosleep nanosleep gettimeofday time sched_yield sched_getaffinity getcpu getrandom
    getpid gettid getrusage times sysinfo uname set_robust_list rseq membarrier dup
""")

_OWN_FILES: Final = _words("""
    open openat stat lstat newfstatat statx access faccessat faccessat2 readlink readlinkat getdents getdents64
    getcwd chdir mkdir mkdirat rmdir unlink unlinkat rename renameat renameat2 chmod fchmod fchmodat umask
    utimensat truncate ftruncate fallocate pwrite64 pwritev fsync fdatasync flock fadvise64 statfs fstatfs
    sendfile copy_file_range pipe pipe2 dup2 dup3 select pselect6 epoll_create epoll_create1 epoll_ctl
    epoll_wait epoll_pwait eventfd2 timerfd_create timerfd_settime mincore getuid geteuid getgid getegid
    getresuid getresgid getppid getpgrp getpgid getrlimit sched_getparam sched_getscheduler
    sched_get_priority_max sched_get_priority_min sched_setaffinity set_tid_address arch_prctl execve
    close_range socketpair sendmsg recvmsg wait4 waitid
""")

_LISTENING: Final = _words("bind listen accept accept4 getsockname shutdown")
_ASKED_FIRST: Final = {"access": 1, "faccessat": 2, "faccessat2": 2}
"""Calls that ask what may be done with a path, and where the question stands."""
_SOCKETS: Final = {
    "socket": [[Arg(0, 1)]],  # UNIX
    # Never "may I write there?": LibreOffice has its socket in /tmp, unless it hears that it may not write there.
    **{name: [[Arg(place, mode)] for mode in (0, 1, 4, 5)] for name, place in _ASKED_FIRST.items()},
}

_REFUSED: Final = {
    # glibc falls back on `clone`, whose flags a filter can see; those of clone3 lie in memory.
    "clone3": errno.ENOSYS,
    "open": errno.EACCES,
    "openat": errno.EACCES,
    "stat": errno.EACCES,
    "lstat": errno.EACCES,
    "statx": errno.ENOSYS,
    "access": errno.EACCES,
    "readlink": errno.EACCES,
    "ioctl": errno.ENOTTY,
}

_MEMORY: Final = {
    # Nothing becomes executable that was not so at the start; no memory that RLIMIT_DATA does not count.
    "mmap": [
        [Arg(2, 0, _EXECUTABLE), Arg(3, 0, _ANONYMOUS | _HUGE)],
        [Arg(2, 0, _EXECUTABLE), Arg(3, _PRIVATE, _SHARING | _HUGE)],
    ],
    "mprotect": [[Arg(2, 0, _EXECUTABLE)]],
}


def decoder_rules(own_pid: int) -> Rules:
    """For the child that decodes. It talks through the descriptors it was given and starts threads; nothing else."""
    return Rules(
        _EVERYBODY,
        {
            **_MEMORY,
            "clone": [[Arg(0, _THREAD, _THREAD | _NAMESPACES)]],
            "sendto": [[*null(4)]],
            "fcntl": [[Arg(1, command)] for command in (1, 2, 3, 4, 1030)],
            "prctl": [[Arg(0, option)] for option in (_SET_NAME, _GET_NAME, _NAME_MEMORY)],
            "prlimit64": [[Arg(0, 0), *null(2)]],
            "tgkill": [[Arg(0, own_pid)]],
            # How glibc 2.33 to 2.38 asks for the size of an open file. A path cannot be seen by a filter.
            "newfstatat": [[Arg(0, 0, _SIGN), Arg(3, _EMPTY_PATH, _EMPTY_PATH)]],
        },
        _REFUSED,
    )


def program_rules(own_pid: int, *, processes: bool, listens: bool = False) -> Rules:
    """For a program that Landlock keeps to its own files. `processes`: it may start others, which inherit the rules.

    It cannot leave its process group, so that all of it can be ended at once, and has no sockets but pairs; if it `listens`,
    also UNIX sockets for others to come to. It can go to none itself: Landlock does not say to whom.
    """
    always = (*_EVERYBODY, *_OWN_FILES, *(("fork", "vfork") if processes else ()), *(_LISTENING if listens else ()))
    no_namespaces = [Arg(0, 0, _NAMESPACES)]
    clone = [no_namespaces] if processes else [[Arg(0, _THREAD, _THREAD | _NAMESPACES)]]
    refused = {name: number for name, number in _REFUSED.items() if name in ("clone3", "ioctl")}
    return Rules(
        tuple(name for name in always if not listens or name not in _ASKED_FIRST),
        {
            **(_SOCKETS if listens else {}),
            "mmap": [[Arg(3, 0, _ANONYMOUS | _HUGE)], [Arg(3, _PRIVATE, _SHARING | _HUGE)]],
            "mprotect": [[]],
            "clone": clone,
            "sendto": [[*null(4)]],
            "fcntl": [[Arg(1, command)] for command in (0, 1, 2, 3, 4, 5, 6, 7, 1030, 1031, 1032)],
            "prctl": [[Arg(0, option)] for option in (_SET_NAME, _GET_NAME, _NAME_MEMORY)],
            "prlimit64": [[*null(2)]],
            "tgkill": [[Arg(0, own_pid)]],
        },
        refused,
    )
