"""Sees to it that the tests of `deploy/systemd` find `systemd-analyze`: `python -m tools.systemd`."""

from __future__ import annotations

import shutil

from tools import debian


def main() -> None:
    if shutil.which("systemd-analyze") is None and not debian.install("systemd"):
        print("No systemd-analyze: the tests of deploy/systemd will fail. Install systemd, on Linux.")


if __name__ == "__main__":
    main()
