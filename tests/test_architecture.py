"""The tree is the diagram: this reads every import and says where an arrow points up.

    worker  doctor
    shop/__init__            the composition root
    views  cli
    jobs
    services
    models  gateways  mailer  queue
    gateways/base, wallets,  the words that gateways and models share: Protocols, frozen dataclasses, enums
      history
    config  crypto  extensions  logs  money  signing
    errors  clock
"""

import ast
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
ROWS = (
    ("worker", "doctor"),
    ("",),
    ("views", "cli"),
    ("jobs",),
    ("services",),
    ("models", "gateways", "mailer", "queue"),
    ("gateways.base", "gateways.history", "gateways.wallets"),
    ("config", "crypto", "extensions", "logs", "money", "signing"),
    ("errors", "clock"),
)
# Each SDK has one door; everything else speaks to it through our own words. The doctor alone may knock anywhere.
DOORS = {
    "stripe": "shop.gateways.stripe",
    "paypalcheckoutsdk": "shop.gateways.paypal",
    "paypalhttp": "shop.gateways.paypal",
    "rq": "shop.queue",
    "smtplib": "shop.mailer",
    "argon2": "shop.services.accounts",
    "typst": "shop.services.documents.pdf",
    "gunicorn": "nobody",
}
# The sandbox speaks the wire; it reads the SDK's annotations to know which parameters there are.
SANDBOX_DOORS = {"stripe": "sandbox.stripe"}
HTTP = {"abort", "flash", "g", "jsonify", "make_response", "redirect", "request", "Response", "session"}
LONGEST_FILE = 400  # lines: past it, two things live together


@dataclass(frozen=True)
class Import:
    """One imported module or name: where it stands, and whether it runs at import (not only for the type checker)."""

    importer: str
    name: str
    line: int
    runs: bool = True
    at_top: bool = True

    def __str__(self) -> str:
        return f"{self.importer}:{self.line} imports {self.name}"


def module_name(file: Path) -> str:
    parts = file.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def modules(top: str) -> dict[str, Path]:
    return {module_name(file): file for file in sorted((ROOT / top).rglob("*.py"))}


@cache
def imports(top: str) -> tuple[Import, ...]:
    return tuple(found for name, file in modules(top).items() for found in read_imports(name, file.read_text()))


def read_imports(importer: str, source: str) -> list[Import]:
    """Return what a module imports; `from a import b` names a.b, be it a module or something in one."""
    tree = ast.parse(source)
    typing_only = {id(node) for block in ast.walk(tree) if is_for_types(block) for node in ast.walk(block)}
    top_level = {id(node) for node in tree.body} | typing_only
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [f"{'.' * node.level}{node.module or ''}.{alias.name}" for alias in node.names]
        else:
            continue
        runs, at_top = id(node) not in typing_only, id(node) in top_level
        found += [Import(importer, name, node.lineno, runs, at_top) for name in names]
    return found


def is_for_types(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)


def target(found: Import, known: dict[str, Path]) -> str:
    """Return the project's module that an import loads."""
    return found.name if found.name in known else found.name.rpartition(".")[0]


def place(module: str) -> tuple[int, str]:
    """Return the row of a module of the shop, counted from the top, and its name in that row."""
    inside = module.removeprefix("shop").removeprefix(".")
    places = [(row, name) for row, names in enumerate(ROWS) for name in names if name]
    if named := [(row, name) for row, name in places if f"{inside}.".startswith(f"{name}.")]:
        return max(named, key=lambda found: len(found[1]))
    assert inside == "", f"{module} stands on no row of the diagram; DESIGN says where a module may live"
    return next((row, "") for row, names in enumerate(ROWS) if "" in names)


def objection(importer: str, imported: str) -> str | None:
    """Return why one module of the shop may not import another; None when it may."""
    (from_row, from_name), (to_row, to_name) = place(importer), place(imported)
    if to_row < from_row:
        return "the arrow points up"
    if from_row == to_row and from_name != to_name and from_name in ("models", "gateways", "mailer", "queue", "views"):
        return "neighbours on one row are strangers"
    if from_name == to_name == "views" and are_apart(importer, imported, 2) and not is_shared(imported):
        return "views are strangers to each other"
    if from_name == to_name == "gateways" and are_apart(importer, imported, 2) and is_provider(importer, imported):
        return "gateways are strangers to each other"
    if from_name in ("views", "jobs", "cli") and to_name == "gateways":
        return "gateways are reached through services only"
    return None


def are_apart(one: str, other: str, depth: int) -> bool:
    """Return whether both stand below the package, and in different branches of it."""
    first, second = one.split("."), other.split(".")
    return len(first) > depth < len(second) and first[depth] != second[depth]


def is_shared(view: str) -> bool:
    """Return whether a module of the views has no route of its own: a helper, not a sibling."""
    return "Blueprint(" not in modules("shop")[view].read_text()


def is_provider(*gateways: str) -> bool:
    """Return whether all of these belong to a provider, not to what the providers share."""
    return all((ROOT / "shop" / "gateways" / gateway.split(".")[2]).is_dir() for gateway in gateways)


def test_every_arrow_points_down() -> None:
    known = modules("shop")
    arrows = [(found, target(found, known)) for found in imports("shop") if found.name.startswith("shop")]

    wrong = [f"{found}: {why}" for found, to in arrows if (why := objection(found.importer, to))]

    assert wrong == []


@pytest.mark.parametrize(
    ("importer", "imported"),
    [
        ("shop.services.orders", "shop.views.checkout"),
        ("shop.models.order", "shop.services.orders"),
        ("shop.models.order", "shop.gateways.stripe.client"),
        ("shop.gateways.stripe.client", "shop.models.order"),
        ("shop.gateways.stripe.client", "shop.gateways.paypal.client"),
        ("shop.views.checkout", "shop.gateways.stripe"),
        ("shop.errors", "shop.money"),
        ("shop.jobs", "shop"),
    ],
)
def test_an_arrow_that_points_elsewhere_is_seen(importer: str, imported: str) -> None:
    assert objection(importer, imported) is not None


@pytest.mark.parametrize("top", ["shop", "sandbox"])
def test_no_module_waits_for_itself(top: str) -> None:
    known = modules(top)
    graph: dict[str, set[str]] = {name: set() for name in known}
    for found in imports(top):
        if found.runs and target(found, known) in known:
            graph[found.importer].add(target(found, known))

    assert " -> ".join(find_cycle(graph)) == ""


def find_cycle(graph: dict[str, set[str]]) -> list[str]:
    """Return the modules of one import cycle in order; a package and its own parts may know each other."""
    done: set[str] = set()

    def visit(name: str, path: list[str]) -> list[str]:
        if name in path:
            return [*path[path.index(name) :], name]
        if name in done:
            return []
        for to in sorted(graph[name]):
            if not f"{name}.".startswith(f"{to}.") and (cycle := visit(to, [*path, name])):
                return cycle
        done.add(name)
        return []

    return next((cycle for name in sorted(graph) if (cycle := visit(name, []))), [])


def test_a_cycle_is_seen() -> None:
    assert find_cycle({"a": {"b"}, "b": {"c"}, "c": {"b"}}) == ["b", "c", "b"]


@pytest.mark.parametrize(("sdk", "door"), DOORS.items())
def test_an_sdk_has_one_door(sdk: str, door: str) -> None:
    users = [i for i in imports("shop") if i.name.split(".")[0] == sdk and i.importer != "shop.doctor"]

    assert [str(found) for found in users if not f"{found.importer}.".startswith(f"{door}.")] == []


def test_gateways_know_no_database_and_no_flask() -> None:
    strangers = {"flask", "sqlalchemy", "flask_sqlalchemy"}
    wrong = [i for i in imports("shop") if i.importer.startswith("shop.gateways") and i.name.split(".")[0] in strangers]

    assert [str(found) for found in wrong] == []


def test_only_views_know_http() -> None:
    below = ("shop.services", "shop.models", "shop.jobs", "shop.queue", "shop.mailer")
    spoken = [found for found in imports("shop") if found.importer.startswith(below)]

    assert [str(found) for found in spoken if found.name in {f"flask.{name}" for name in HTTP}] == []


def test_only_services_commit() -> None:
    wrong = []
    for name, file in modules("shop").items():
        calls = [node for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.Call)]
        commits = [call for call in calls if isinstance(call.func, ast.Attribute) and call.func.attr == "commit"]
        wrong += [f"{name}:{call.lineno} commits" for call in commits if not name.startswith("shop.services.")]

    assert wrong == []


def careless_locks(source: str) -> list[int]:
    """Return the lines that lock a row otherwise than by `locks.kept`: whoever refers to it would have to wait."""
    wrong = []
    for call in (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)):
        asked = [word.value for word in call.keywords if word.arg == "with_for_update"]
        if isinstance(call.func, ast.Attribute) and call.func.attr == "with_for_update":
            asked.append(next((word.value for word in call.keywords if word.arg is None), call))
        wrong += [call.lineno for value in asked if not ast.unparse(value).startswith(("kept(", "locks.kept("))]
    return wrong


def test_a_row_is_locked_so_that_others_may_refer_to_it() -> None:
    wrong = [f"{name}:{line}" for name, file in modules("shop").items() for line in careless_locks(file.read_text())]

    assert wrong == []


@pytest.mark.parametrize(
    "source",
    [
        "session.get(Order, 1, with_for_update=True)",
        "session.get(Order, 1, with_for_update={'of': Order})",
        "query.with_for_update()",
        "query.with_for_update(of=Order, skip_locked=True)",
        "query.with_for_update(**others(Order))",
    ],
)
def test_a_lock_that_keeps_others_waiting_is_seen(source: str) -> None:
    assert careless_locks(source) == [1]
    assert careless_locks("query.with_for_update(skip_locked=True, **locks.kept(Order))") == []


@pytest.mark.parametrize(("top", "stranger"), [("shop", "sandbox"), ("sandbox", "shop")])
def test_shop_and_sandbox_are_strangers(top: str, stranger: str) -> None:
    assert [str(found) for found in imports(top) if found.name.split(".")[0] == stranger] == []


def test_no_line_of_the_shop_knows_the_sandbox() -> None:
    """PayPal's own test hosts carry the word in their names; Stripe calls its test accounts sandboxes."""
    word = re.compile(r"(?<![.\w])sandbox\b(?!\.paypal\.com)", re.IGNORECASE)
    lines = [(name, number, line) for name, file in modules("shop").items() for number, line in numbered(file)]

    assert [f"{name}:{number} {line.strip()}" for name, number, line in lines if word.search(line)] == []


def test_the_sandbox_speaks_the_wire_and_calls_no_sdk() -> None:
    used = [found for found in imports("sandbox") if found.name.split(".")[0] in DOORS]

    doors = [(found, SANDBOX_DOORS.get(found.name.split(".")[0], "nowhere")) for found in used]
    assert [str(found) for found, door in doors if not f"{found.importer}.".startswith(f"{door}.")] == []
    assert [str(found) for found in used if "Client" in found.name] == []


@pytest.mark.parametrize("top", ["shop", "sandbox"])
def test_imports_are_absolute_and_at_the_top(top: str) -> None:
    apart = {"sandbox.demo.prepare"}  # asks whether modules are there, before there is anything
    wrong = [i for i in imports(top) if i.name.startswith(".") or not i.at_top]

    assert [str(found) for found in wrong if found.importer not in apart] == []


@pytest.mark.parametrize("top", ["shop", "sandbox"])
def test_no_file_holds_two_things(top: str) -> None:
    lengths = {name: len(file.read_text().splitlines()) for name, file in modules(top).items()}

    assert {name: length for name, length in lengths.items() if length > LONGEST_FILE} == {}


@pytest.mark.parametrize("top", ["shop", "sandbox"])
def test_every_module_says_what_it_is(top: str) -> None:
    silent = [name for name, file in modules(top).items() if ast.get_docstring(ast.parse(file.read_text())) is None]

    assert silent == []


def numbered(file: Path) -> list[tuple[int, str]]:
    return list(enumerate(file.read_text().splitlines(), start=1))
