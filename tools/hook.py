"""Installs the git hook that formats on commit: `python -m tools.hook`. Not in CI, not outside git."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path


def hook_file() -> Path | None:
    """Where git looks for this checkout's hook; None outside a git checkout or without git."""
    command = ["git", "rev-parse", "--git-path", "hooks/pre-commit"]
    try:
        answer = subprocess.run(command, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return Path(answer.stdout.strip())


def main() -> None:
    if os.environ.get("CI"):
        return
    hook = hook_file()
    if hook is None or (hook.is_file() and b"pre-commit" in hook.read_bytes()):
        return
    command = [sys.executable, "-m", "pre_commit", "install"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode == 0:
        print("Installed a git hook that formats and checks Python files on commit.")
    else:
        print(f"No git hook was installed: {done.stdout.strip()}")


if __name__ == "__main__":
    main()
