# SPDX-License-Identifier: MIT
"""A ClickHouse server of a test's own: Debian's 18.16 out of its packages (tools/setup unpacks it), one process in a folder."""
import http.client
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import urllib.parse

from harness import BUILD, wait_for

UNPACKED = BUILD / "tools/clickhouse"
USERS = ("<yandex><profiles><default><max_memory_usage>1000000000</max_memory_usage></default></profiles><users><default><password>"
         "{password}</password><networks><ip>127.0.0.1</ip></networks><profile>default</profile><quota>default</quota></default></users>"
         "<quotas><default/></quotas></yandex>")
CONFIG = ("<yandex><logger><level>warning</level><console>1</console></logger><http_port>{http}</http_port><tcp_port>{tcp}</tcp_port>"
          "<interserver_http_port>{inter}</interserver_http_port><listen_host>127.0.0.1</listen_host>"
          "<interserver_http_host>127.0.0.1</interserver_http_host><timezone>UTC</timezone><path>{at}/data/</path>"
          "<tmp_path>{at}/tmp/</tmp_path><format_schema_path>{at}/fmt/</format_schema_path><users_config>{at}/users.xml</users_config>"
          "<default_profile>default</default_profile><default_database>default</default_database>"
          "<mark_cache_size>16777216</mark_cache_size><max_concurrent_queries>20</max_concurrent_queries>"
          "<remote_servers><fleet>{shards}</fleet></remote_servers></yandex>")
SHARD = "<shard><replica><host>127.0.0.1</host><port>{}</port></replica></shard>"


def program():
    """Of the machine, or unpacked; None when there is none."""
    own = UNPACKED / "usr/sbin/clickhouse-server"
    return str(own) if own.exists() else shutil.which("clickhouse-server")


def free_ports(n):
    sockets = [socket.socket() for _ in range(n)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


class ClickHouse:
    """Starts it, unprivileged where the test is root; `with` ends it. `shards`: TCP ports of the servers of the cluster `fleet`."""

    def __init__(self, folder, password="", ports=None, shards=()):
        self.at, self.process, self.password = pathlib.Path(folder), None, password
        self.at.mkdir()
        self.port, tcp, inter = ports or free_ports(3)
        config = CONFIG.format(http=self.port, tcp=tcp, inter=inter, at=self.at, shards="".join(SHARD.format(port) for port in shards or [tcp]))
        (self.at / "config.xml").write_text(config)
        (self.at / "users.xml").write_text(USERS.format(password=password))
        self.command = [program(), f"--config-file={self.at}/config.xml"]
        self.url = f"http://127.0.0.1:{self.port}"
        if not os.geteuid():
            for path in (self.at, *self.at.iterdir()):
                os.chown(path, 65534, 65534)
            self.command = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", *self.command]

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.kill(signal.SIGKILL)

    def start(self):
        library = str(UNPACKED / "usr/lib/x86_64-linux-gnu")
        with (self.at / "log").open("ab") as log:
            self.process = subprocess.Popen(self.command, env={**os.environ, "LD_LIBRARY_PATH": library}, cwd=self.at, stdout=log, stderr=log)
        if not wait_for(self.answers, 60) or self.process.poll() is not None:
            raise RuntimeError("clickhouse-server does not answer: " + (self.at / "log").read_text(errors="replace")[-500:])

    def answers(self):
        try:
            return self.process.poll() is not None or self.ask("SELECT 1") == "1\n"
        except OSError:
            return False

    def kill(self, signum=signal.SIGKILL):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signum)
            self.process.wait()

    def ask(self, sql):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            query = urllib.parse.urlencode({"user": "default", "password": self.password}) if self.password else ""
            connection.request("POST", f"/?{query}", sql)
            answer = connection.getresponse()
            text = answer.read().decode()
            if answer.status != 200:
                raise RuntimeError(text)
            return text
        except http.client.HTTPException as gone:
            raise OSError(str(gone)) from gone
        finally:
            connection.close()

    def row(self, sql):
        return [int(word) for word in self.ask(sql).split()]


def cluster(folder, n):
    """Servers that know each other as the cluster `fleet`; none is started."""
    ports = free_ports(3 * n)
    groups = [ports[3 * i:3 * i + 3] for i in range(n)]
    return [ClickHouse(folder / f"server{i}", ports=group, shards=[tcp for _, tcp, _ in groups]) for i, group in enumerate(groups)]


def distribute(servers):
    """A database `fleet` on each: tables over those of all servers."""
    for server in servers:
        server.ask("CREATE DATABASE IF NOT EXISTS fleet")
        for table in ("flows", "ledger", "alerts"):
            server.ask(f"CREATE TABLE fleet.{table} AS default.{table} ENGINE = Distributed(fleet, default, {table})")
