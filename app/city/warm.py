"""Imported once by the server that all processes of a city are forked from: it loads what each of them needs.

It starts no thread: none would survive the fork.
"""

from __future__ import annotations

import gc
from contextlib import suppress
from datetime import UTC, datetime

import granian.server.mp  # noqa: F401

import app.cli
import app.web.faces
import app.wiring
from app.flows.reading import read
from app.flows.reading.meaning import Hearing

with suppress(ModuleNotFoundError):  # without the extra `scale` no process of that kind is started
    import app.worker.crew
    import app.worker.shared_wakes  # noqa: F401

read("我想问一下还有多少额度可以用", Hearing(datetime.now(UTC)))
gc.freeze()  # a collection would touch, and so copy, every page that is shared
