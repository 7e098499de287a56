"""The laws of the house, read from the source; each says why it stands."""

import ast
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ROOMS = (
    "domain",
    "runtime",
    "activities",
    "store",
    "channels",
    "web",
    "workflows",
    "api",
    "cli",
)
MAY_IMPORT = {
    "domain": set[str](),
    "runtime": set[str](),
    "activities": {"domain"},
    "store": {"domain"},
    "channels": {"domain"},
    "web": {"domain"},
    "workflows": {"domain", "activities"},
    "api": {"workflows", "store", "domain", "runtime", "web"},
    "cli": {"workflows", "store", "domain", "runtime", "web"},
    "worker": {"activities", "channels", "domain", "runtime", "store", "workflows"},
}
SQL_ROOMS = {"store"}
LONGEST_FILE, LONGEST_FUNCTION, LONGEST_WORKFLOW_CLASS = 350, 40, 250
CLOCKS_AND_CHANCE = {
    ("datetime", "now"),
    ("datetime", "utcnow"),
    ("datetime", "today"),
    ("date", "today"),
    ("time", "time"),
    ("time", "monotonic"),
}
IMPURE_MODULES = {"asyncio", "os", "random", "secrets", "socket", "time", "uuid", "pathlib", "io"}
NAMES_THAT_SAY_NOTHING = {"utils", "util", "helpers", "helper", "manager", "common", "misc"}


def sources(room: str) -> list[Path]:
    """The Python files of a room, migrations left out: they are history."""
    found = [ROOT / f"{room}.py"] if (ROOT / f"{room}.py").exists() else (ROOT / room).rglob("*.py")
    return sorted(p for p in found if "migrations" not in p.parts)


def tree(path: Path) -> ast.Module:
    """A file's syntax."""
    return ast.parse(path.read_text(encoding="utf-8"))


def imports(path: Path) -> Iterator[tuple[str, int]]:
    """The top-level packages that a file imports, with their lines."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from ((alias.name.split(".")[0], node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            yield node.module.split(".")[0], node.lineno


ALL = [path for room in (*ROOMS, "worker") for path in sources(room)]


@pytest.mark.parametrize("room", MAY_IMPORT)
def test_imports_point_one_way(room: str) -> None:
    ours = {*ROOMS, "worker"}
    broken = [
        f"{path.relative_to(ROOT)}:{line} imports {name}"
        for path in sources(room)
        for name, line in imports(path)
        if name in ours and name != room and name not in MAY_IMPORT[room]
    ]

    assert not broken, f"rules know nothing of doors, and nothing calls back up: {broken}"


def test_the_domain_is_pure() -> None:
    broken = []
    for path in sources("domain"):
        broken += [f"{path.name}:{n} imports {m}" for m, n in imports(path) if m in IMPURE_MODULES]
        broken += [f"{path.name}:{n} is not pure" for n in _impure_lines(path)]

    assert not broken, f"modules passed through the sandbox are policed here alone: {broken}"


def _impure_lines(path: Path) -> Iterator[int]:
    for node in ast.walk(tree(path)):
        match node:
            case ast.Attribute(value=ast.Name(id=owner), attr=name):
                if (owner, name) in CLOCKS_AND_CHANCE:
                    yield node.lineno
            case ast.Call(func=ast.Name(id="open" | "print" | "input")):
                yield node.lineno


def test_the_domain_iterates_no_set() -> None:
    broken = [
        f"{path.name}: {ast.unparse(node)}"
        for path in sources("domain")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.For | ast.comprehension)
        and isinstance(node.iter, ast.Set | ast.SetComp)
    ]

    assert not broken, f"the order of a set differs from process to process: {broken}"


def test_sql_stands_in_the_store_alone() -> None:
    broken = [
        f"{path.relative_to(ROOT)}:{line}"
        for path in ALL
        if path.relative_to(ROOT).parts[0] not in SQL_ROOMS
        for line in _sql_lines(path)
    ]

    assert not broken, f"one room knows the tables: {broken}"


def _sql_lines(path: Path) -> Iterator[int]:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.ImportFrom) and node.module in ("sqlalchemy", "sqlmodel"):
            yield node.lineno


def test_the_environment_is_read_in_settings_alone() -> None:
    broken = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in ALL
        if path != ROOT / "runtime" / "settings.py"
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Attribute) and node.attr in ("environ", "getenv")
    ]

    assert not broken, f"what a process may be told stands in one place: {broken}"


def test_no_table_leaves_the_store() -> None:
    broken = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in ALL
        if path.relative_to(ROOT).parts[0] != "store"
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("store.tables")
    ]

    assert not broken, f"table classes never leave their room: {broken}"


def test_functions_and_files_fit_on_a_screen() -> None:
    broken = []
    for path in ALL:
        lines = len(path.read_text(encoding="utf-8").splitlines())
        if lines > LONGEST_FILE:
            broken.append(f"{path.relative_to(ROOT)}: {lines} lines")
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                length = (node.end_lineno or 0) - node.lineno + 1
                if length > LONGEST_FUNCTION:
                    broken.append(f"{path.relative_to(ROOT)}:{node.name}: {length} lines")

    assert not broken, f"what does not fit is not understood: {broken}"


def test_the_workflow_class_stays_a_thin_shell() -> None:
    classes = [
        n for n in ast.walk(tree(ROOT / "workflows/journey.py")) if isinstance(n, ast.ClassDef)
    ]

    lengths = {c.name: (c.end_lineno or 0) - c.lineno for c in classes}

    assert lengths["JourneyWorkflow"] <= LONGEST_WORKFLOW_CLASS


def test_no_name_says_nothing() -> None:
    names = [p.stem for p in ALL] + [p.parent.name for p in ALL]

    assert not NAMES_THAT_SAY_NOTHING & set(names), "a name says what the thing is for"


def test_no_test_patches_by_path() -> None:
    broken = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in (ROOT / "tests").rglob("*.py")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ImportFrom | ast.Import) and "mock" in chain_names(node)
    ]

    assert not broken, f"fakes are classes that remember: {broken}"


def chain_names(node: ast.ImportFrom | ast.Import) -> set[str]:
    """Every word in an import."""
    module = (getattr(node, "module", None) or "").split(".")
    return set(chain(module, *(alias.name.split(".") for alias in node.names)))


def test_every_public_thing_says_what_it_is() -> None:
    defined = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    broken = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"
        for path in ALL
        for node in tree(path).body
        if isinstance(node, defined)
        if not node.name.startswith("_") and not ast.get_docstring(node)
    ]

    assert not broken, f"a public name without a sentence: {broken}"
