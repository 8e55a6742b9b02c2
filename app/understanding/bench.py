"""What the reader costs a process: seconds to load, memory that it adds, milliseconds a text."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from typing import Any

_MEASURE = """
import json, resource, sys, time
from datetime import UTC, datetime
texts = json.load(sys.stdin)
def memory():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS")) / 1024
before, began = memory(), time.perf_counter()
from app.flows.reading import Hearing, read
now = datetime(2026, 3, 2, 10, tzinfo=UTC)
read("我这个月的账单怎么还没出来呀", Hearing(now=now))
read("when will i get my bill this month", Hearing(now=now, language="en"))
loaded, after = time.perf_counter() - began, memory()
taken = []
for text in texts:
    began = time.perf_counter()
    read(text, Hearing(now=now))
    taken.append((time.perf_counter() - began) * 1000)
taken.sort()
print(json.dumps({
    "load_s": round(loaded, 3), "added_mb": round(after - before, 1), "texts": len(taken),
    "median_ms": round(taken[len(taken) // 2], 3), "p99_ms": round(taken[int(len(taken) * 0.99)], 3),
    "slowest_ms": round(taken[-1], 3),
}))
"""


def bench(texts: Sequence[str]) -> dict[str, Any]:
    """Measured in a fresh process with one thread: `load_s`, `added_mb` (import and first text of each script),
    `median_ms`, `p99_ms` and `slowest_ms` of the whole `read` over `texts`. Memory is told on Linux only."""
    done = subprocess.run(
        [sys.executable, "-c", _MEASURE],
        input=json.dumps(list(texts)),
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found
