"""pytest fixtures for the tests of plugins.

pytest imports this module in every run of an environment that has it: it must import nothing that takes time.
"""

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    import numpy as np

    from phosphene_core.testing import TinyClassifier
    from phosphene_registry import Registry


@pytest.fixture(scope="session")
def registry() -> "Registry":
    """Everything that is installed, as `phosphene plugins` lists it."""
    from phosphene_registry import Registry

    return Registry()


@pytest.fixture(scope="session")
def tiny_model() -> "TinyClassifier":
    """A classifier of five classes for 12x12 pictures, with random weights: activations `conv1`, `conv2`, `scores`."""
    from phosphene_core.testing import tiny_classifier

    return tiny_classifier()


@pytest.fixture
def sample_pictures() -> "np.ndarray[Any, np.dtype[np.uint8]]":
    """Three smooth pictures (3, 12, 12, 3), uint8: what `tiny_model.preprocess` takes."""
    from phosphene_core.testing import tiny_pictures

    return tiny_pictures(3)
