"""One number of threads: from the setting, the cores, or the control group's limit; and BLAS obeys it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from threadpoolctl import threadpool_info

from phosphene_core.threads import available_cores, cgroup_limit, threads, use_threads


def group(folder: Path, **files: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name.replace("__", ".")).write_text(text + "\n")


def limit(tmp_path: Path, *lines: str) -> int:
    (tmp_path / "membership").write_text("\n".join(lines))
    return cgroup_limit(tmp_path / "fs", tmp_path / "membership")


def test_no_limit_and_no_control_groups(tmp_path: Path) -> None:
    assert cgroup_limit(tmp_path, tmp_path / "nothing") == 1024
    group(tmp_path / "fs", cpu__max="max 100000")
    assert limit(tmp_path, "0::/") == 1024


def test_version_2_the_least_of_the_groups_around_counts(tmp_path: Path) -> None:
    group(tmp_path / "fs/a", cpu__max="250000 100000")
    group(tmp_path / "fs/a/b", cpu__max="max 100000")
    assert limit(tmp_path, "0::/a/b") == 3
    group(tmp_path / "fs/a/b", cpu__max="50000 100000")
    assert limit(tmp_path, "0::/a/b") == 1


def test_version_1(tmp_path: Path) -> None:
    group(tmp_path / "fs/cpu,cpuacct/box", cpu__cfs_quota_us="400000", cpu__cfs_period_us="100000")
    assert limit(tmp_path, "4:memory:/box", "2:cpu,cpuacct:/box") == 4
    group(tmp_path / "fs/cpu,cpuacct/box", cpu__cfs_quota_us="-1")
    assert limit(tmp_path, "2:cpu,cpuacct:/box") == 1024


def test_version_1_inside_a_container_that_sees_only_its_own_group(tmp_path: Path) -> None:
    group(tmp_path / "fs/cpu", cpu__cfs_quota_us="200000", cpu__cfs_period_us="100000")
    assert limit(tmp_path, "2:cpu:/docker/0123") == 2


def test_the_number_is_at_least_one_and_no_more_than_the_affinity() -> None:
    assert 1 <= available_cores() <= (os.cpu_count() or 1)


def blas() -> set[int]:
    return {library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"}


def test_a_block_has_its_own_number_in_blas_too() -> None:
    before = threads(), blas()
    with use_threads(1):
        assert threads() == 1
        assert blas() <= {1}
    assert (threads(), blas()) == before


SHOW = """
import numpy
from threadpoolctl import threadpool_info
from phosphene_core.threads import threads
print(threads(), *{i["num_threads"] for i in threadpool_info() if i["user_api"] == "blas"})
"""


@pytest.mark.parametrize("count", ["1", "3"])
def test_the_setting_rules_ours_and_blas(count: str) -> None:
    environment = {**os.environ, "PHOSPHENE_THREADS": count}
    environment.pop("OPENBLAS_NUM_THREADS", None)
    shown = subprocess.run([sys.executable, "-c", SHOW], env=environment, capture_output=True, text=True, check=True)
    assert shown.stdout.split() == [count, count]


def test_what_is_no_number_is_refused() -> None:
    environment = {**os.environ, "PHOSPHENE_THREADS": "many"}
    shown = subprocess.run([sys.executable, "-c", SHOW], env=environment, capture_output=True, text=True)
    assert shown.returncode
    assert "PHOSPHENE_THREADS is 'many'" in shown.stderr
