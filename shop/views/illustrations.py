"""The tins: what a product's picture is drawn from, computed from the product's own facts.

`templates/macros/tin.html` draws; this module only measures. The pattern is a tide line: a wave cut into steps,
so many columns wide, as a tide gauge draws it. Height follows the altitude the tea grew at, length follows the
water it wants, the number of lines is the minutes it draws, and the shift is the place's longitude: no two
products have the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import pi, sin
from typing import Any

WIDTH, HEIGHT = 240, 320  # the drawing's own units; the page decides how large it is
# Each form with the left and right edge of what is drawn: a tin stands flush with the words under it.
FORMS = {
    "caddy": (44, 196),
    "drum": (24, 216),
    "pouch": (32, 208),
    "pot": (-4, 230),
    "bowl": (30, 210),
    "scoop": (56, 184),
    "teapot": (2, 236),
    "cup": (36, 204),
    "whisk": (64, 176),
    "chawan": (26, 214),
    "chest": (56, 184),
    "strainer": (32, 208),
    "sampler": (10, 230),
    "box": (16, 224),
}
PALE_GROUNDS = frozenset({"bone", "celadon"})


@dataclass(frozen=True)
class Wave:
    """A stepped wave. Lengths are in drawing units; `phase` is in turns."""

    amplitude: float
    length: float
    phase: float
    step: float


def contour(wave: Wave, baseline: float, columns: int, width: float = WIDTH) -> str:
    """Return the path of one tide line across `width`: only horizontal and vertical strokes."""
    column = width / columns
    heights = [_height(wave, baseline, column * (index + 0.5)) for index in range(columns)]
    path, run, at = f"M0 {heights[0]:g}", 0.0, heights[0]
    for height in heights:
        if height != at:
            path += f"h{run:g}v{height - at:g}"
            run, at = 0.0, height
        run += column
    return f"{path}h{run:g}"


def _height(wave: Wave, baseline: float, x: float) -> float:
    raw = wave.amplitude * sin(2 * pi * (x / wave.length + wave.phase))
    return round(baseline) + round(raw / wave.step) * wave.step


@dataclass(frozen=True)
class Tin:
    """What the macro draws: a form, a ground colour by role, the words on the label, the lines in two finenesses."""

    form: str
    ground: str
    is_pale: bool
    number: str
    words: tuple[str, ...]
    origin: str
    lines: tuple[str, ...]
    coarse: tuple[str, ...]

    @property
    def view_box(self) -> str:
        """Return the part of the drawing that the form fills, at the same scale and on the same ground for all."""
        left, right = FORMS[self.form]
        return f"{left} 16 {right - left} 286"


def tin(name: str, facts: Mapping[str, Any]) -> Tin:
    """Measure a product's tin. Facts that are missing fall back to a calm sea, so every product has a picture."""
    form = str(facts.get("form", "caddy"))
    ground = str(facts.get("ground", "ink"))
    count = 4 + min(int(facts.get("minutes", 4)), 8)
    wave = _wave(facts, step=4)
    rough = Wave(wave.amplitude * 1.25, wave.length * 1.3, wave.phase, step=10)
    return Tin(
        form=form if form in FORMS else "caddy",
        ground=ground,
        is_pale=ground in PALE_GROUNDS,
        number=str(facts.get("number", "")),
        words=_label_words(name),
        origin=str(facts.get("place", "")),
        lines=_field(wave, spacing=max(9.0, 104 / count), columns=48),
        coarse=_field(rough, spacing=max(24.0, 210 / count), columns=20),
    )


def _wave(facts: Mapping[str, Any], step: float) -> Wave:
    altitude = float(facts.get("altitude", 200))
    water = float(facts.get("water", facts.get("volume", 300)))
    longitude = float(facts.get("longitude", 0))
    return Wave(
        amplitude=4 + min(altitude, 2400) / 160,
        length=96 + (water * 1.7) % 120,
        phase=longitude / 90,
        step=step,
    )


@lru_cache(maxsize=2048)
def _field(wave: Wave, spacing: float, columns: int) -> tuple[str, ...]:
    """Return lines from top to bottom; each one shifts a little, as the water does between two readings."""
    lines = []
    for index in range(int((HEIGHT + 80) / spacing)):
        shifted = Wave(wave.amplitude, wave.length, wave.phase + index * 0.035, wave.step)
        lines.append(contour(shifted, baseline=-40 + index * spacing, columns=columns))
    return tuple(lines)


def _label_words(name: str) -> tuple[str, ...]:
    """Break a name into at most three lines of about nine letters, for the label."""
    lines: list[str] = []
    for word in name.split():
        if lines and len(lines[-1]) + len(word) < 9:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return (*lines[:2], " ".join(lines[2:])) if len(lines) > 3 else tuple(lines)
