# SPDX-License-Identifier: MIT
"""The other end of $NOTIFY_SOCKET."""
import os
import socket
import subprocess

from harness import NETSCOPE, PATIENCE


class Manager:
    """The other end. A name that begins with @ is an abstract one."""

    def __init__(self, name):
        self.name = str(name)
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind("\0" + self.name[1:] if self.name[0] == "@" else self.name)
        if self.name[0] != "@":
            os.chmod(self.name, 0o777)
        self.socket.settimeout(PATIENCE)
        self.told = []

    def start(self, *options, **variables):
        return subprocess.Popen([NETSCOPE, *map(str, options)], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
                                env={**os.environ, "NOTIFY_SOCKET": self.name, **variables})

    def wait_for(self, text):
        """Until a message has this; TimeoutError when none comes."""
        while not any(text in message for message in self.told):
            self.told.append(self.socket.recv(4096).decode())

    def rest(self):
        self.socket.setblocking(False)
        try:
            while True:
                self.told.append(self.socket.recv(4096).decode())
        except BlockingIOError:
            return self.told
