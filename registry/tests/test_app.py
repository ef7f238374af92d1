"""The command line is built from a registry; commands of plugins join it, and one that fails costs only itself."""

import pytest

from phosphene_core import hookimpl
from phosphene_core.testing.tiny import Mix
from phosphene_registry import Registry, State
from phosphene_registry.process import run


class Commands:
    """A plugin with this `register_commands`."""

    def __init__(self, name, register):
        self.name, self.register = name, register

    @hookimpl
    def register_commands(self, app, registry):
        self.register(app, registry)


def says(name, words):
    def register(app, registry):
        @app.command(name)
        def command():
            """Say something."""
            print(words)

    return register


def called(capsys, plugins, *arguments):
    code = run(arguments, Registry(plugins, discover=False))
    out, err = capsys.readouterr()
    return code, out, err


def test_a_plugin_adds_a_command(capsys):
    assert called(capsys, [Commands("a", says("greet", "hello"))], "greet") == (0, "hello\n", "")


@pytest.mark.parametrize("name", ["train greeter", "new greeter"])
def test_a_name_of_two_words_goes_into_a_group(capsys, name):
    assert called(capsys, [Commands("a", says(name, "hello"))], *name.split()) == (0, "hello\n", "")


def test_it_is_given_the_registry_that_the_commands_are_built_from(capsys, stub):
    def register(app, registry):
        @app.command("count")
        def count():
            print(len(registry.entries("technique")))

    assert called(capsys, [stub, Commands("a", register)], "count")[1] == "3\n"


def test_one_that_fails_half_way_has_no_commands_and_the_rest_work(capsys):
    def fails(app, registry):
        says("half", "half")(app, registry)
        raise RuntimeError("half way")

    plugins = [Commands("bad", fails), Commands("good", says("greet", "hello"))]
    code, out, err = called(capsys, plugins, "greet")
    assert (code, out) == (0, "hello\n")
    assert err == "phosphene: the plugin bad is broken: register_commands failed: RuntimeError: half way\n"
    assert called(capsys, plugins, "half")[0] == 2


@pytest.mark.parametrize(("name", "owner"), [("layers", "phosphene"), ("greet", "first"), ("train", "phosphene")])
def test_a_command_that_is_there_is_not_replaced(capsys, name, owner):
    registry = Registry([Commands("first", says("greet", "1")), Commands("second", says(name, "2"))], discover=False)
    assert run(["greet"], registry) == 0
    assert capsys.readouterr().out == "1\n"
    assert registry.plugin("second").state == State.BROKEN
    assert f"the command '{name}' belongs to {owner} already" in registry.plugin("second").reason


def test_training_of_its_own_kind_may_name_its_models_late(capsys, stub):
    asked = []

    def register(app, registry):
        app.add_training("late", lambda: asked.append(1) or stub.StubModel, optimizer="stub_descent")

    plugins = [stub, Commands("a", register)]
    assert called(capsys, plugins, "layers")[0] == 0
    assert not asked
    code, out, _ = called(capsys, plugins, "train", "late", "--help")
    assert code == 0
    assert "--gain" in out


def test_a_defect_is_told_without_a_traceback_and_with_one_on_demand(capsys):
    def register(app, registry):
        @app.command("crash")
        def crash():
            raise KeyError("oops")

    code, _, err = called(capsys, [Commands("a", register)], "crash")
    assert (code, err.count("\n")) == (1, 1)
    assert err.startswith("phosphene: a defect, please report it: KeyError: 'oops'")
    assert "Traceback" in called(capsys, [Commands("a", register)], "crash", "--debug")[2]


def test_names_of_a_plugin_whose_commands_fail_are_taken_back(capsys):
    class Mixed:
        @hookimpl
        def register_layers(self, register):
            register("mix", Mix)

        @hookimpl
        def register_commands(self, app, registry):
            assert list(registry.entries("layer")) == ["mix"]
            raise RuntimeError("no commands")

    registry = Registry([Mixed()], discover=False)
    assert run(["layers", "--json"], registry) == 0
    assert capsys.readouterr().out == "[]\n"
