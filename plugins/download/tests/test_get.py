"""A data set: got whole or not at all, by one process at a time, and checked afterwards."""

import os
import select
import subprocess
import sys
import textwrap
import threading
from pathlib import Path

import attrs
import pytest
import typer
from typer.testing import CliRunner

from phosphene_core.errors import FileError, NotFoundError, SettingError
from phosphene_download import plugin, record
from phosphene_download.getting import Ears, get
from phosphene_download.sources import SOURCES, Remote, Source, source


@pytest.fixture
def fetched(made_source, tmp_path, quick, waits):
    return lambda **options: get(made_source, tmp_path / "data", manner=quick, sleep=waits, **options)


def test_a_data_set_interrupted_twenty_times_arrives_whole(fetched, server, archive, tmp_path):
    step = len(archive[0]) // 21
    server.faults = [lambda h, b: h.serve(b, until=step) or True] * 20
    folder = fetched()
    assert len(server.requests) == 21
    for name, content in archive[1].items():
        assert (folder / name).read_bytes() == content
    assert record.check(folder).whole
    assert [p.name for p in (tmp_path / "data").iterdir()] == ["made"]


def test_what_is_there_is_kept_and_again_replaces_it(fetched, server):
    folder = fetched()
    (folder / "set/wnids.txt").write_text("changed")
    assert fetched() == folder
    assert record.check(folder).changed == ("set/wnids.txt",)
    fetched(again=True)
    assert record.check(folder).whole
    assert len(server.requests) == 2


def test_a_failure_leaves_what_was_there(fetched, server, tmp_path):
    folder = fetched()
    server.content["/set.zip"] = b"<html>sorry</html>"
    with pytest.raises(FileError, match="neither a zip"):
        fetched(again=True)
    assert record.check(folder).whole
    assert [p.name for p in (tmp_path / "data").iterdir()] == ["made"]


def test_another_data_set_under_this_name_is_refused(fetched, made_source, tmp_path, quick):
    other = attrs.evolve(made_source, holds=("captions.h5",))
    with pytest.raises(FileError, match=r"is not made: there is no captions\.h5"):
        get(other, tmp_path / "data", manner=quick)
    assert list((tmp_path / "data").iterdir()) == [tmp_path / "data" / ".made.part"]  # its empty note, no data
    fetched()


def test_a_changed_original_is_told(fetched, server, archive):
    fetched()
    server.content["/set.zip"] = archive[0] + b"\0"  # a zip may be followed by a byte or two
    said = []
    fetched(again=True, ears=Ears(say=said.append))
    assert "another file than the last time" in said[0]


def test_damage_is_found(fetched):
    folder = fetched()
    (folder / "set/wnids.txt").write_bytes(b"n02\n")
    (folder / "set/words.txt").unlink()
    health = record.check(folder)
    assert (health.missing, health.changed, health.files) == (("set/words.txt",), ("set/wnids.txt",), 22)
    (folder / record.SUMS).write_text("0" * 64 + "  ../../etc/passwd\n")
    with pytest.raises(FileError, match="leads out"):
        record.check(folder)


SCRIPT = """
    import sys
    from pathlib import Path
    from phosphene_download.getting import get, Ears
    from phosphene_download.fetch import Manner
    from phosphene_download.sources import Remote, Source
    one = Source("made", "", (Remote(sys.argv[1]),), ("wnids.txt",))
    ears = Ears(say=lambda line: print(line, flush=True))
    print(get(one, Path(sys.argv[2]), manner=Manner(timeout=60, wait=0.05), ears=ears))
"""


def process(server, folder):
    script = textwrap.dedent(SCRIPT)
    return subprocess.Popen(
        [sys.executable, "-c", script, f"{server.address}/set.zip", str(folder)], stdout=subprocess.PIPE, text=True
    )


def test_of_two_processes_one_gets_it_and_the_other_waits(server, made_source, tmp_path):
    gate = threading.Event()
    server.always = lambda h, b: gate.wait(60) and None
    one, two = process(server, tmp_path), process(server, tmp_path)
    ready, _, _ = select.select([one.stdout, two.stdout], [], [], 60)  # the one that waits says so; the other is silent
    line = ready[0].readline()
    gate.set()
    assert "waiting" in line
    assert one.wait(60) == two.wait(60) == 0
    assert len(server.requests) == 1
    assert record.check(tmp_path / "made").whole


def test_a_killed_process_is_gone_on_with(server, archive, made_source, tmp_path, quick):
    size = len(archive[0]) // 2
    server.faults = [lambda h, b: h.serve(b, until=size, length=len(b)) or h.stall(20) or True]
    one = process(server, tmp_path)
    part = tmp_path / ".made.part" / "set.zip.part"
    while one.poll() is None and not (part.exists() and part.stat().st_size >= size):
        os.sched_yield()
    one.kill()
    one.wait()
    get(made_source, tmp_path, manner=quick)
    assert server.requests[-1] == ("/set.zip", f"bytes={size}-")
    assert record.check(tmp_path / "made").whole


def test_a_read_only_folder_is_one_line(made_source, tmp_path):
    if os.geteuid() == 0:
        place = "/proc/phosphene"
    else:
        place = tmp_path / "closed"
        place.mkdir(mode=0o500)
    with pytest.raises(FileError, match="cannot use the folder"):
        get(made_source, Path(place))


def test_local_places(archive, tmp_path, made_source, monkeypatch, server):
    (tmp_path / "set.zip").write_bytes(archive[0])
    for i, place in enumerate(
        [tmp_path / "set.zip", f"{tmp_path}/", (tmp_path / "set.zip").as_uri(), tmp_path.as_uri() + "/"]
    ):
        assert record.check(get(made_source, tmp_path / f"data{i}", [str(place)])).whole
    monkeypatch.setenv("PHOSPHENE_MIRROR", f"{tmp_path / 'none'} {tmp_path.as_uri()}")
    get(made_source, tmp_path / "mirrored")
    assert server.requests == []
    assert (tmp_path / "set.zip").exists()
    with pytest.raises(SettingError, match="only http, https and file"):
        get(made_source, tmp_path / "data9", ["ftp://somewhere/set.zip"])
    two = Source("two", "", (Remote("http://x/a.zip"), Remote("http://x/b.zip")), ())
    with pytest.raises(SettingError, match="several files"):
        get(two, tmp_path / "data9", [str(tmp_path / "set.zip")])


def test_names_are_proposed():
    assert source("Tiny-ImageNet-100-A") is SOURCES["tiny-imagenet-100-a"]
    with pytest.raises(NotFoundError, match="did you mean 'coco-captions'"):
        source("coco-caption")


@pytest.fixture
def command():
    class App:
        def __init__(self):
            self.typer = typer.Typer()

        def command(self, path):
            return self.typer.command(path.replace(" ", "-"))

    app = App()
    plugin.register_commands(app, None)
    return lambda *arguments: CliRunner().invoke(app.typer, [str(a) for a in arguments])


def test_the_commands(command, archive, tmp_path):
    assert "coco-captions" in command("data-get").output
    (tmp_path / "tiny-imagenet-100-A.zip").write_bytes(archive[0])
    options = ("tiny-imagenet-100-a", "--from", tmp_path, "-o", tmp_path / "data")
    assert "whole" in command("data-get", *options).output
    assert "is there already" in command("data-get", *options).output
    assert "whole (22 files)" in command("data-check", "-o", tmp_path / "data").output
    (tmp_path / "data/tiny-imagenet-100-a/set/words.txt").unlink()
    found = command("data-check", "tiny-imagenet-100-a", "-o", tmp_path / "data")
    assert found.exit_code == 1
    assert "1 missing, such as set/words.txt" in found.output
    assert isinstance(command("data-check", "-o", tmp_path / "none").exception, NotFoundError)
