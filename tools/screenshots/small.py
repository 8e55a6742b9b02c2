"""Makes a picture of a page small: at most 256 colours, more than one sees in it, and packed as well as can be."""

from __future__ import annotations

import base64
import struct
import zlib
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page

# The browser has just made the picture and can read it: no other library is needed. Colours are taken by how often they
# occur; every other one becomes the nearest of these.
READ = """async source => {
  const bitmap = await createImageBitmap(await (await fetch(source)).blob());
  const { width, height } = bitmap;
  const canvas = new OffscreenCanvas(width, height), pen = canvas.getContext('2d');
  pen.drawImage(bitmap, 0, 0);
  const data = new Uint32Array(pen.getImageData(0, 0, width, height).data.buffer);
  const counts = new Map();
  for (const colour of data) counts.set(colour, (counts.get(colour) || 0) + 1);
  const split = colour => [colour & 255, (colour >> 8) & 255, (colour >> 16) & 255];
  const all = [...counts].sort((one, other) => other[1] - one[1]);
  const kept = [];
  for (const apart of [400, 120, 0]) {
    for (const [colour] of all) {
      if (kept.length >= (apart ? 160 : 256)) break;
      const [red, green, blue] = split(colour);
      const far = kept.every(([r, g, b]) => (r - red) ** 2 + (g - green) ** 2 + (b - blue) ** 2 > apart);
      if (far) kept.push([red, green, blue]);
    }
  }
  const place = new Map();
  for (const colour of counts.keys()) {
    const [red, green, blue] = split(colour);
    let best = 0, least = Infinity;
    kept.forEach(([r, g, b], at) => {
      const off = (r - red) ** 2 + (g - green) ** 2 + (b - blue) ** 2;
      if (off < least) { least = off; best = at; }
    });
    place.set(colour, best);
  }
  const points = Uint8Array.from(data, colour => place.get(colour));
  let text = '';
  for (let at = 0; at < points.length; at += 32768) text += String.fromCharCode(...points.subarray(at, at + 32768));
  return { width, height, colours: kept, points: btoa(text) };
}"""


def make_small(browser: Browser, image: Path) -> None:
    """Writes the PNG file anew, if that makes it smaller."""
    page = browser.new_page()
    try:
        packed = pack(**_read(page, image))
    finally:
        page.close()
    if len(packed) < image.stat().st_size:
        image.write_bytes(packed)


def _read(page: Page, image: Path) -> dict[str, Any]:
    source = "data:image/png;base64," + base64.b64encode(image.read_bytes()).decode()
    read: dict[str, Any] = page.evaluate(READ, source)
    return {**read, "points": base64.b64decode(read["points"])}


def pack(width: int, height: int, colours: list[list[int]], points: bytes) -> bytes:
    """A PNG file with a palette; `points` are places in it, row by row."""
    rows = b"".join(b"\0" + points[at : at + width] for at in range(0, width * height, width))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        (
            _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)),
            _chunk(b"PLTE", bytes(value for colour in colours for value in colour)),
            _chunk(b"IDAT", zlib.compress(rows, 9)),
            _chunk(b"IEND", b""),
        )
    )


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
