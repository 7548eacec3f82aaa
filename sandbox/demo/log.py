"""What the demo says: one line per event, after the name of the process that said it."""

import os
import sys
from typing import TextIO

COLOURS = (36, 33, 32, 35, 34, 96, 93, 92, 95)  # ANSI foregrounds, in the order in which names first appear
WIDTH = 9


class Log:
    """Writes prefixed lines to a stream, in colour when a person watches and NO_COLOR is unset.

    A reader who goes away (`make demo | head`) closes the stream: `closed` turns true and later lines are dropped.
    """

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stdout
        self._coloured = self._stream.isatty() and "NO_COLOR" not in os.environ
        self._colours: dict[str, int] = {}
        self.closed = False

    def line(self, name: str, text: str) -> None:
        """Write one line of the named process."""
        prefix = f"{name:<{WIDTH}} |"
        if self._coloured:
            colour = self._colours.setdefault(name, COLOURS[len(self._colours) % len(COLOURS)])
            prefix = f"\x1b[{colour}m{prefix}\x1b[0m"
        self.say(f"{prefix} {text}")

    def say(self, text: str) -> None:
        """Write a line of the demo's own."""
        if self.closed:
            return
        try:
            self._stream.write(text + "\n")
            self._stream.flush()
        except (BrokenPipeError, ValueError):
            self.closed = True
