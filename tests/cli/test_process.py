"""The process: exit codes, one line for a mistake, Ctrl-C, closed pipes, completion."""

import os
import signal
import subprocess
import sys
import time

import pytest


def test_help_lists_the_commands_in_order_with_the_plugins_own(stubbed):
    done = stubbed("--help")
    places = [
        done.stdout.index(f"│ {name} ") for name in ("run", "train", "evaluate", "check", "plugins", "layers", "stub")
    ]
    assert done.returncode == 0
    assert places == sorted(places)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["lyers"], "No such command 'lyers'. Did you mean 'layers'"),
        (["layers", "stub_mux"], "no layer is called 'stub_mux'; did you mean 'stub_mix'?"),
        (["layers", "--jsn"], "--jsn"),
        (["train", "clasifier"], "no training is called 'clasifier'; did you mean 'classifier'?"),
        (["evaluate", "stub_model"], "--data"),
        (
            ["evaluate", "stub_model", "--data", "stub_dta"],
            "no dataset is called 'stub_dta'; did you mean 'stub_data'?",
        ),
        (
            ["evaluate", "stub_model", "--data", "stub_data", "--split", "vall"],
            "no split is called 'vall'; did you mean 'val'?",
        ),
        (["check", "nobody"], "no plugin, and nothing in one, is called 'nobody'"),
        (["-p"], "-p needs the name of a module"),
    ],
)
def test_a_mistake_is_one_line_and_exit_code_2(stubbed, arguments, words):
    done = stubbed(*arguments)
    assert done.returncode == 2
    assert words in done.stderr
    assert done.stderr.count("\n") == 1
    assert done.stdout == ""


def test_debug_shows_the_traceback(stubbed):
    done = stubbed("layers", "stub_mux", "--debug")
    assert done.returncode == 2
    assert "Traceback" in done.stderr
    assert done.stderr.splitlines()[-1].startswith("phosphene: no layer is called")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="this system has no file that is always full")
def test_a_disk_that_is_full_is_told_in_one_line(command, tmp_path):
    with open("/dev/full", "w") as full:
        done = subprocess.run([*command, "layers"], cwd=tmp_path, stdout=full, stderr=subprocess.PIPE, text=True, check=False, timeout=300)
    assert done.returncode == 2
    assert done.stderr == "phosphene: cannot write the output: No space left on device\n"


def test_ctrl_c_is_130_without_a_traceback(command, tmp_path):
    started = [*command, "run", "stub_noise", "--steps", "1000000"]
    process = subprocess.Popen(started, cwd=tmp_path, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    wait_for(lambda: (tmp_path / "out").exists())
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=120)
    assert process.returncode == 130
    assert err.strip() == "phosphene: stopped"
    assert not [p for p in tmp_path.rglob("*") if p.is_file()]


def wait_for(condition, seconds=120):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.02)


def test_a_closed_pipe_is_no_error(command, tmp_path):
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(
        [*command, "techniques", "--json"], cwd=tmp_path, stdout=write, stderr=subprocess.PIPE, text=True, check=False
    )
    os.close(write)
    assert done.stderr == ""
    assert done.returncode == 0


@pytest.mark.parametrize(
    ("words", "proposals"),
    [
        ("phosphene ev", ["evaluate"]),
        ("phosphene run stub_", ["stub_climb", "stub_map", "stub_noise"]),
        ("phosphene run stub_map --fl", ["--flavour"]),
        ("phosphene run stub_map --flavour ", ["plain", "zero", "nan", "signed"]),
        ("phosphene run stub_map --model stub", ["stub_model"]),
        ("phosphene train classifier --optimizer s", ["stub_descent"]),
        ("phosphene train ", ["classifier", "stubber"]),
        ("phosphene objectives stub_s", ["stub_score"]),
        ("phosphene check ", ["phosphene_stub"]),
    ],
)
def test_the_shell_completes_names(stubbed, words, proposals):
    environment = {"_PHOSPHENE_COMPLETE": "complete_bash", "COMP_WORDS": words, "COMP_CWORD": str(words.count(" "))}
    done = stubbed(env={**os.environ, **environment})
    assert done.stdout.split() == proposals


def test_the_completion_script_is_shown(stubbed):
    done = stubbed("--show-completion", env={**os.environ, "_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": ""})
    assert done.returncode == 0 or "shell" in done.stderr.lower()


@pytest.mark.parametrize(
    "heavy", ["matplotlib", "scipy", "skimage", "pydantic", "phosphene_core.trainer", "rich.progress"]
)
def test_help_imports_nothing_that_it_does_not_need(heavy, imported_by_help):
    assert heavy not in imported_by_help
    assert "numpy" in imported_by_help  # else nothing was measured


@pytest.fixture(scope="module")
def imported_by_help():
    command = [sys.executable, "-X", "importtime", "-m", "phosphene_registry.main", "--help"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return {line.split("|")[-1].strip() for line in done.stderr.splitlines() if line.startswith("import time")}
