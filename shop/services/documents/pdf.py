"""Setting a document as PDF with typst; the only `import typst`.

The template reads its words from JSON, as data: nothing a customer types is ever part of the markup. The same
document gives the same bytes: its own date is the file's, and only the fonts in the project are used.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import structlog
import typst

from shop.errors import DocumentNotReady

log = structlog.get_logger(__name__)

FOLDER = Path(__file__).resolve().parents[3] / "templates" / "pdf"
# Archivable (ISO 19005-3) and readable by a screen reader (ISO 14289-1).
STANDARDS: list[typst.PDFStandard] = ["a-3a", "ua-1"]


def render(content: Mapping[str, Any], issued_at: datetime) -> bytes:
    """Return the PDF of a document's content; raise DocumentNotReady when there can be none.

    PDF/A forbids a letter that no font has. Where one is missing (Japanese, an emoji) the file is made as a plain
    tagged PDF instead, and the letter shows as an empty box: add a font that has it to templates/pdf/fonts.
    """
    try:
        return _compile(content, issued_at, STANDARDS)
    except typst.TypstError as exc:
        if "could not be displayed with font" not in exc.message:
            raise DocumentNotReady(exc.diagnostic or exc.message) from exc
        log.warning("pdf_letters_missing", why=exc.message)
    try:
        return _compile(content, issued_at, [])
    except typst.TypstError as exc:
        raise DocumentNotReady(exc.diagnostic or exc.message) from exc


def _compile(content: Mapping[str, Any], issued_at: datetime, standards: list[typst.PDFStandard]) -> bytes:
    pdf = typst.compile(
        FOLDER / "document.typ",
        root=FOLDER,
        font_paths=_fonts(),
        format="pdf",
        sys_inputs={"content": json.dumps(content)},
        pdf_standards=standards,
        timestamp=issued_at.replace(microsecond=0),
    )
    assert isinstance(pdf, bytes), "one document is one file"
    return pdf


@cache
def _fonts() -> typst.Fonts:
    """Return the project's own fonts, read once; the machine's would make the same document look different."""
    return typst.Fonts(include_system_fonts=False, font_paths=[FOLDER / "fonts"])
