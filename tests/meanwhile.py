"""Letting something happen at a moment that a test chooses: just before, or just after, a provider does its work."""

from collections.abc import Callable
from typing import Any


def meanwhile(fake: object, verb: str, happens: Callable[[], object], *, after: bool = False) -> None:
    """Let something happen, once, before the fake is asked; with `after`, when it has answered and nobody knows yet."""
    ask = getattr(fake, verb)

    def once(*arguments: Any, **named: Any) -> Any:
        setattr(fake, verb, ask)
        if after:
            answer = ask(*arguments, **named)
            happens()
            return answer
        happens()
        return ask(*arguments, **named)

    setattr(fake, verb, once)
