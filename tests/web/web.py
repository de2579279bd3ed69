# SPDX-License-Identifier: MIT
"""What the tests of the dashboard share: a server, requests as bytes, a WebSocket client that can also misbehave."""
import base64
import contextlib
import json
import os
import pathlib
import random
import re
import signal
import socket
import ssl
import struct
import subprocess
import sys
import tempfile
import time
import zlib

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "cli"))
from harness import BUILD, NETSCOPE, PATIENCE, ROOT, SAMPLE, Report, is_late, pcap, refuse_events, run, scratch, strict_json, wait_for  # noqa: E402,F401

SYNTH = ["--backend", "synth", "--quiet", "--synth-paced", "--synth-flows", "200"]


def free_port(host="127.0.0.1"):
    """Below the ports that the kernel gives to clients: one of another test's would take it before the server does."""
    while True:
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as s, contextlib.suppress(OSError):
            port = random.randrange(20000, 32000)
            s.bind((host, port))
            return port


class Server:
    """netscope with a dashboard. `settings`: lines of TOML below [web]."""

    def __init__(self, *args, settings="", host="127.0.0.1", program=NETSCOPE, secure=False, ready=True, **kwargs):
        self.host, self.port, self.secure = host, free_port(host), secure
        self.folder = tempfile.TemporaryDirectory(dir=os.environ.get("TEST_TMP"), prefix="web-")
        config = pathlib.Path(self.folder.name) / "web.toml"
        config.write_text("[web]\n" + settings + "\n")
        self.out = (pathlib.Path(self.folder.name) / "out").open("w+")
        self.err = (pathlib.Path(self.folder.name) / "err").open("w+")
        command = [program, "--config", str(config), "--web", "--web-bind", host, "--web-port", str(self.port), *map(str, args)]
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=self.out, stderr=self.err, **kwargs)
        if ready:
            self.wait_ready()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()
        self.out.close(), self.err.close()
        self.folder.cleanup()

    def wait_ready(self, seconds=PATIENCE):
        end = time.monotonic() + seconds
        while time.monotonic() < end and self.process.poll() is None:
            with contextlib.suppress(OSError):
                if self.get("/api/health").status == 200:
                    return
            time.sleep(0.02)
        raise RuntimeError(f"no dashboard: status {self.process.poll()}, {self.texts()[1]!r}")

    def wait_state(self, wanted, seconds=PATIENCE):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            summary = self.json("/api/v1/summary")
            if summary["state"] == wanted and (wanted != "running" or summary["view_seq"]):
                return summary
            time.sleep(0.05)
        raise RuntimeError(f"state is {summary['state']}, not {wanted}")

    def texts(self):
        self.out.flush(), self.err.flush()
        folder = pathlib.Path(self.folder.name)
        return (folder / "out").read_text(), (folder / "err").read_text()

    def stop(self, signum=signal.SIGINT, seconds=PATIENCE):
        """The exit status; None when it did not end in time."""
        if self.process.poll() is None:
            self.process.send_signal(signum)
            try:
                self.process.wait(seconds)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
                return None
        return self.process.returncode

    def memory(self, key="VmRSS"):
        """Bytes."""
        text = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(rf"{key}:\s+(\d+) kB", text).group(1)) * 1024

    def connect(self, timeout=PATIENCE):
        sock = socket.create_connection((self.host, self.port), timeout)
        if not self.secure:
            return sock
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        context.set_alpn_protocols(["h2", "http/1.1"])
        return context.wrap_socket(sock)

    def authority(self):
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    def get(self, path, method="GET", headers=None, body=b"", timeout=PATIENCE):
        with self.connect(timeout) as sock:
            sock.sendall(request(path, method, {"Host": self.authority(), **(headers or {})}, body))
            return read_response(sock, method)

    def json(self, path, **kwargs):
        response = self.get(path, **kwargs)
        if response.status != 200:
            raise RuntimeError(f"{path}: {response.status} {response.body[:300]!r}")
        return strict_json(response.body)

    def socket(self, headers=None, **kwargs):
        return WebSocket(self, headers, **kwargs)


def request(path, method="GET", headers=None, body=b""):
    head = f"{method} {path} HTTP/1.1\r\n" + "".join(f"{k}: {v}\r\n" for k, v in (headers or {}).items() if v is not None)
    if body:
        head += f"Content-Length: {len(body)}\r\n"
    return head.encode() + b"Connection: close\r\n\r\n" + body


class Response:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def text(self):
        return self.body.decode()


def read_head(sock):
    data = b""
    while b"\r\n\r\n" not in data:
        piece = sock.recv(65536)
        if not piece:
            raise ConnectionError(f"closed after {data[:100]!r}")
        data += piece
    head, rest = data.split(b"\r\n\r\n", 1)
    lines = head.decode("latin-1").split("\r\n")
    headers = {}
    for line in lines[1:]:
        name, value = line.split(":", 1)
        headers[name.strip().lower()] = value.strip()
    return int(lines[0].split()[1]), headers, rest


def unchunk(data):
    out = b""
    while data:
        size, data = data.split(b"\r\n", 1)
        n = int(size.split(b";")[0], 16)
        if n == 0:
            return out
        out, data = out + data[:n], data[n + 2:]
    raise ConnectionError("a chunked body without its end")


def read_response(sock, method="GET"):
    status, headers, body = read_head(sock)
    while method != "HEAD":
        if "content-length" in headers and len(body) >= int(headers["content-length"]):
            break
        piece = sock.recv(1 << 20)
        if not piece:
            break
        body += piece
    if headers.get("transfer-encoding") == "chunked" and method != "HEAD":
        body = unchunk(body)
    return Response(status, headers, body)


class Refused(Exception):
    def __init__(self, status, body):
        super().__init__(f"{status}: {body[:200]!r}")
        self.status = status


class Closed(Exception):
    def __init__(self, code):
        super().__init__(f"closed with {code}")
        self.code = code


class WebSocket:
    def __init__(self, server, headers=None, hello=True, receive_buffer=None):
        self.sock = server.connect() if receive_buffer is None else self.small(server, receive_buffer)
        self.data = b""
        self.sock.sendall(request("/ws", headers={
            "Host": server.authority(), "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": base64.b64encode(os.urandom(16)).decode(), **(headers or {})}
        ).replace(b"Connection: close", b"Connection: Upgrade"))
        status, head, self.data = read_head(self.sock)
        if status != 101:
            body = self.data
            self.sock.close()
            raise Refused(status, body)
        self.head = head
        self.deflated, self.packed = "permessage-deflate" in head.get("sec-websocket-extensions", ""), 0
        self.hello = self.receive("hello") if hello else None

    @staticmethod
    def small(server, size):
        sock = socket.socket(socket.AF_INET)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, size)
        sock.settimeout(20)
        sock.connect((server.host, server.port))
        return sock

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.sock.close()

    @staticmethod
    def frame(payload, opcode=1, fin=True, mask=True, rsv=0, length=None):
        length = len(payload) if length is None else length
        head = bytes([(0x80 if fin else 0) | rsv << 4 | opcode])
        bit = 0x80 if mask else 0
        if length < 126:
            head += bytes([bit | length])
        elif length < 65536:
            head += bytes([bit | 126]) + struct.pack("!H", length)
        else:
            head += bytes([bit | 127]) + struct.pack("!Q", length)
        if not mask:
            return head + payload
        key = os.urandom(4)
        return head + key + bytes(b ^ key[i % 4] for i, b in enumerate(payload))

    def send_raw(self, data):
        self.sock.sendall(data)

    def send(self, **message):
        self.send_raw(self.frame(json.dumps(message).encode()))

    def take(self, n):
        while len(self.data) < n:
            piece = self.sock.recv(1 << 20)
            if not piece:
                raise Closed(None)
            self.data += piece
        out, self.data = self.data[:n], self.data[n:]
        return out

    def receive_frame(self):
        """(opcode, payload)"""
        first, second = self.take(2)
        if first & (0x30 if self.deflated else 0x70) or not first & 0x80 or second & 0x80:
            raise ValueError(f"a frame that a server must not send: {first:02x} {second:02x}")
        n = second & 127
        if n == 126:
            n, = struct.unpack("!H", self.take(2))
        elif n == 127:
            n, = struct.unpack("!Q", self.take(8))
        payload = self.take(n)
        if first & 0x40:  # RFC 7692: each message by itself
            self.packed += 1
            payload = zlib.decompressobj(-15).decompress(payload + b"\x00\x00\xff\xff")
        return first & 15, payload

    def receive(self, wanted=None, timeout=PATIENCE):
        """The next message, or the next of this type."""
        self.sock.settimeout(timeout)
        while True:
            opcode, payload = self.receive_frame()
            if opcode == 8:
                raise Closed(struct.unpack("!H", payload[:2])[0] if len(payload) >= 2 else None)
            if opcode == 1:
                message = strict_json(payload)
                if wanted in (None, message["type"]):
                    return message

    def ask(self, answer, **message):
        self.send(**message)
        return self.receive(answer)


def metrics_of(text):
    """name{labels} -> value"""
    values = {}
    for line in text.splitlines():
        if line and not line.startswith("#"):
            name, value = line.rsplit(" ", 1)
            values[name] = float(value)
    return values


def guard(report, name, check, *args):
    """Runs a check that returns a list of faults; an exception is a fault."""
    try:
        report.check(name, check(*args))
    except Exception as error:  # noqa: BLE001
        report.check(name, [f"{type(error).__name__}: {error}"])
