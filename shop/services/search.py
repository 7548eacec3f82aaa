"""Search that forgives: other spellings of an umlaut, a letter too many or too few, a word only begun."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from rapidfuzz.distance import OSA

# How much a hit in a part of a product is worth.
NAME, KIND, TASTE, REST = 8.0, 4.0, 3.0, 2.0
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "æ": "ae", "ø": "oe", "œ": "oe"})
_WORD = re.compile(r"[^\W_]+")
MOST_WORDS = 8  # of a query: more say nothing more and only cost

Index = Mapping[str, float]  # a word as it is compared, and what a hit on it is worth


@lru_cache(maxsize=8192)
def spellings(word: str) -> frozenset[str]:
    """Return how a word is compared: without accents ("grun"), and as German writes umlauts without them ("gruen")."""
    lower = unicodedata.normalize("NFC", word).lower()
    return frozenset(_bare(form) for form in (lower.translate(_UMLAUTS), lower.replace("ß", "ss")))


def _bare(word: str) -> str:
    return "".join(char for char in unicodedata.normalize("NFKD", word) if not unicodedata.combining(char))


def words(text: str) -> list[str]:
    """Return the words of a text as they stand."""
    return _WORD.findall(unicodedata.normalize("NFC", text))


def index(parts: Iterable[tuple[str, float]]) -> Index:
    """Return what is compared of texts that are worth so much each; a word counts where it is worth most."""
    found: dict[str, float] = {}
    for text, worth in parts:
        for word in words(text):
            for spelling in spellings(word):
                found[spelling] = max(found.get(spelling, 0.0), worth)
    return found


def score(query: Sequence[str], of: Index, *, every: bool = True) -> float:
    """Return how well the words of a query are met: 0 where one is not (or, without `every`, where none is)."""
    hits = [max((_hit(form, of) for form in spellings(word)), default=0.0) for word in query[:MOST_WORDS]]
    if not hits or (every and not all(hits)):
        return 0.0
    return sum(hits)


def _hit(word: str, of: Index) -> float:
    return max((worth * _likeness(word, other) for other, worth in of.items()), default=0.0)


def _likeness(word: str, other: str) -> float:
    """Return 1 for the same word, less for one that begins so or is mistyped, 0 for another word."""
    if word == other:
        return 1.0
    if other.startswith(word):
        return 0.8 if len(word) > 1 else 0.0
    allowed = typos(word)
    if not allowed:
        return 0.0
    distance = OSA.distance(word, other, score_cutoff=allowed)
    if distance > allowed and len(other) > len(word):  # the beginning of a word, mistyped
        distance = OSA.distance(word, other[: len(word)], score_cutoff=allowed - 1) + 1
    return 0.6 - 0.15 * distance if distance <= allowed else 0.0


def typos(word: str) -> int:
    """Return how many typing mistakes a word may have: the first letters of a short one mean too much."""
    return 0 if len(word) < 4 else 1 if len(word) < 6 else 2
