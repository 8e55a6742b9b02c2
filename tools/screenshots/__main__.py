"""All pictures, or those that are named. They need a browser; nothing else is to be prepared."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.servers.chromium import chromium
from tools.screenshots import console, phone

IMAGES = Path(__file__).resolve().parents[2] / "docs" / "images"
MAKERS = {"phone": phone.make, "console": console.make}


def main() -> None:
    wanted = sys.argv[1:] or list(MAKERS)
    if unknown := set(wanted) - set(MAKERS):
        sys.exit(f"no such pictures: {', '.join(sorted(unknown))}; there are {', '.join(MAKERS)}")
    IMAGES.mkdir(parents=True, exist_ok=True)
    with chromium() as browser:
        for name in wanted:
            MAKERS[name](browser, IMAGES)


if __name__ == "__main__":
    main()
