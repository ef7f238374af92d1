"""An environment over the one that runs the tests: what a page installs is gone with its folder."""

import sysconfig
import venv
from pathlib import Path

PIP = """#!/bin/bash
# pip, with nothing fetched: what builds and what is declared is there already
command=$1; shift
[ "$command" = install ] && set -- --quiet --no-build-isolation --no-deps "$@"
exec {python} -m pip --disable-pip-version-check "$command" "$@"
"""


def overlay(folder: Path) -> Path:
    """Make it; its folder of commands comes back."""
    venv.create(folder, with_pip=False, symlinks=True)
    packages = next((folder / "lib").glob("python*")) / "site-packages"
    (packages / "below.pth").write_text(f"import site; site.addsitedir({sysconfig.get_paths()['purelib']!r})\n")
    commands = folder / "bin"
    scripts = {
        "pip": PIP.format(python=commands / "python"),
        "phosphene": f"#!/bin/bash\nexec {commands / 'python'} -m phosphene_registry.main \"$@\"\n",
        "pytest": f"#!/bin/bash\nexec {commands / 'python'} -m pytest -q -p no:cacheprovider --rootdir . \"$@\"\n",
    }
    for name, text in scripts.items():
        (commands / name).write_text(text)
        (commands / name).chmod(0o755)
    return commands
