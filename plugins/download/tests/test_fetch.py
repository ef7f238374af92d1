"""A file over a bad line: whole, or one clear line about why not."""

import hashlib
import shutil
from types import SimpleNamespace

import pytest

from phosphene_core.errors import FileError
from phosphene_download.fetch import Manner, fetch
from phosphene_download.sources import Remote


def cut(*lengths):
    """Faults: connections that end after so many bytes."""
    return [lambda h, body, n=n: h.serve(body, until=n) or True for n in lengths]


def answers(code, **headers):
    def fault(handler, body):
        handler.send_response(code)
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", "0")
        handler.end_headers()
        return True

    return fault


def garbage(handler, body):
    handler.wfile.write(b"\x00\xff this is not HTTP \x00" * 100)
    return True


def stalls(handler, body):
    handler.serve(body, until=0)
    handler.stall()
    return True


@pytest.fixture
def get(server, blob, tmp_path, quick, waits):
    server.content["/file.bin"] = blob

    def run(name="file.bin", size=None, sha256=None, manner=quick, more=(), **options):
        remote = Remote(f"{server.address}/{name}", size, sha256)
        return fetch(remote, [remote.address, *more], tmp_path, manner, sleep=waits, **options)

    return run


def test_a_file_comes_whole(get, blob):
    got = get(size=len(blob), sha256=hashlib.sha256(blob).hexdigest())
    assert got.path.read_bytes() == blob
    assert (got.size, got.sha256) == (len(blob), hashlib.sha256(blob).hexdigest())


def test_a_file_interrupted_twenty_times_comes_whole_and_each_byte_once(get, server, blob):
    server.faults = cut(*[7000] * 20)
    assert get().path.read_bytes() == blob
    assert [r for _, r in server.requests] == [None, *(f"bytes={7000 * i}-" for i in range(1, 21))]


def test_a_later_process_goes_on_where_the_first_was_stopped(get, server, blob):
    server.faults = [*cut(100_000), answers(404)]
    with pytest.raises(FileError, match="404"):
        get()
    server.requests.clear()
    assert get().path.read_bytes() == blob
    assert server.requests == [("/file.bin", "bytes=100000-")]


def test_a_server_without_ranges_is_asked_for_all_again(get, server, blob):
    server.ranges = False
    server.faults = cut(100_000, 200_000)
    assert get().path.read_bytes() == blob


def test_a_file_that_changed_meanwhile_is_begun_afresh(get, server, blob):
    server.faults = cut(100_000)
    server.content["/file.bin"] = blob

    def other(handler, body):
        server.content["/file.bin"] = blob[::-1]
        handler.serve(blob[::-1])
        return True

    server.faults.append(other)
    assert get().path.read_bytes() == blob[::-1]


def test_a_server_that_continues_with_another_part_is_not_believed(get, server, blob):
    def shifted(handler, body):
        handler.send_response(206)
        handler.send_header("Content-Range", f"bytes 5-{len(body) - 1}/{len(body)}")
        handler.send_header("Content-Length", str(len(body) - 5))
        handler.end_headers()
        handler.wfile.write(body[5:])
        return True

    server.faults = [*cut(100_000), shifted]
    assert get().path.read_bytes() == blob


def test_a_beginning_that_was_damaged_on_the_disk_is_thrown_away(get, server, blob, tmp_path):
    server.faults = [*cut(100_000), answers(404)]
    with pytest.raises(FileError):
        get()
    part = tmp_path / "file.bin.part"
    part.write_bytes(b"x" * 100_000)
    assert get(sha256=hashlib.sha256(blob).hexdigest()).path.read_bytes() == blob


def test_chunks_without_a_length_come_whole_and_are_begun_afresh_when_they_break(get, server, blob):
    server.faults = [
        lambda h, b: h.serve(b, until=9000, chunked=True) or True,
        lambda h, b: h.serve(b, chunked=True) or True,
    ]
    server.ranges = False
    assert get().path.read_bytes() == blob


@pytest.mark.parametrize(
    ("fault", "message"),
    {
        "too long a length": (lambda h, b: h.serve(b[:500], length=900_000) or True, "ended after"),
        "garbage": (garbage, "BadStatusLine|BadHeader|Bad"),
        "an error of the server": (answers(503), "503"),
        "nothing at all": (lambda h, b: True, "closed|Disconnected"),
        "stalls": (stalls, "nothing came|ended"),
        "stalls at once": (lambda h, b: h.stall() or True, "nothing came"),
    }.values(),
    ids=lambda v: None,
)
def test_what_may_pass_is_tried_again_and_then_told(get, server, blob, fault, message):
    server.faults = [fault] * 2
    assert get(manner=Manner(tries=9, timeout=0.5, wait=0)).path.read_bytes() == blob
    server.always, server.content["/other.bin"] = fault, blob
    with pytest.raises(FileError, match=message) as error:
        get("other.bin", manner=Manner(tries=2, timeout=0.2, wait=0))
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        (answers(404), "404"),
        (answers(403), "403"),
        (answers(302, Location="/file.bin"), "circles"),
        (answers(302, Location="file:///etc/passwd"), "not http"),
        (answers(302, Location="ftp://127.0.0.1/x"), "not http"),
    ],
)
def test_what_will_not_pass_is_told_at_once(get, server, waits, fault, message):
    server.always = fault
    with pytest.raises(FileError, match=message):
        get()
    assert waits == []


def test_redirections_are_followed(get, server, blob):
    server.faults = [answers(302, Location=f"{server.address}/file.bin"), answers(307, Location="/file.bin")]
    assert get().path.read_bytes() == blob


def test_waits_grow(get, server, waits):
    server.always = answers(503)
    with pytest.raises(FileError, match="tried 5 times"):
        get(manner=Manner(tries=5, timeout=1, wait=2.0))
    assert waits == [2, 4, 8, 16]


def test_too_much_is_not_taken(get, server, blob, tmp_path):
    server.content["/file.bin"] = blob * 3
    with pytest.raises(FileError, match=r"it has 900,000 bytes; file.bin has 300,000|more than the"):
        get(size=len(blob))
    server.always = lambda h, b: h.serve(b, chunked=True) or True  # no length to be seen beforehand
    with pytest.raises(FileError, match="more than the 300,000 bytes"):
        get(size=len(blob))
    assert sum(p.stat().st_size for p in tmp_path.iterdir()) < 400_000


def test_the_wrong_content_is_refused_and_not_kept(get, server, tmp_path):
    with pytest.raises(FileError, match="SHA-256"):
        get(sha256="0" * 64)
    assert not list(tmp_path.glob("*.part"))


def test_a_disk_without_room_is_told_before_anything_is_taken(get, server, monkeypatch):
    server.always = lambda h, b: h.serve(b, length=1 << 50) or True
    with pytest.raises(FileError, match="more than the"):
        get()
    server.always = lambda h, b: h.serve(b, length=7 << 30) or True
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: SimpleNamespace(free=1 << 20))
    with pytest.raises(FileError, match="make room"):
        get()


def test_the_next_address_is_tried(get, server, blob, tmp_path):
    (tmp_path / "mine.bin").write_bytes(blob)
    got = get("missing.bin", more=[f"{server.address}/file.bin"])
    assert got.address.endswith("/file.bin")
    assert (
        get("missing.bin", more=[str(tmp_path / "none"), (tmp_path / "mine.bin").as_uri()]).path
        == tmp_path / "mine.bin"
    )


def test_a_closed_port_is_one_line(tmp_path, waits):
    with pytest.raises(FileError, match="refused") as error:
        fetch(
            Remote("http://127.0.0.1:9/x.bin"),
            ["http://127.0.0.1:9/x.bin"],
            tmp_path,
            Manner(tries=2, timeout=1),
            sleep=waits,
        )
    assert "\n" not in str(error.value)
