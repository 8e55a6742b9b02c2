"""Installs one lock file and the `huifu` command into its own environment: `python -m tools.install LOCK`.

Only the standard library may be imported here, since nothing else is installed yet.
"""

from __future__ import annotations

import hashlib
import importlib.util
import subprocess
import sys
import sysconfig
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent

# The two first lines are shell and Python at once: a `#!` line cannot hold a long path or one with spaces.
LAUNCHER = """\
#!/bin/sh
'''exec' "{python}" "$0" "$@"
' '''
from app.cli import main

if __name__ == "__main__":  # `huifu city` starts processes that read this file again
    main(prog_name="huifu")
"""


def stamp_of(lock: Path) -> str:
    """Changes when the lock, the Python or the place of the checkout changes."""
    parts = (lock.read_bytes(), Path(__file__).read_bytes(), sys.version.encode(), str(CHECKOUT).encode())
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def install_packages(lock: Path) -> None:
    """Raises `CalledProcessError` when pip cannot get a package or its hash is not the locked one."""
    if importlib.util.find_spec("pip") is None:
        subprocess.run([sys.executable, "-m", "ensurepip"], check=True, stdout=subprocess.DEVNULL)
    pip = [sys.executable, "-m", "pip", "install", "-qq", "--no-input", "--disable-pip-version-check"]
    subprocess.run([*pip, "--require-hashes", "-r", str(lock)], check=True, stdin=subprocess.DEVNULL)


def link_project() -> None:
    """Puts the checkout on the environment's path and writes the `huifu` command.

    The same as an editable install, without a build: that needs setuptools, which 3.12 no longer brings.
    """
    Path(sysconfig.get_path("purelib"), "huifu.pth").write_text(f"{CHECKOUT}\n", encoding="utf-8")
    launcher = Path(sysconfig.get_path("scripts"), "huifu")
    launcher.write_text(LAUNCHER.format(python=sys.executable), encoding="utf-8")
    launcher.chmod(0o755)


def main(lock_name: str) -> None:
    """Does nothing when this lock was installed before and has not changed."""
    lock = CHECKOUT / lock_name
    stamp = Path(sys.prefix, f".installed-{lock.name}")
    wanted = stamp_of(lock)
    if stamp.is_file() and stamp.read_text(encoding="utf-8") == wanted:
        return
    print(f"Installing the packages of {lock.name}, about a minute.", flush=True)
    try:
        install_packages(lock)
    except subprocess.CalledProcessError as error:
        sys.exit(f"{lock.name} could not be installed; pip's lines above tell why ({error.returncode}).")
    link_project()
    stamp.write_text(wanted, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
