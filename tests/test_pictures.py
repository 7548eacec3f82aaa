"""The pictures of the documents: small, used, and made by the script that says so."""

import re
import struct
import zlib
from pathlib import Path

import pytest

from e2e.palette import MAGIC, compress

ROOT = Path(__file__).resolve().parents[1]
PICTURES = sorted((ROOT / "docs" / "pictures").glob("*.png"))
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
MOST_BYTES = 120_000


def png(width: int, height: int, pixels: bytes, kind: int = 2) -> bytes:
    """Return a picture of raw pixels, its lines unfiltered."""
    size = width * (3 if kind == 2 else 4)
    lines = b"".join(b"\0" + pixels[row * size : (row + 1) * size] for row in range(height))
    parts = [(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, kind, 0, 0, 0)), (b"IDAT", zlib.compress(lines))]
    return MAGIC + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in [*parts, (b"IEND", b"")]
    )


def colours(picture: bytes) -> list[bytes]:
    """Return the colour of every pixel of a picture that `compress` made."""
    chunks, at = {}, len(MAGIC)
    while at < len(picture):
        (length,) = struct.unpack_from(">I", picture, at)
        chunks[picture[at + 4 : at + 8]] = picture[at + 8 : at + 8 + length]
        at += 12 + length
    width, height = struct.unpack_from(">II", chunks[b"IHDR"])
    palette, lines = chunks[b"PLTE"], zlib.decompress(chunks[b"IDAT"])
    indexes = b"".join(lines[row * (width + 1) + 1 : (row + 1) * (width + 1)] for row in range(height))
    return [palette[3 * index : 3 * index + 3] for index in indexes]


@pytest.mark.parametrize("picture", PICTURES, ids=lambda path: path.stem)
def test_a_picture_is_small_and_has_a_palette(picture: Path) -> None:
    data = picture.read_bytes()

    assert len(data) < MOST_BYTES
    assert data[25] == 3, "run `make pictures`, which makes them small"


def test_every_picture_is_shown_and_every_one_shown_is_there() -> None:
    shown = {
        (page.parent / found).resolve()
        for page in PAGES
        for found in re.findall(r"!\[[^\]]+\]\(([^)]+\.png)\)", page.read_text())
    }

    assert shown == set(PICTURES)


def test_a_picture_of_few_colours_loses_nothing() -> None:
    pixels = bytes([255, 0, 0, 0, 255, 0, 0, 0, 255, 9, 8, 7])

    assert b"".join(colours(compress(png(2, 2, pixels)))) == pixels


def test_a_picture_of_many_colours_stays_close() -> None:
    pixels = bytes(value for x in range(64) for y in range(64) for value in (4 * x, 4 * y, 128))

    found = colours(compress(png(64, 64, pixels)))

    assert len(set(found)) <= 256
    assert max(abs(a - b) for a, b in zip(b"".join(found), pixels, strict=True)) <= 16


def test_what_is_transparent_stands_on_white() -> None:
    assert colours(compress(png(1, 1, bytes([0, 0, 0, 0]), kind=6))) == [b"\xff\xff\xff"]
