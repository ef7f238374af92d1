"""`phosphene plugins`, `layers`, ...: tables for people, JSON for programs."""

import json

import pytest


@pytest.mark.parametrize("kind", ["layer", "model", "optimizer", "objective", "technique", "dataset"])
def test_every_kind_is_listed_as_a_table_and_as_json(stubbed, kind):
    table, found = stubbed(f"{kind}s"), json.loads(stubbed(f"{kind}s", "--json").stdout)
    assert table.returncode == 0
    assert found
    for one in found:
        assert one["kind"] == kind
        assert one["name"] in table.stdout
        assert one["summary"] in table.stdout


def test_a_technique_is_told_whole(stubbed):
    told = stubbed("techniques", "stub_map").stdout
    wanted = ["The gradient's size at every pixel.", "[brackets]", "Nobody, never", "sharpness", "> 0 ≤ 4"]
    for words in [*wanted, "yes or no", "exponent of the map", "plain, zero, nan, signed"]:
        assert words in told
    found = json.loads(stubbed("techniques", "stub_map", "--json").stdout)
    assert found["settings"][0] == {
        "name": "sharpness", "type": "float", "required": False, "default": 1.0, "help": "exponent of the map",
        "bounds": {"gt": 0, "le": 4}, "choices": [],
    }  # fmt: skip
    assert (found["paper"], found["objective"], found["picture"]) == ("Nobody, never", "stub_score", "square")


def test_plugins_tells_state_and_names(stubbed):
    [one] = json.loads(stubbed("plugins", "--json").stdout)
    assert (one["name"], one["state"], one["reason"]) == ("phosphene_stub", "ok", None)
    assert {"kind": "technique", "name": "stub_map"} in one["registered"]


def test_check_holds_everything_to_its_contract(stubbed):
    done = stubbed("check")
    assert done.returncode == 0, done.stdout
    assert "8 of 9 hold, 1 skipped" in done.stdout


def test_check_takes_names_of_what_is_registered(stubbed):
    rows = json.loads(stubbed("check", "stub_mix", "stub_map", "--json").stdout)
    assert [(r["kind"], r["name"], r["state"]) for r in rows] == [
        ("layer", "stub_mix", "ok"),
        ("technique", "stub_map", "ok"),
    ]
