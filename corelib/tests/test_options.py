"""Settings: types, bounds, text and JSON."""

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from phosphene_core.errors import SettingError
from phosphene_core.options import build, option, options_of, settings_of, tuned


@attrs.frozen
class Inner:
    depth: int = option(1, "how deep", ge=0)


@attrs.frozen
class Thing:
    """A thing with settings of every kind."""

    count: int = option(3, "how many", ge=1, le=9)
    rate: float = option(0.5, "how fast", gt=0)
    kind: str = option("soft", "what kind", choices=("soft", "hard"))
    sizes: tuple[int, ...] = option((5, 3), "sizes")
    limit: float | None = option(None, "an end")
    loud: bool = option(False, "whether loud")
    pair: tuple[float, float] = option((1.0, 2.0), "two numbers")
    inner: Inner | None = option(None, "another thing")


def test_options_are_read_off_the_class():
    by_name = {o.name: o for o in options_of(Thing)}
    assert by_name["count"].bounds == {"ge": 1, "le": 9}
    assert by_name["kind"].choices == ("soft", "hard")
    assert by_name["limit"].type_words == "float or none"
    assert by_name["sizes"].type_words == "ints"
    assert all(o.help for o in by_name.values())


@attrs.frozen
class Other(Thing):
    count: int = tuned(Thing, "count", 5)


def test_a_tuned_option_is_the_parents_with_another_default():
    ours, parents = ({o.name: o for o in options_of(cls)}["count"] for cls in (Other, Thing))
    assert ours == attrs.evolve(parents, default=5)
    assert Other().count == 5
    with pytest.raises(SettingError, match="at most 9"):
        Other(count=10)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"count": 0}, "count must be at least 1, not 0"),
        ({"count": 10}, "at most 9"),
        ({"count": "three"}, "count must be int, not 'three'"),
        ({"count": 2.5}, "count must be int"),
        ({"count": 1 << 63}, "count is too large"),
        ({"sizes": "9999999999999999999"}, "sizes.* is too large"),
        ({"count": "x" * 1000}, r"count must be int, not 'x{79}$"),
        ({"count": True}, "count must be int"),
        ({"rate": 0}, "above 0"),
        ({"rate": float("nan")}, "must be a number, not nan"),
        ({"kind": "sof"}, "did you mean 'soft'"),
        ({"pair": (1.0, 2.0, 3.0)}, "must hold 2 values"),
        ({"loud": "perhaps"}, "yes or no"),
        ({"cuont": 3}, "did you mean 'count'"),
        ({"inner": 5}, "inner must be"),
    ],
)
def test_a_wrong_setting_is_told_in_one_line(values, message):
    with pytest.raises(SettingError, match=message) as error:
        build(Thing, values)
    assert "\n" not in str(error.value)


def test_the_constructor_is_as_strict_as_the_command_line():
    with pytest.raises(SettingError, match="count"):
        Thing(count="3")
    with pytest.raises(SettingError, match="kind"):
        Thing(kind="loud")


def test_text_becomes_values():
    thing = build(Thing, {"count": "4", "rate": "0.25", "sizes": "7, 5,3", "limit": "none", "loud": "yes", "pair": "2"})
    assert thing == Thing(count=4, rate=0.25, sizes=(7, 5, 3), limit=None, loud=True, pair=(2.0, 2.0))


@given(
    st.builds(
        Thing,
        count=st.integers(1, 9),
        rate=st.floats(1e-6, 1e6),
        sizes=st.lists(st.integers(0, 99)).map(tuple),
        limit=st.none() | st.floats(-5, 5),
        loud=st.booleans(),
    )
)
def test_settings_survive_json(thing):
    assert build(Thing, {k: v for k, v in settings_of(thing).items() if k != "inner"}) == thing


def test_a_registered_kind_is_resolved():
    made = build(Thing, {"inner": "inner:depth=2"}, resolve=lambda kind, text: kind(int(text[-1])))
    assert made.inner == Inner(2)
    assert settings_of(made)["inner"] == {"class": "Inner", "depth": 2}


@attrs.frozen
class Demanding:
    first: int = option(help="how many")
    second: str = option(help="of what")


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({}, r"^demanding wants the settings 'first' \(how many\) and 'second' \(of what\)$"),
        ({"first": 1}, r"^demanding wants the setting 'second' \(of what\)$"),
    ],
    ids=["two", "one"],
)
def test_all_that_is_missing_is_told_at_once(values, message):
    with pytest.raises(SettingError, match=message):
        build(Demanding, values)
