"""Compiled modules that may be missing, and the numpy twins in their place."""

import sys
import types

import pytest

from phosphene_core.kernels import Kernels


@pytest.fixture
def compiled(monkeypatch):
    module = types.ModuleType("compiled_for_a_test")
    module.instruction_set = lambda: "v3"
    monkeypatch.setitem(sys.modules, module.__name__, module)
    return module


def test_the_compiled_module_does_the_work_where_there_is_one(compiled):
    kernels = Kernels("compiled_for_a_test")
    assert kernels() is compiled
    assert kernels.description() == "compiled kernels (AVX2)"


def test_twins_do_the_work_where_nothing_was_compiled():
    kernels = Kernels("no_such_module_of_kernels", slower="many times")
    assert kernels() is None
    assert "many times slower" in kernels.description()


def test_a_block_on_twins_ends_with_the_block_even_if_it_fails(compiled):
    kernels, others = Kernels("compiled_for_a_test"), Kernels("compiled_for_a_test")
    with pytest.raises(ValueError, match="in the block"), kernels.use_twins():
        assert kernels() is None
        assert others() is compiled  # one plugin's choice is no other's
        raise ValueError("in the block")
    assert kernels() is compiled
