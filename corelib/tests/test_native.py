"""What plugins with kernels build into them is where the build is told it is."""

import subprocess
import sys
from pathlib import Path


def test_the_folder_that_is_printed_holds_the_pool() -> None:
    told = subprocess.run([sys.executable, "-m", "phosphene_core.native"], capture_output=True, text=True, check=True)
    folder = Path(told.stdout.strip())
    assert (folder / "workers.h").is_file()
    assert "run_tasks" in (folder / "workers.c").read_text()
