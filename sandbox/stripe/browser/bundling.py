"""The browser scripts are ES modules; this joins them into the classic scripts that browsers load.

The real stripe.js is one classic script, so a page may load it without `type="module"`. Joining is all that happens:
imports are followed, `import` lines and the word `export` fall away, and one function scope holds everything. No name
may stand at the top of two modules.
"""

import re
from pathlib import Path

_IMPORT = re.compile(r'^import [^"]*"(\.[^"]+)";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async )?function |class |const |let )", re.MULTILINE)
_NAME = re.compile(r"^(?:async )?(?:function|class|const|let) (\w+)", re.MULTILINE)


def bundle(folder: Path, entry: str) -> str:
    """Return the module `entry` (a path inside `folder`) with everything it imports, as one classic script.

    Raises ValueError when two modules use one name, or when an `export` has a form that cannot be joined.
    """
    root = folder.resolve()
    parts = [_plain(root, path) for path in _in_order(root / entry)]
    _refuse_clashes(parts)
    return '(() => {\n"use strict";\n' + "\n".join(parts) + "})();\n"


def _in_order(entry: Path) -> list[Path]:
    """Return the modules so that each comes after the ones it imports."""
    done: dict[Path, None] = {}

    def visit(path: Path, above: tuple[Path, ...]) -> None:
        if path in done:
            return
        if path in above:
            raise ValueError(f"{path.name} imports itself through {[each.name for each in above]}")
        for target in _IMPORT.findall(path.read_text(encoding="utf-8")):
            visit((path.parent / target).resolve(), (*above, path))
        done[path] = None

    visit(entry, ())
    return list(done)


def _plain(root: Path, path: Path) -> str:
    """Return a module's text without `import` and `export`."""
    text = _EXPORT.sub("", _IMPORT.sub("", path.read_text(encoding="utf-8")))
    if re.search(r"^(?:import|export)\b", text, re.MULTILINE):
        raise ValueError(f"{path.name} imports or exports in a way that cannot be joined")
    return f"// {path.relative_to(root).as_posix()}\n{text}"


def _refuse_clashes(parts: list[str]) -> None:
    """Raise ValueError when a name stands at the top of two modules."""
    seen: set[str] = set()
    for part in parts:
        names = set(_NAME.findall(part))
        if names & seen:
            raise ValueError(f"Two modules use the names {sorted(names & seen)}")
        seen |= names
