"""A stranger's distribution beside ours, as pip leaves it on the path, in a process of its own."""

import json

import pytest

BROKEN_PLUGIN = "raise RuntimeError('I was not written for this')\n"
PLUGIN = '''
import attrs
import numpy as np
from phosphene_core import Attribution, Layer, Optimizer, Result, hookimpl, option
from phosphene_core.objective import image_gradient

@attrs.frozen
class Swish(Layer):
    """x times its sigmoid. {note}"""
    beta: float = option(1.0, "steepness", gt=0)

    def init(self, rng, shape):
        return {{}}, shape

    def forward(self, params, x, run):
        s = 1 / (1 + np.exp(-self.beta * x))
        return x * s, lambda dy: (dy * (s + {slope} * self.beta * x * s * (1 - s)), {{}})

@attrs.frozen
class Steepest(Optimizer):
    """Steps by the gradient."""
    learning_rate: float = option(0.1, "step size", gt=0)
    def start(self, params): return {{}}
    def update(self, params, grads, state, scale=1.0):
        for name, g in grads.items():
            params[name] -= scale * self.learning_rate * g

@attrs.frozen
class Roughness(Attribution):
    """The gradient to a power."""
    power: float = option(1.0, "the power that the gradient is raised to", gt=0)
    def attribute(self, model, images, objective, rng):
        gradient, values = image_gradient(model, images, objective)
        return Result(np.abs(gradient).max(axis=1) ** self.power, values)

@hookimpl
def register_layers(register): register("strange_swish", Swish)
@hookimpl
def register_optimizers(register): register("strange_steepest", Steepest)
@hookimpl
def register_techniques(register): register("strange_roughness", Roughness)
'''


@pytest.fixture
def site(tmp_path):
    """A folder with distributions: `site("strange-good", source)`."""
    folder = tmp_path / "site"

    def install(distribution, source):
        name = distribution.replace("-", "_")
        info = folder / f"{name}-2.0.dist-info"
        info.mkdir(parents=True)
        (folder / f"{name}.py").write_text(source)
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 2.0\n")
        (info / "entry_points.txt").write_text(f"[phosphene.plugins]\n{name} = {name}\n")
        return folder

    return install


def test_it_appears_with_its_options_and_a_broken_one_breaks_only_itself(installed, site, tmp_path):
    site("strange-good", PLUGIN.format(note="", slope=1))
    path = site("strange-bad", BROKEN_PLUGIN)
    plugins = {p["name"]: p for p in json.loads(installed("plugins", "--json", path=path).stdout)}
    assert (plugins["strange_good"]["version"], plugins["strange_good"]["state"]) == ("2.0", "ok")
    assert plugins["strange_bad"]["state"] == "broken"
    assert plugins["strange_bad"]["reason"] == "cannot be imported: RuntimeError: I was not written for this"
    help = installed("run", "strange_roughness", "--help", path=path)
    assert "--power" in help.stdout
    assert "The power that the gradient is raised to" in " ".join(help.stdout.split()).replace("│ │ ", "")
    assert installed("--help", path=path).returncode == 0


def test_check_passes_a_right_plugin_and_fails_a_wrong_one_in_words(installed, site):
    path = site("strange-good", PLUGIN.format(note="", slope=1))
    done = installed("check", "strange_good", path=path)
    assert done.returncode == 0, done.stdout
    path = site("strange-wrong", PLUGIN.format(note="", slope=2).replace("strange_", "wrong_"))
    done = installed("check", "strange_wrong", path=path)
    assert done.returncode == 1
    assert "gradient of input 0, by central differences, differs by" in done.stdout
    assert "1 of 3 checks failed" in done.stderr


def test_disabling_from_outside(installed, site):
    path = site("strange-good", PLUGIN.format(note="", slope=1))
    for options, environment in ((["-p", "no:strange_good"], {}), ([], {"PHOSPHENE_DISABLE": "strange_good"})):
        found = json.loads(installed(*options, "optimizers", "--json", path=path, **environment).stdout)
        assert "strange_steepest" not in [o["name"] for o in found]


def test_a_module_that_is_not_installed(installed, tmp_path):
    (tmp_path / "my_plugin.py").write_text(PLUGIN.format(note="", slope=1))
    done = installed("layers", "strange_swish", "-p", "my_plugin")
    assert "x times its sigmoid." in done.stdout
    done = installed("layers", "-p", "my_plugn")
    assert "phosphene: the plugin my_plugn cannot be imported" in done.stderr
