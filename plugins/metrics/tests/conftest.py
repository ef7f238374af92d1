import json
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def expected():
    """What pycocoevalcap says about captions made up for these tests; `make_expected.py` wrote it."""
    return json.loads(Path(__file__).with_name("expected.json").read_text(encoding="utf-8"))
