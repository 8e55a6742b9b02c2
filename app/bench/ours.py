"""`application`: the service as it is, with its statements counted. Settings come from the environment, as always."""

from __future__ import annotations

import os

from app import create_app
from app.bench.counter import Counter
from app.config import load_settings
from app.flows.reading import remembered
from app.worker.embedded import start_embedded

settings = load_settings()
application = create_app(settings)
service = application.extensions["huifu"]
counter = Counter()
counter.watch(service.database.engine)
counter.show_in(application)
if os.environ.get("BENCH_NEW_WORDS"):
    remembered.LONGEST = 0
if os.environ.get("BENCH_WITH_WORKER"):
    worker = start_embedded(service, settings, carry=None)
