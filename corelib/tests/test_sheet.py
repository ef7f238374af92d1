"""Pictures on one sheet."""

import numpy as np

from phosphene_core.lettering import font, wrapped
from phosphene_core.sheet import sheet


def block(height, width, colour):
    return np.full((height, width, 3), colour, np.uint8)


def places(page, colour):
    """The first row and column of a colour."""
    rows, columns = np.nonzero((page == colour).all(axis=2))
    return rows.min(), columns.min(), rows.max() + 1, columns.max() + 1


def test_columns_and_rows_are_as_large_as_their_largest_picture():
    red, green, blue = (200, 0, 0), (0, 200, 0), (0, 0, 200)
    page = sheet([[block(30, 50, red), block(40, 20, green)], [None, block(10, 60, blue)]])
    assert page.shape == (40 + 6 + 10, 50 + 6 + 60, 3)
    assert places(page, red) == (0, 0, 30, 50)
    assert places(page, green) == (0, 56, 40, 76)
    assert places(page, blue) == (46, 56, 56, 116)


def test_titles_take_room_of_their_own_and_long_ones_break():
    cells = [[block(40, 80, 90), block(40, 80, 90)]]
    short = sheet(cells, ["one", ""])
    long = sheet(cells, ["one that is so long that it breaks", ""])
    beside = sheet(cells, ["", ""], ["a row"])
    assert short.shape[1] == long.shape[1] == sheet(cells).shape[1] < beside.shape[1]
    assert sheet(cells).shape[0] == beside.shape[0] < short.shape[0] < long.shape[0]
    assert (short[:-40] < 128).any()


def test_a_sheet_of_nothing_is_no_error():
    assert sheet([]).shape == (1, 1, 3)
    assert sheet([[None]], ["nothing"]).ndim == 3


def test_lines_break_between_words_and_lose_none():
    text = "a large red circle above a small blue square"
    lines = wrapped(text, font(12), 90)
    assert " ".join(lines) == text
    assert all(font(12).getlength(line) <= 90 for line in lines)
    assert wrapped("incomprehensibilities", font(12), 5) == ["incomprehensibilities"]
