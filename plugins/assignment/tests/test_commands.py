"""The commands: a class is graded in one, and what is told where."""

import csv
import json
import shutil
from pathlib import Path

import pytest

from phosphene_assignment import integrity, plugin
from phosphene_core import PhospheneError
from phosphene_registry import Registry
from phosphene_registry.process import run

SOLVED = Path(__file__).parent / "solved"


def phosphene(*arguments):
    return run(["assignment", *map(str, arguments)], Registry(plugins=[plugin], discover=False))


@pytest.fixture
def school(tmp_path, changed):
    """Four submissions: right, wrong in one place, empty, and no zip file at all."""
    folder = tmp_path / "class"
    folder.mkdir()
    shutil.copytree(SOLVED, folder / "anna")
    assert phosphene("submit", changed("rnn_layers.py", "np.add.at(dW, x, dout)", "dW[x] += dout"), "-o", folder / "bert.zip") == 0
    assert phosphene("start", folder / "carl") == 0
    (folder / "dora.zip").write_text("not a zip file")
    return folder


def test_a_class_is_graded_in_one_command(school, tmp_path, capfd):
    files = {n: tmp_path / n for n in ("grades.csv", "reports")}
    capfd.readouterr()
    assert phosphene("grade", school, "--part", "rnn", "--csv", files["grades.csv"], "--reports", files["reports"]) == 0
    out, err = capfd.readouterr()
    rows = {line.split()[0]: line for line in out.splitlines() if line.split()}
    assert rows["anna"].split()[1:] == ["40", "0", "0", "0", "0", "40"]
    assert rows["bert"].split()[1:7] == ["37", "0", "0", "0", "0", "37"]
    assert "word_embedding_backward, caption_loss with an RNN" in rows["bert"]
    assert "every item: is anything written?" in rows["carl"]
    assert "dora.zip is no zip file that can be read" in rows["dora"]
    assert [line.split(":")[0] for line in err.splitlines()] == ["anna", "bert", "carl", "dora"]
    with files["grades.csv"].open() as file:
        table = list(csv.DictReader(file))
    assert [(row["submission"], float(row["total"])) for row in table] == [("anna", 40), ("bert", 37), ("carl", 0), ("dora", 0)]
    assert float(table[1]["word_embedding_backward"]) == 2
    assert sorted(p.name for p in files["reports"].iterdir()) == ["anna.txt", "bert.txt", "carl.txt", "dora.txt"]
    assert "overwrite each other instead of adding up" in (files["reports"] / "bert.txt").read_text()


def test_gradescope_and_json(school, tmp_path, capfd):
    target = tmp_path / "results" / "results.json"
    capfd.readouterr()
    assert phosphene("grade", school / "bert.zip", "--part", "rnn", "--seed", 5, "--json", "--gradescope", target) == 0
    (told,) = json.loads(capfd.readouterr().out)
    assert (told["name"], told["points"], told["of"], told["seed"]) == ("bert", 37, 40, 5)
    assert told["parts"]["rnn"] == {"name": "RNN captioning", "points": 37, "of": 40}
    words = next(i for i in told["items"] if i["item"] == "word_embedding_backward")
    assert [c["passed"] for c in words["checks"]] == [True, False, True]
    results = json.loads(target.read_text())
    assert results["score"] == 37 == sum(t["score"] for t in results["tests"])
    assert sum(t["max_score"] for t in results["tests"]) == 40
    wrong = [t for t in results["tests"] if t["status"] == "failed"]
    assert [t["name"] for t in wrong] == ["word_embedding_backward", "caption_loss with an RNN"]
    assert set(results["tests"][0]) == {"name", "number", "score", "max_score", "output", "status", "tags", "visibility"}
    assert "builds on word_embedding_backward: mend that first" in wrong[1]["output"]

    assert phosphene("grade", school / "dora.zip", "--gradescope", target) == 2  # and Gradescope is told all the same
    assert json.loads(target.read_text()) == {
        "score": 0, "tests": [], "output": "The submission could not be graded: dora.zip is no zip file that can be read: "
                                           "File is not a zip file"}  # fmt: skip


def test_one_submission_is_told_item_by_item(school, capfd):
    assert phosphene("grade", school / "bert.zip", "--part", "rnn") == 0
    out = capfd.readouterr().out
    assert "RNN CAPTIONING" in out and "37 of 40" in out
    assert "dW, words that come again: expected " in out


def test_mistakes_on_the_command_line(school, tmp_path, capfd):
    capfd.readouterr()
    assert phosphene("grade", school, "--gradescope", tmp_path / "r.json") == 2
    assert phosphene("grade", school, "--part", "music") == 2
    assert phosphene("submit", school) == 2
    assert phosphene("start", school / "carl") == 2
    said = capfd.readouterr().err.splitlines()
    assert said[0] == "phosphene: --gradescope is for one submission, and here are 4"
    assert said[1].startswith("phosphene: no part is called 'music'; there are: extra, generation")
    assert said[2].startswith(f"phosphene: {school} holds no folder assignment3")
    assert said[3].endswith("is there already; nothing was written. Start in another folder")


def test_a_grader_that_was_changed_meanwhile_says_so(monkeypatch, tmp_path):
    (tmp_path / "rubric.py").write_text("POINTS = 1\n")
    monkeypatch.setattr(integrity, "__file__", str(tmp_path / "integrity.py"))
    with pytest.raises(PhospheneError, match=r"rubric\.py was changed while submissions were graded"), integrity.unchanged_grader():
        (tmp_path / "rubric.py").write_text("POINTS = 100\n")
    with integrity.unchanged_grader():
        pass
