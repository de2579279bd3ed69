# SPDX-License-Identifier: MIT
"""The service manager of a sensor: the other end of $NOTIFY_SOCKET."""
import os
import socket
import time

import rig

WATCHDOG_S = 1.0


class Manager:
    def __init__(self, folder):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(str(folder / "notify"))
        (folder / "notify").chmod(0o777)
        os.environ.update(NOTIFY_SOCKET=str(folder / "notify"), WATCHDOG_USEC=str(int(WATCHDOG_S * 1e6)))

    def wait_for(self, text, seconds=rig.PATIENCE):
        """The message that has this; None when none comes."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self.socket.settimeout(left)
            try:
                message = self.socket.recv(4096).decode()
            except TimeoutError:
                break
            if text in message:
                return message
        return None

    def forget(self):
        self.socket.setblocking(False)
        try:
            while True:
                self.socket.recv(4096)
        except BlockingIOError:
            pass

    def close(self):
        del os.environ["NOTIFY_SOCKET"], os.environ["WATCHDOG_USEC"]
        self.socket.close()
