# SPDX-License-Identifier: MIT
"""A disk that takes long for a write now and then: a file system of its own behind /dev/fuse, served by a thread of the test, with files
in memory and one folder. Written by linux/fuse.h. It is mounted in a name space of this process, which nobody else sees."""
import contextlib
import ctypes
import errno
import os
import stat
import struct
import threading
import time

CLONE_NEWNS, MS_PRIVATE, MS_REC, MNT_DETACH = 0x20000, 1 << 18, 1 << 14, 2
HEAD, ROOT_NODE, WRITE_MOST = struct.Struct("<IIQQIIII"), 1, 128 << 10
LOOKUP, FORGET, GETATTR, SETATTR, MKNOD, UNLINK, RENAME, LINK, OPEN, READ, WRITE, STATFS, RELEASE, FSYNC = 1, 2, 3, 4, 8, 10, 12, 13, 14, 15, 16, 17, 18, 20
FLUSH, INIT, OPENDIR, READDIR, RELEASEDIR, ACCESS, CREATE, INTERRUPT, DESTROY, BATCH_FORGET, RENAME2 = 25, 26, 27, 28, 29, 34, 35, 36, 38, 42, 45
SIZE_IS_SET, MODE_IS_SET, BIG_WRITES = 8, 1, 1 << 5


def no_reason(result):
    if result:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


class SlowDisk:
    """`with SlowDisk(folder, 30, 0.03) as disk`: each 30th write below `folder` takes 0.03 s longer; `disk.stops` has their (begin, end) in
    seconds since 1970. OSError where such a thing cannot be mounted."""

    def __init__(self, folder, every, seconds):
        self.folder, self.every, self.seconds = str(folder), every, seconds
        self.stops, self.writes = [], 0
        self.node = {ROOT_NODE: [stat.S_IFDIR | 0o777, bytearray()]}
        self.name = {}
        self.libc = ctypes.CDLL(None, use_errno=True)

    def __enter__(self):
        os.makedirs(self.folder, exist_ok=True)
        no_reason(self.libc.unshare(CLONE_NEWNS))
        no_reason(self.libc.mount(b"none", b"/", None, MS_REC | MS_PRIVATE, None))
        self.fd = os.open("/dev/fuse", os.O_RDWR | os.O_CLOEXEC)
        options = f"fd={self.fd},rootmode=40000,user_id={os.getuid()},group_id={os.getgid()},allow_other"
        try:
            no_reason(self.libc.mount(b"slow", self.folder.encode(), b"fuse", 0, options.encode()))
        except OSError:
            os.close(self.fd)
            raise
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.libc.umount2(self.folder.encode(), MNT_DETACH)
        self.thread.join(10)
        os.close(self.fd)

    def serve(self):
        with contextlib.suppress(OSError):  # ENODEV: it is not mounted any more
            while True:
                request = os.read(self.fd, WRITE_MOST + 4096)
                _, what, unique, node, *_ = HEAD.unpack_from(request)
                if what in (FORGET, BATCH_FORGET, INTERRUPT):
                    continue
                try:
                    body, error = self.answer(what, node, request[HEAD.size:]), 0
                except OSError as failed:
                    body, error = b"", -failed.errno
                os.write(self.fd, struct.pack("<IiQ", 16 + len(body), error, unique) + body)

    def attributes(self, node):
        mode, data = self.node[node]
        return struct.pack("<6Q10I", node, len(data), (len(data) + 511) // 512, 0, 0, 0, 0, 0, 0, mode, 1, 0, 0, 0, 4096, 0)

    def entry(self, name):
        node = self.name.get(name)
        if node is None:
            raise OSError(errno.ENOENT, "")
        return struct.pack("<4QII", node, 0, 0, 0, 0, 0) + self.attributes(node)

    def make(self, name, mode):
        node = max(self.node) + 1
        self.node[node] = [stat.S_IFREG | mode & 0o7777, bytearray()]
        self.name[name] = node

    def write(self, node, body):
        at, size = struct.unpack_from("<8xQI", body)
        data = self.node[node][1]
        data.extend(bytes(max(0, at + size - len(data))))
        data[at:at + size] = body[40:40 + size]
        self.writes += 1
        if self.writes % self.every == 0:
            began = time.time()
            time.sleep(self.seconds)
            self.stops.append((began, time.time()))
        return struct.pack("<II", size, 0)

    def set_attributes(self, node, body):
        valid, size, mode = struct.unpack_from("<I12xQ44xI", body)
        if valid & SIZE_IS_SET:
            data = self.node[node][1]
            data.extend(bytes(max(0, size - len(data))))
            del data[size:]
        if valid & MODE_IS_SET:
            self.node[node][0] = stat.S_IFMT(self.node[node][0]) | mode & 0o7777
        return struct.pack("<QII", 0, 0, 0) + self.attributes(node)

    def answer(self, what, node, body):
        names = [part for part in body[{CREATE: 16, MKNOD: 16, LINK: 8, RENAME: 8, RENAME2: 16}.get(what, 0):].split(b"\0")]
        if what == INIT:
            return struct.pack("<IIIIHHIIHHI28x", 7, 31, 0, BIG_WRITES, 16, 12, WRITE_MOST, 1, 0, 0, 0)
        if what == LOOKUP:
            return self.entry(names[0])
        if what == GETATTR:
            return struct.pack("<QII", 0, 0, 0) + self.attributes(node)
        if what == SETATTR:
            return self.set_attributes(node, body)
        if what in (CREATE, MKNOD):
            self.make(names[0], struct.unpack_from("<4xI" if what == CREATE else "<I", body)[0])
            return self.entry(names[0]) + (struct.pack("<QII", 0, 0, 0) if what == CREATE else b"")
        if what in (OPEN, OPENDIR):
            return struct.pack("<QII", 0, 0, 0)
        if what == READ:
            at, size = struct.unpack_from("<8xQI", body)
            return bytes(self.node[node][1][at:at + size])
        if what == WRITE:
            return self.write(node, body)
        if what == LINK:
            self.name[names[0]] = struct.unpack_from("<Q", body)[0]
            return self.entry(names[0])
        if what == UNLINK:
            self.name.pop(names[0])
            return b""
        if what in (RENAME, RENAME2):
            self.name[names[1]] = self.name.pop(names[0])
            return b""
        if what == STATFS:
            return struct.pack("<5Q4I24x", 1 << 20, 1 << 20, 1 << 20, 1 << 20, 1 << 20, 4096, 255, 4096, 0)
        if what in (RELEASE, RELEASEDIR, FLUSH, FSYNC, READDIR, ACCESS, DESTROY):
            return b""
        raise OSError(errno.ENOSYS, "")
