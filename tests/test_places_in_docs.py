"""Wherever a document names a file, a folder or a function of the project, it is there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
BEGIN = ("", "shop", "tests", "shop/services", "shop/views")  # documents leave out what goes without saying
# `services/checkout.place_order`, `shop/services/record.py: move`, `templates/pdf/document.typ`, `shop/config`
PLACE = re.compile(r"`((?:[\w*.-]+/)+[\w*.-]*)(?:: `?(\w+))?")
# Made on the machine, of a provider's, or of the example in docs/20_add_a_payment_provider.md.
ELSEWHERE = re.compile(r"^(\.venv|live-checks|tax|var)/|acme")


def named() -> list[tuple[str, str, str]]:
    """Return each place that a page names: the page, the path, and a name behind a colon."""
    found = set()
    for page in PAGES:
        for path, name in PLACE.findall(re.sub(r"^ {4}.*$", "", page.read_text(), flags=re.MULTILINE)):
            if not ELSEWHERE.search(path) and not path.startswith("/"):
                found.add((page.name, path.rstrip("/"), name))
    return sorted(found)


def resolved(path: str) -> tuple[list[Path], str]:
    """Return the files of a place, and the name behind its last dot where that belongs to none of them."""
    module, _, inside = path.rpartition(".")
    for wanted, name in ((path, ""), (f"{path}.py", ""), (f"{module}.py", inside), (module, inside)):
        for begin in BEGIN if wanted else ():
            if files := list((ROOT / begin).glob(wanted)):
                return files, name
    return [], ""


@pytest.mark.parametrize(("document", "path", "name"), named())
def test_what_a_document_names_is_there(document: str, path: str, name: str) -> None:
    files, inside = resolved(path)

    assert files, f"{document} names {path}"
    code = [file for place in files for file in ([place] if place.is_file() else place.rglob("*.py"))]
    for word in filter(None, (name, inside)):
        found = any(re.search(rf"\b{word}\b", file.read_text()) for file in code)
        assert found, f"{document} names {word} in {path}"
