"""Poolers in transaction mode: a proxy that deals transactions to sessions at random, pgbouncer.

The proxy speaks as much of the wire protocol as it needs. It greets its clients itself. It hands
their messages to any free session, until that is idle again and every answer has come.
"""

from __future__ import annotations

import os
import random
import select
import shutil
import socket
import struct
import subprocess
import threading
import time
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from pwd import getpwuid

import psycopg
from psycopg import conninfo

PGBOUNCER = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin")
POOLERS = ["proxy", *(["pgbouncer"] if PGBOUNCER else [])]

SPOILED = (
    "SET search_path = elsewhere, public; SET TimeZone = 'Asia/Tokyo'; SET DateStyle = 'SQL, DMY';"
    " CREATE TEMP TABLE decisions (id int); CREATE TEMP TABLE meta (id int);"
    " CREATE TEMP TABLE customers (id text)"
)
"""How some other program leaves a session."""


def _read(stream, size):
    data = b""
    while len(data) < size:
        more = stream.recv(size - len(data))
        if not more:
            raise ConnectionError
        data += more
    return data


def _message(stream):
    head = _read(stream, 5)
    return head[:1], head + _read(stream, struct.unpack("!i", head[1:])[0] - 4)


def _startup(parameters):
    body = b"".join(f"{key}\0{value}\0".encode() for key, value in parameters.items()) + b"\0"
    return struct.pack("!ii", len(body) + 8, 196608) + body


class Proxy:
    """A pool of sessions, and a thread for each client."""

    def __init__(self, target, size, seed):
        self.target, self.size = target, size
        self.chance = random.Random(seed)
        self.free, self.changed = [], threading.Condition()
        self.dealt = 0

    def session(self):
        """A session of the server, and its greeting."""
        parts = conninfo.conninfo_to_dict(self.target)
        host, port = parts.get("host") or "localhost", parts.get("port") or "5432"
        if host.startswith("/"):
            session = socket.socket(socket.AF_UNIX)
            session.connect(f"{host}/.s.PGSQL.{port}")
        else:
            session = socket.create_connection((host, int(port)))
        names = {"user": parts["user"], "database": parts["dbname"], "client_encoding": "utf8"}
        session.sendall(_startup(names))
        greeting = b""
        while not greeting.endswith(b"Z\0\0\0\5I"):
            greeting += _message(session)[1]
        words = SPOILED.encode() + b"\0"
        session.sendall(b"Q" + struct.pack("!i", len(words) + 4) + words)
        while _message(session)[0] != b"Z":
            pass
        return session, greeting

    def serve(self, server):
        while True:
            try:
                client, _ = server.accept()
            except OSError:
                return
            threading.Thread(target=self._client, args=(client,), daemon=True).start()

    def _client(self, client):
        with closing(client):
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            try:
                while True:  # asked for encryption, a server that has none says N
                    size, code = struct.unpack("!ii", _read(client, 8))
                    _read(client, size - 8)
                    if code == 196608:
                        break
                    client.sendall(b"N")
                client.sendall(self.greeting)
                while True:
                    self._transaction(client, _message(client))
            except (ConnectionError, OSError):
                return

    def _transaction(self, client, first):
        if first[0] == b"X":
            raise ConnectionError
        with self.changed:
            while not self.free:
                self.changed.wait()
            session = self.free.pop(self.chance.randrange(len(self.free)))
            self.dealt += 1
        whole = False
        try:
            self._deal(client, session, first)
            whole = True
        finally:
            if not whole:
                session.close()
                session, _ = self.session()
            with self.changed:
                self.free.append(session)
                self.changed.notify()

    def _deal(self, client, session, first):
        """Both ways until the session is idle and owes no answer."""
        owed = first[0] in (b"Q", b"S")
        session.sendall(first[1])
        while True:
            ready, _, _ = select.select([client, session], [], [])
            if session in ready:
                kind, data = _message(session)
                client.sendall(data)
                owed -= kind == b"Z"
                if kind == b"Z" and owed == 0 and data[5:] == b"I":
                    return
            else:
                kind, data = _message(client)
                owed += kind in (b"Q", b"S")
                session.sendall(data)


@contextmanager
def _proxy(target, size):
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        proxy = Proxy(target, size, seed=1)
        for _ in range(size):
            session, proxy.greeting = proxy.session()
            proxy.free.append(session)
        threading.Thread(target=proxy.serve, args=(server,), daemon=True).start()
        yield server.getsockname()[1]
        assert proxy.dealt, "nothing went through the pooler"
        for session in proxy.free:
            session.close()


@contextmanager
def _pgbouncer(target, size, folder):
    parts = conninfo.conninfo_to_dict(target)
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    words = " ".join(f"{key}={parts[key]}" for key in ("host", "port", "dbname") if key in parts)
    settings = Path(folder) / "pgbouncer.ini"
    settings.write_text(
        f"[databases]\n{parts['dbname']} = {words} user={parts['user']}\n[pgbouncer]\n"
        f"listen_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\nauth_type = any\n"
        f"pool_mode = transaction\ndefault_pool_size = {size}\nserver_round_robin = 1\n"
    )
    settings.chmod(0o644)
    # It does not run as root, and only the server's own user may enter the server's folder.
    user = []
    if os.geteuid() == 0:
        user = ["-u", getpwuid(os.stat(parts["host"]).st_uid).pw_name]
        for each in Path(folder, "x").parents[:-2]:
            each.chmod(each.stat().st_mode | 0o011)
    running = subprocess.Popen([PGBOUNCER, *user, settings], stderr=subprocess.DEVNULL)
    try:
        for _ in range(200):
            with ExitStack() as stack:
                try:
                    stack.enter_context(socket.create_connection(("127.0.0.1", port)))
                    break
                except OSError:
                    time.sleep(0.05)
        url = f"postgresql://{parts['user']}@127.0.0.1:{port}/{parts['dbname']}"
        with ExitStack() as stack:
            opened = [stack.enter_context(psycopg.connect(url)) for _ in range(size)]
            for connection in opened:
                connection.execute(SPOILED)
            for connection in opened:
                connection.commit()
        yield port
    finally:
        running.terminate()
        running.wait()


@contextmanager
def pooled(kind, target, folder, size=3):
    """The address of a pool of sessions of that server, each as another program has left it."""
    parts = conninfo.conninfo_to_dict(target)
    pool = _proxy(target, size) if kind == "proxy" else _pgbouncer(target, size, folder)
    with pool as port:
        yield f"postgresql://{parts['user']}@127.0.0.1:{port}/{parts['dbname']}"
