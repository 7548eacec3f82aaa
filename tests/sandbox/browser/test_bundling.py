"""Joining the modules into one classic script."""

from __future__ import annotations

from pathlib import Path

import pytest

from sandbox.stripe.browser.bundling import bundle


def test_a_module_stands_after_what_it_imports(tmp_path: Path) -> None:
    (tmp_path / "a.js").write_text('import { b } from "./b.js";\nexport const a = b;\n')
    (tmp_path / "b.js").write_text("export const b = 1;\n")

    text = bundle(tmp_path, "a.js")

    assert text == '(() => {\n"use strict";\n// b.js\nconst b = 1;\n\n// a.js\nconst a = b;\n})();\n'


def test_one_name_in_two_modules_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.js").write_text('import { b } from "./b.js";\nconst same = b;\n')
    (tmp_path / "b.js").write_text("export const b = 1;\nconst same = 2;\n")

    with pytest.raises(ValueError, match="same"):
        bundle(tmp_path, "a.js")


def test_modules_that_import_each_other_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.js").write_text('import { b } from "./b.js";\nexport const a = b;\n')
    (tmp_path / "b.js").write_text('import { a } from "./a.js";\nexport const b = a;\n')

    with pytest.raises(ValueError, match="imports itself"):
        bundle(tmp_path, "a.js")


@pytest.mark.parametrize("line", ["export default 1;", "export { a };", 'import * as all from "elsewhere";'])
def test_a_form_that_cannot_be_joined_is_refused(tmp_path: Path, line: str) -> None:
    (tmp_path / "a.js").write_text(f"const a = 1;\n{line}\n")

    with pytest.raises(ValueError, match="cannot be joined"):
        bundle(tmp_path, "a.js")
