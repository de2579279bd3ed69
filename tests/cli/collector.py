# SPDX-License-Identifier: MIT
"""A collector's end of TCP: each connection's bytes become a file, for tshark and ipfixDump to read."""
import socket
import struct
import threading


class Collector:
    """`cut`: the first connection is reset behind so many bytes."""

    def __init__(self, folder, cut=0):
        self.folder, self.cut, self.files = folder, cut, []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"ipfix+tcp://127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            path = self.folder / f"{len(self.files)}.ipfix"
            self.files.append(path)
            path.touch()
            self.read(connection, path, self.cut if len(self.files) == 1 else 0)

    def read(self, connection, path, cut):
        with connection, path.open("ab", buffering=0) as out:
            while piece := connection.recv(min(65536, cut) if cut else 65536):
                out.write(piece)
                if cut and (cut := max(0, cut - len(piece))) == 0:
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    return

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
