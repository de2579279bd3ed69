# SPDX-License-Identifier: MIT
"""A proxy of a test's own in front of a ClickHouse server: it plays networks that cut."""
import contextlib
import http.client
import http.server
import re
import ssl
import threading
import urllib.parse
import zlib


class Cutting(http.server.BaseHTTPRequestHandler):
    """Hands an insert on with its body cut behind `rows` rows, as if the sender had ended there; everything else whole."""
    protocol_version = "HTTP/1.1"
    border = staticmethod(lambda body: len(body))
    behind, cuts, refuse, only = 0, 0, 0, "INTO flows "

    def body(self):
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers["Content-Length"]))
        data = b""
        while (size := int(self.rfile.readline(), 16)):
            data += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return data

    def do_POST(self):
        data, cls = self.body(), type(self)
        if "query_id=" in self.path:  # an insert
            data = zlib.decompress(data, 31)
            if cls.refuse:
                cls.refuse -= 1
                self.answer(500, b"a proxy says no")
                return
            if cls.only in urllib.parse.unquote_plus(self.path) and (at := cls.border(data)) < len(data):
                cls.cuts += 1
                data = data[:at]
        connection = http.client.HTTPConnection("127.0.0.1", cls.behind)
        connection.request("POST", self.path, data)
        answer = connection.getresponse()
        self.answer(answer.status, answer.read())
        connection.close()

    def answer(self, status, text):
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def proxy(server, certificate=None):
    class Own(Cutting):
        behind = server.port
    listener = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Own)
    scheme = "http"
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*certificate)
        listener.socket = context.wrap_socket(listener.socket, server_side=True)
        scheme = "https"
    threading.Thread(target=listener.serve_forever, daemon=True).start()
    yield f"{scheme}://127.0.0.1:{listener.server_address[1]}", Own
    listener.shutdown()
    listener.server_close()


def row_end(body, rows, types):
    """Where a number of rows end in RowBinary."""
    null, width = re.compile(r"Nullable\((.*)\)"), {"UInt8": 1, "UInt16": 2, "UInt32": 4, "UInt64": 8, "DateTime": 4, "FixedString(16)": 16}
    at = 0
    for _ in range(rows):
        for kind in types:
            if (nullable := null.fullmatch(kind)):
                at, kind = at + 1, nullable[1]
                if body[at - 1]:
                    continue
            if kind in width:
                at += width[kind]
                continue
            size = shift = 0
            while True:
                byte = body[at]
                at += 1
                size |= (byte & 127) << shift
                shift += 7
                if byte < 128:
                    break
            at += size
    return at
