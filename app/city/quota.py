"""A disk that is full, for some processes, as any user: a limit on how large their files may grow (RLIMIT_FSIZE).

A write beyond it fails with EFBIG, as one to a full disk fails with ENOSPC. It needs /proc and the program `prlimit`,
which every Linux has.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

PROC = Path("/proc")


def possible() -> bool:
    return PROC.is_dir() and shutil.which("prlimit") is not None


def limit(processes: Iterable[int], most: int | None, user: str | None = None) -> None:
    """From here on no file of theirs grows beyond `most` bytes; None lifts it. `user`: whose processes they are, when
    not ours."""
    soft = "unlimited" if most is None else str(most)
    for process in processes:
        # One that has ended meanwhile needs no limit.
        words = ["prlimit", "--pid", str(process), f"--fsize={soft}:"]
        subprocess.run(words, user=user, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)


def children(process: int) -> list[int]:
    """A process and those that it started itself, as of now."""
    return [process, *(number for number, fields in _all() if int(fields[1]) == process)]


def group(leader: int) -> list[int]:
    """All processes of a group, as of now."""
    return [number for number, fields in _all() if int(fields[2]) == leader]


def _all() -> Iterable[tuple[int, list[str]]]:
    for entry in PROC.iterdir():
        if entry.name.isdigit():
            with suppress(OSError):
                # The name of the program stands in parentheses and may hold anything.
                stat = (entry / "stat").read_text(errors="replace").rpartition(")")[2].split()
                yield int(entry.name), stat
