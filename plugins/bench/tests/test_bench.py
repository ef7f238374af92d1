"""The cases that plugins offer, what is measured of them, and the command."""

import json

import numpy as np
import pytest

from phosphene_bench import report
from phosphene_bench.case import Case, chosen, collect
from phosphene_bench.machine import described, matrix_product
from phosphene_bench.measure import Manner, measure
from phosphene_bench.memory import peak
from phosphene_bench.running import run
from phosphene_core import FileError, PhospheneError, hookimpl
from phosphene_registry import Registry

SHORT = Manner(seconds=0.0, rounds=3, pause=0.0)


def plugin(called, *cases, harm=None):
    """A plugin with such cases, (kind, name, make, operations)."""

    class Offers:
        name = called

        @hookimpl
        def register_benchmarks(self, register, registry):
            for case in cases:
                register(*case)
            if harm:
                raise harm

    return Offers()


def make():
    return lambda: None


def registry(*plugins):
    return Registry(plugins=list(plugins), discover=False)


@pytest.fixture(autouse=True)
def small_matrices(monkeypatch):
    monkeypatch.setattr("phosphene_bench.machine.SIDE", 64)


GOOD = plugin("good", ("step", "whole", make), ("kernel", "sum", make, 100.0))


def test_cases_are_collected_kernels_first():
    assert [(c.plugin, c.kind, c.name, c.operations) for c in collect(registry(GOOD), print)] == [
        ("good", "kernel", "sum", 100.0),
        ("good", "step", "whole", None),
    ]


@pytest.mark.parametrize(
    "bad",
    [
        plugin("bad", ("kernel", "a", make), harm=RuntimeError("two\nlines")),
        plugin("bad", ("kernel", "a", make), harm=SystemExit(3)),
        plugin("bad", ("kernel", "a", make), ("kernel", "a", make)),
        plugin("bad", ("cake", "a", make)),
    ],
)
def test_a_plugin_that_fails_to_offer_costs_the_others_nothing(bad):
    said = []
    assert {c.plugin for c in collect(registry(bad, GOOD), said.append)} == {"good"}
    assert len(said) == 1
    assert "bad" in said[0]
    assert "\n" not in said[0]


def test_names_choose():
    cases = collect(registry(GOOD), print)
    assert [c.name for c in chosen(cases, ["SUM"])] == ["sum"]
    assert [c.name for c in chosen(cases, ["sum", "step: whole"])] == ["sum", "whole"]
    with pytest.raises(PhospheneError, match="no benchmark has 'sun' in its name; plugins that bring some: good"):
        chosen(cases, ["sun"])


def test_the_work_is_what_is_timed():
    calls = {"make": 0, "work": 0}

    def counted():
        calls["make"] += 1

        def work():
            calls["work"] += 1
            np.sort(np.zeros(300_000))  # so long that one is a round

        return work

    row = measure(Case("p", "kernel", "k", counted, 1e6), SHORT)
    assert (calls["make"], row.rounds) == (1, 3)
    assert calls["work"] >= 5
    assert row.rate == pytest.approx(1e6 / row.median)
    assert 0 < row.least <= row.median


def test_a_case_that_fails_is_a_row_that_says_so():
    def broken():
        raise ValueError("no\ngood")

    assert measure(Case("p", "kernel", "k", broken), SHORT).failure == "ValueError: no good"


def test_memory_at_its_highest_counts():
    with peak() as most:
        held = np.ones(4 << 20)
        held = held[:10].copy()
    assert len(held) == 10
    assert 31 << 20 <= most.bytes < 40 << 20  # the system counts in steps


def test_memory_without_the_systems_help(monkeypatch):
    monkeypatch.setattr("phosphene_bench.memory._reset", lambda: False)
    with peak() as most:
        bytearray(5 << 20)
    assert 5 << 20 <= most.bytes < 6 << 20


def test_the_machine_and_its_peak_are_told():
    assert {"processor", "threads", "numpy", "blas"} <= set(described())
    assert matrix_product(1) > 1e6


def results(tmp_path, **changes):
    """A file of results of GOOD's cases."""
    cases = [
        {"plugin": "good", "kind": "kernel", "name": "sum", "milliseconds": 2.0},
        {"plugin": "good", "kind": "step", "name": "whole", "failure": "it failed"},
    ]
    path = tmp_path / "before.json"
    path.write_text(
        json.dumps({"format": "phosphene bench", "version": 1, "peak_gflops": 10.0, "cases": cases} | changes)
    )
    return path


def test_json_is_what_compare_reads(capsys, tmp_path):
    assert run(registry(GOOD), (), None, True, True)
    printed = capsys.readouterr().out
    told = json.loads(printed)
    assert [c["name"] for c in told["cases"]] == ["sum", "whole"]
    assert told["cases"][0]["share_of_peak"] == pytest.approx(
        told["cases"][0]["gflops"] / told["peak_gflops"], rel=1e-2
    )
    assert told["cases"][1]["gflops"] is None
    path = tmp_path / "before.json"
    path.write_text(printed)
    assert run(registry(GOOD), ["sum"], path, True, True)
    again = json.loads(capsys.readouterr().out)["cases"][0]
    assert again["milliseconds_before"] == pytest.approx(told["cases"][0]["milliseconds"])
    assert again["ratio"] == pytest.approx(again["milliseconds"] / again["milliseconds_before"])


def test_the_table_stands_beside_an_earlier_run(capsys, tmp_path):
    def broken():
        raise ValueError("no")

    bad = plugin("bad", ("kernel", "fails", broken))
    assert not run(registry(GOOD, bad), (), results(tmp_path), True, False)
    out = capsys.readouterr().out
    assert "fails failed: ValueError: no" in out
    assert "1 cases take 0.00 of the time before" in out
    assert "GFLOP/s (product of 2048 x 2048 matrices)" in out


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"format": "else"}, "does not hold what"),
        ({"version": 2}, "has version 2"),
        ({"cases": 3}, "does not hold what"),
        ({"cases": [3]}, "makes no sense"),
        ({"cases": [{"milliseconds": -1}]}, "makes no sense"),
        ({"cases": [{"milliseconds": 1e999}]}, "makes no sense"),
        ({"peak_gflops": 0}, "makes no sense"),
        ({"peak_gflops": "fast"}, "makes no sense"),
    ],
)
def test_other_files_are_refused(tmp_path, changes, words):
    with pytest.raises(FileError, match=words):
        report.read(results(tmp_path, **changes))


@pytest.mark.parametrize("content", [b"", b"{", b"[" * 100_000, b"\xff\xfe", b"3"])
def test_what_is_no_json_is_refused(tmp_path, content):
    (tmp_path / "x.json").write_bytes(content)
    with pytest.raises(FileError, match=r"does not hold what|is not text"):
        report.read(tmp_path / "x.json")
    with pytest.raises(FileError, match="does not exist"):
        report.read(tmp_path / "nowhere.json")


def test_what_is_installed_brings_cases_that_run():
    """Of each plugin and kind the smallest case is made and run once; all of them would take too long here."""
    cases = collect(Registry(), pytest.fail)
    assert {c.kind for c in cases} == {"kernel", "layer", "step"}
    assert len({c.title for c in cases}) == len(cases)
    assert all(c.operations is None or c.operations > 0 for c in cases)
    smallest = {}
    for case in sorted(cases, key=lambda c: c.operations or 0):
        smallest.setdefault((case.plugin, case.kind), case)
    for case in smallest.values():
        case.make()()
