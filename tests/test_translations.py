"""Every text for people stands in every catalogue, translated, with the same placeholders, and compiled.

A text in the code that no catalogue has would be shown in English in the middle of a German page. `make translations`
brings the catalogues up to date; what it adds is then to be translated.
"""

import re
import subprocess
import sys
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parents[1]
CATALOGUES = sorted((ROOT / "shop" / "translations").glob("*/LC_MESSAGES/messages.po"))
PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]")


def language(file: Path) -> str:
    return file.parents[1].name


def read(file: Path) -> Catalog:
    with file.open("rb") as opened:
        return read_po(opened)


def ids(catalogue: Catalog) -> set[object]:
    return {message.id for message in catalogue if message.id}


def texts(message: Message) -> list[str]:
    return [message.string] if isinstance(message.string, str) else list(message.string)


def shown(catalogue: Catalog) -> dict[str, list[str]]:
    """Return what is shown for each text; one with a plural goes by its singular."""
    return {
        message.id if isinstance(message.id, str) else message.id[0]: texts(message)
        for message in catalogue
        if message.id
    }


@cache
def in_the_code() -> frozenset[object]:
    extract = [sys.executable, "-m", "babel.messages.frontend", "-q", "extract", "-F", "pyproject.toml", "-k", "_l"]
    with TemporaryDirectory() as folder:
        found = Path(folder) / "messages.pot"
        subprocess.run([*extract, "-o", str(found), "."], cwd=ROOT, check=True)
        return frozenset(ids(read(found)))


@pytest.mark.parametrize("file", CATALOGUES, ids=language)
def test_a_catalogue_holds_the_texts_of_the_code_and_no_other(file: Path) -> None:
    catalogue = ids(read(file))

    assert sorted(map(str, in_the_code() - catalogue)) == []
    assert sorted(map(str, catalogue - in_the_code())) == []


@pytest.mark.parametrize("file", CATALOGUES, ids=language)
def test_every_text_is_translated(file: Path) -> None:
    catalogue = read(file)

    missing = [message.id for message in catalogue if message.id and not all(texts(message))]
    doubtful = [message.id for message in catalogue if message.id and message.fuzzy]

    assert missing == []
    assert doubtful == []


@pytest.mark.parametrize("file", CATALOGUES, ids=language)
def test_a_translation_speaks_of_the_same_things(file: Path) -> None:
    for message in read(file):
        if not message.id:
            continue
        wanted = set(PLACEHOLDER.findall(message.id if isinstance(message.id, str) else message.id[1]))
        for text in texts(message):
            if isinstance(message.id, str) or text == texts(message)[-1]:
                assert set(PLACEHOLDER.findall(text)) == wanted, text


@pytest.mark.parametrize("file", CATALOGUES, ids=language)
def test_what_is_shown_is_what_the_catalogue_says(file: Path) -> None:
    with file.with_suffix(".mo").open("rb") as opened:
        compiled = read_mo(opened)

    assert shown(compiled) == shown(read(file))
