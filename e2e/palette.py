"""Making a PNG small: 256 colours, chosen by median cut, and one byte for each pixel. Only the standard library.

Reads what browsers and typst write: eight bits a channel, with or without alpha, not interlaced (PNG, third edition).
"""

from __future__ import annotations

import struct
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence

Colour = tuple[int, int, int]
MAGIC = b"\x89PNG\r\n\x1a\n"
CHANNELS = {2: 3, 6: 4}  # bytes in a pixel, by colour type
COLOURS = 256


def compress(png: bytes) -> bytes:
    """Return the same picture with at most 256 colours; what was transparent stands on white."""
    width, height, pixels = _read(png)
    boxes = _cut(Counter(pixels))
    palette = [_mean(box) for box in boxes]
    index = {colour: number for number, box in enumerate(boxes) for colour, _ in box}
    lines = [pixels[row * width : (row + 1) * width] for row in range(height)]
    # No filter before any line: with a palette a neighbour's number tells nothing.
    data = b"".join(b"\0" + bytes(index[pixel] for pixel in line) for line in lines)
    return MAGIC + b"".join(
        _chunk(kind, content)
        for kind, content in (
            (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)),
            (b"PLTE", b"".join(bytes(colour) for colour in palette)),
            (b"IDAT", zlib.compress(data, 9)),
            (b"IEND", b""),
        )
    )


def _read(png: bytes) -> tuple[int, int, list[Colour]]:
    parts = list(_chunks(png))
    width, height, depth, kind, _, _, interlaced = struct.unpack(">IIBBBBB", dict(parts)[b"IHDR"])
    assert (depth, interlaced) == (8, 0), "browsers and typst write neither 16 bits nor interlaced pictures"
    size = CHANNELS[kind]
    raw = zlib.decompress(b"".join(data for name, data in parts if name == b"IDAT"))
    stride = width * size
    before = bytearray(stride)
    pixels: list[Colour] = []
    for start in range(0, height * (stride + 1), stride + 1):
        before = _unfiltered(raw[start], bytearray(raw[start + 1 : start + 1 + stride]), before, size)
        pixels += _on_white(before, size)
    return width, height, pixels


def _chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = len(MAGIC)
    while at < len(png):
        (length,) = struct.unpack_from(">I", png, at)
        yield png[at + 4 : at + 8], png[at + 8 : at + 8 + length]
        at += 12 + length


def _unfiltered(kind: int, line: bytearray, above: bytearray, size: int) -> bytearray:
    """Undo a line's filter: none, sub, up, average or Paeth (PNG, section 9)."""
    for at in range(len(line) if kind else 0):
        left = line[at - size] if at >= size else 0
        up = above[at]
        if kind == 1:
            guess = left
        elif kind == 2:
            guess = up
        elif kind == 3:
            guess = (left + up) // 2
        else:
            guess = _paeth(left, up, above[at - size] if at >= size else 0)
        line[at] = (line[at] + guess) & 255
    return line


def _paeth(left: int, up: int, corner: int) -> int:
    whole = left + up - corner
    to_left, to_up, to_corner = abs(whole - left), abs(whole - up), abs(whole - corner)
    if to_left <= to_up and to_left <= to_corner:
        return left
    return up if to_up <= to_corner else corner


def _on_white(line: bytearray, size: int) -> list[Colour]:
    if size == 3:
        return list(zip(line[0::3], line[1::3], line[2::3], strict=True))
    pixels = zip(line[0::4], line[1::4], line[2::4], line[3::4], strict=True)
    return [
        (red, green, blue) if alpha == 255 else (_over(red, alpha), _over(green, alpha), _over(blue, alpha))
        for red, green, blue, alpha in pixels
    ]


def _over(value: int, alpha: int) -> int:
    return (value * alpha + 255 * (255 - alpha)) // 255


Box = Sequence[tuple[Colour, int]]


def _cut(counted: Counter[Colour]) -> list[Box]:
    """Cut the colours into boxes of like ones: always the box with the most pixels times its longest side."""
    boxes: list[Box] = [list(counted.items())]
    weights = [_weight(boxes[0])]
    while len(boxes) < COLOURS and max(weights) > 0:
        worst = weights.index(max(weights))
        weights.pop(worst)
        for half in _halves(boxes.pop(worst)):
            boxes.append(half)
            weights.append(_weight(half))
    return boxes


def _sides(box: Box) -> list[int]:
    return [max(c[n] for c, _ in box) - min(c[n] for c, _ in box) for n in range(3)]


def _weight(box: Box) -> float:
    return max(_sides(box)) * sum(count for _, count in box) ** 0.5


def _halves(box: Box) -> tuple[Box, Box]:
    sides = _sides(box)
    side = sides.index(max(sides))
    ordered = sorted(box, key=lambda one: one[0][side])
    half, seen = sum(count for _, count in ordered) / 2, 0
    for at, (_, count) in enumerate(ordered[:-1], start=1):
        seen += count
        if seen >= half:
            return ordered[:at], ordered[at:]
    return ordered[:-1], ordered[-1:]


def _mean(box: Box) -> Colour:
    count = sum(number for _, number in box)
    red, green, blue = (round(sum(colour[n] * number for colour, number in box) / count) for n in range(3))
    return red, green, blue


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
