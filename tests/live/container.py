#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What a runtime does with an unpacked image, as far as NetScope can tell: container.py ROOT VOLUME GIVES PROGRAM [WORD...]

Own mounts (proc, sysfs, an empty /dev with null), the root changed to ROOT, VOLUME at /var/lib/netscope, uid and gid 65534, no other
group, and of capabilities GIVES: "docker": CAP_NET_RAW in the bounding set only; "podman": ambient, too; "nothing": none at all.
Wants mount and process namespaces of its own, which the caller makes with unshare(1), and root."""
import ctypes
import os
import sys

USER = 65534
CAP_NET_RAW, CAP_LAST = 13, 63
PR_CAPBSET_DROP, PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, PR_SET_KEEPCAPS = 24, 47, 2, 8
LIBC = ctypes.CDLL(None, use_errno=True)


def must(what, result):
    if result:
        raise OSError(ctypes.get_errno(), f"{what}: {os.strerror(ctypes.get_errno())}")


def mount(what, source, target, kind, flags=0):
    os.makedirs(target, exist_ok=True)
    must(what, LIBC.mount(source.encode(), target.encode(), kind and kind.encode(), flags, None))


def set_capabilities(bits):
    """capset(2), version 3: permitted and inheritable, none effective but while it sets them."""
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    data = (ctypes.c_uint32 * 6)(bits, bits, bits, 0, 0, 0)
    must("capset", LIBC.capset(header, data))


def main():
    root, volume, gives = sys.argv[1:4]
    raw = 1 << CAP_NET_RAW if gives != "nothing" else 0
    mount("bind", volume, f"{root}/var/lib/netscope", None, 4096)
    mount("proc", "proc", f"{root}/proc", "proc")
    mount("sysfs", "sysfs", f"{root}/sys", "sysfs")
    mount("dev", "tmpfs", f"{root}/dev", "tmpfs")
    os.mknod(f"{root}/dev/null", 0o20666, os.makedev(1, 3))
    os.chmod(f"{root}/dev/null", 0o666)
    os.chroot(root)
    os.chdir("/var/lib/netscope")
    for capability in range(CAP_LAST + 1):
        if not raw >> capability & 1:
            LIBC.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)  # an error is beyond the kernel's last one
    os.setgroups([])
    LIBC.prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0)
    os.setresgid(USER, USER, USER)
    os.setresuid(USER, USER, USER)
    set_capabilities(raw if gives == "podman" else 0)
    if gives == "podman":
        must("ambient", LIBC.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_NET_RAW, 0, 0))
    os.execve(sys.argv[4], sys.argv[4:], {"PATH": "/usr/bin"})


main()
