"""What a student's process may not ask the kernel for: new processes, other processes, the network, its limits.

A filter of system calls (Linux, seccomp) that any process may put on itself, and that never comes off again.
"""

import ctypes
import os
import platform
import struct

_PRCTL_SECCOMP, _FILTER, _NO_NEW_PRIVS = 22, 2, 38
_LOAD, _EQUAL, _SET, _RETURN = 0x20, 0x15, 0x45, 0x06
_ALLOW, _DENY, _NO_SUCH_CALL, _KILL = 0x7FFF0000, 0x00050001, 0x00050026, 0x80000000
_NUMBER, _ARCH, _ARG0, _ARG2 = 0, 4, 16, 32
_THREAD = 0x10000

# (x86-64, AArch64); None where there is no such call
CALLS: dict[str, tuple[int | None, int | None]] = {
    "fork": (57, None), "vfork": (58, None), "execve": (59, 221), "execveat": (322, 281), "ptrace": (101, 117),
    "process_vm_readv": (310, 270), "process_vm_writev": (311, 271), "tkill": (200, 130),
    "rt_sigqueueinfo": (129, 138), "rt_tgsigqueueinfo": (297, 240), "pidfd_open": (434, 434),
    "pidfd_send_signal": (424, 424), "pidfd_getfd": (438, 438), "setsid": (112, 157), "setpgid": (109, 154),
    "socket": (41, 198), "socketpair": (53, 199), "setrlimit": (160, 164), "unshare": (272, 97), "setns": (308, 268),
    "mount": (165, 40), "umount2": (166, 39), "chroot": (161, 51), "pivot_root": (155, 41), "bpf": (321, 280),
    "perf_event_open": (298, 241), "userfaultfd": (323, 282), "io_uring_setup": (425, 425), "keyctl": (250, 219),
    "add_key": (248, 217), "reboot": (169, 142), "kexec_load": (246, 104), "init_module": (175, 105),
    "finit_module": (313, 273), "settimeofday": (164, 170), "clock_settime": (227, 112), "swapon": (167, 224),
    "process_madvise": (440, 440), "kcmp": (312, 272), "name_to_handle_at": (303, 264), "open_by_handle_at": (304, 265),
    "shmget": (29, 194), "msgget": (68, 186), "semget": (64, 190), "mq_open": (240, 180),
}  # fmt: skip
OWN_PROCESS_ONLY = {"kill": (62, 129), "tgkill": (234, 131)}
CLONE, CLONE3, PRLIMIT = (56, 220), (435, 435), (302, 261)
_ARCHES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}


def forbid() -> bool:
    """Put the filter on this process, for good; whether that was possible here."""
    if platform.system() != "Linux" or platform.machine() not in _ARCHES or struct.calcsize("P") != 8:
        return False
    place, arch = _ARCHES[platform.machine()]
    code = _program(place, arch, os.getpid())
    libc = ctypes.CDLL(None, use_errno=True)
    buffer = ctypes.create_string_buffer(code, len(code))
    program = ctypes.create_string_buffer(struct.pack("HxxxxxxP", len(code) // 8, ctypes.addressof(buffer)))
    return libc.prctl(_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 and libc.prctl(_PRCTL_SECCOMP, _FILTER, program, 0, 0) == 0


def _program(place: int, arch: int, pid: int) -> bytes:
    """The filter. Every rule loads the call's number again, so that rules stand alone."""

    def op(code: int, value: int, yes: int = 0, no: int = 0) -> bytes:
        return struct.pack("HBBI", code, yes, no, value)

    number = op(_LOAD, _NUMBER)
    out = [op(_LOAD, _ARCH), op(_EQUAL, arch, 1, 0), op(_RETURN, _KILL)]
    if place == 0:  # the x32 calls have numbers of their own
        out += [number, op(_SET, 0x40000000, 0, 1), op(_RETURN, _DENY)]
    for numbers in CALLS.values():
        if (call := numbers[place]) is not None:
            out += [number, op(_EQUAL, call, 0, 1), op(_RETURN, _DENY)]
    out += [number, op(_EQUAL, CLONE3[place], 0, 1), op(_RETURN, _NO_SUCH_CALL)]  # the C library then uses clone
    out += [number, op(_EQUAL, CLONE[place], 0, 3), op(_LOAD, _ARG0), op(_SET, _THREAD, 1, 0), op(_RETURN, _DENY)]
    for numbers in OWN_PROCESS_ONLY.values():
        out += [number, op(_EQUAL, numbers[place], 0, 3), op(_LOAD, _ARG0), op(_EQUAL, pid, 1, 0), op(_RETURN, _DENY)]
    for half in (0, 4):  # prlimit may be asked, with a null pointer, but not told
        out += [number, op(_EQUAL, PRLIMIT[place], 0, 3), op(_LOAD, _ARG2 + half), op(_EQUAL, 0, 1, 0),
                op(_RETURN, _DENY)]  # fmt: skip
    out.append(op(_RETURN, _ALLOW))
    return b"".join(out)
