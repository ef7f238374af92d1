"""A real server on this machine that misbehaves as it is told."""

import hashlib
import io
import threading
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest

from phosphene_download.fetch import Manner
from phosphene_download.sources import Remote, Source


class Handler(BaseHTTPRequestHandler):
    """Serves `server.content` by path; `server.faults` (a list of functions, taken one per request) may spoil it."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.close_connection = True
        server = self.server
        with server.guard:
            server.requests.append((self.path, self.headers.get("Range")))
            fault = server.faults.pop(0) if server.faults else server.always
        body = server.content.get(self.path)
        if fault is not None and fault(self, body):
            return
        if body is None:
            self.send_error(404)
            return
        self.serve(body)

    def serve(self, body, *, length=None, until=None, chunked=False):
        """The file from where the client wants it; `length`: what is claimed, `until`: bytes after which all ends."""
        start, wanted = 0, self.headers.get("Range")
        tag = f'"{hashlib.md5(body).hexdigest()}"'
        fresh = self.headers.get("If-Range") in (None, tag)
        if wanted and fresh and self.server.ranges:
            start = int(wanted.removeprefix("bytes=").rstrip("-"))
            if start >= len(body):
                self.send_error(416)
                return
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {start}-{len(body) - 1}/{len(body)}")
        else:
            self.send_response(200)
        self.send_header("ETag", tag)
        if chunked:
            self.send_header("Transfer-Encoding", "chunked")
        else:
            self.send_header("Content-Length", str(len(body) - start if length is None else length))
        self.end_headers()
        sent = body[start:] if until is None else body[start : start + until]
        if not chunked:
            self.wfile.write(sent)
            return
        self.wfile.write(b"%x\r\n%s\r\n" % (len(sent), sent))
        if until is None:
            self.wfile.write(b"0\r\n\r\n")

    def stall(self, seconds=3.0):
        """Say nothing until the client has gone, or the test has ended."""
        self.server.over.wait(seconds)

    def log_message(self, *_):
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.content, self.faults, self.requests, self.always, self.ranges = {}, [], [], None, True
        self.guard, self.over = threading.Lock(), threading.Event()

    @property
    def address(self):
        return f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, request, client_address):
        pass


@pytest.fixture
def server():
    with Server() as made:
        thread = threading.Thread(target=made.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield made
        made.over.set()
        made.shutdown()


@pytest.fixture
def blob():
    return np.random.default_rng(0).bytes(300_000)


@pytest.fixture
def archive():
    """A small data set as a zip: the bytes, and its files."""
    files = {"set/wnids.txt": b"n01\n", "set/words.txt": b"n01\tcat\n"}
    files |= {f"set/train/{i}.bin": np.random.default_rng(i).bytes(5000) for i in range(20)}
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as pack:
        for name, content in files.items():
            pack.writestr(name, content)
    return packed.getvalue(), files


@pytest.fixture
def made_source(server, archive):
    server.content["/set.zip"] = archive[0]
    remote = Remote(f"{server.address}/set.zip")
    return Source("made", "a made data set", (remote,), ("wnids.txt",))


@pytest.fixture
def quick():
    return Manner(tries=4, timeout=20, wait=0.0)


@pytest.fixture
def waits():
    """Stands for time.sleep: the waits that were asked for."""
    return Waits()


class Waits(list):
    def __call__(self, seconds):
        self.append(seconds)
