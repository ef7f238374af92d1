"""Features on the disk, read row by row."""

import h5py
import numpy as np
import pytest

from phosphene_coco.feature_table import FeatureTable
from phosphene_core import FileError


@pytest.mark.parametrize(
    "how", [{}, {"chunks": (4, 3)}, {"chunks": (7, 6), "compression": "gzip"}, {"dtype": ">f4"}, {"dtype": np.float64}]
)
def test_features_are_read_row_by_row_however_they_are_stored(tmp_path, how):
    table = np.random.default_rng(0).standard_normal((30, 6)).astype(np.float32)
    with h5py.File(tmp_path / "f.h5", "w") as file:
        file.create_dataset("features", data=table, **how)
    opened = FeatureTable.open(tmp_path / "f.h5")
    assert len(opened) == 30
    for rows in ([3, 29, 3, 0, 12, 13], list(range(30)), [5], []):
        got = opened.rows(np.array(rows, np.intp))
        assert got.dtype == np.float32
        np.testing.assert_array_equal(got, table[rows])


@pytest.mark.parametrize("how", [{}, {"chunks": (4, 6)}])
def test_a_row_of_features_that_is_no_number_is_named(tmp_path, how):
    table = np.zeros((20, 6), np.float32)
    table[13, 2] = np.nan
    with h5py.File(tmp_path / "f.h5", "w") as file:
        file.create_dataset("features", data=table, **how)
    opened = FeatureTable.open(tmp_path / "f.h5")
    assert not opened.rows(np.array([12, 14])).any()
    with pytest.raises(FileError, match=r"f\.h5: 'features', row 13"):
        opened.rows(np.array([14, 13, 2]))
