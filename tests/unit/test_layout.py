"""Rules about modules: which package may import which, one name per module, and size."""

import ast
from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
PACKAGE = ROOT / "kgrec_gds"
#: Folders of the repository that ship inside the package, and hold no Python.
RESOURCES = {"cypher", "plugin"}

FACES = ("cli", "client")
#: What no package imports.
ABOVE_PACKAGES = (*FACES, "workflows")
#: Modules that import each other only.
GROUND = ("errors", "schema", "home", "progress", "locks", "leftovers", "exhausted", "terminal", "threads")

PURE = ("cleaning", "data", "features", "models", "ranking", "evaluation")
#: The one module of a pure package that reads the database.
IMPURE_MODULES = {"kgrec_gds.data.pull"}
IMPURE_LIBRARIES = {"neo4j", "graphdatascience", "click"}

MOST_LINES = 300
MOST_LINES_IN_ALL = 28_450
#: Modules past 300 lines, each with the reason.
LONG_MODULES = {
    "kgrec_gds/client.py": "the Python API: each command once more, with its signature and documentation",
}


def modules() -> dict[str, Path]:
    """Dotted name -> file of every module."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        if parts[1] not in RESOURCES:
            found[".".join(part for part in parts if part != "__init__")] = path
    return found


MODULES = modules()


def statements(body: Iterable[ast.AST]) -> Iterable[ast.stmt]:
    """All import statements, those inside functions too, but those under `if TYPE_CHECKING`."""
    for node in body:
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            yield from statements(node.orelse)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            yield node
        else:
            yield from statements(ast.iter_child_nodes(node))


def imported(path: Path) -> set[str]:
    """Modules that a file imports: full names of ours, top-level names of others."""
    names: set[str] = set()
    for statement in statements(ast.parse(path.read_text(encoding="utf-8")).body):
        if isinstance(statement, ast.Import):
            wanted = [alias.name for alias in statement.names]
        else:
            assert isinstance(statement, ast.ImportFrom)
            assert statement.level == 0, f"{path}: relative import"
            base = statement.module or ""
            wanted = [f"{base}.{alias.name}" for alias in statement.names]
        for name in wanted:
            if name.split(".")[0] != "kgrec_gds":
                names.add(name.split(".")[0])
                continue
            while name not in MODULES and "." in name:  # `from module import function`
                name = name.rpartition(".")[0]
            names.add(name)
    return names


IMPORTS = {name: imported(path) for name, path in MODULES.items()}


def ours(name: str) -> set[str]:
    # The package's own `__init__` re-exports lazily, so importing it imports nothing.
    return {other for other in IMPORTS[name] if other in MODULES} - {"kgrec_gds", name}


def package(name: str) -> str:
    return name.split(".")[1] if "." in name else ""


def circles(edges: dict[str, set[str]]) -> list[list[str]]:
    """Strongly connected groups of more than one node (Tarjan's algorithm)."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: list[list[str]] = []

    def visit(node: str) -> None:
        index[node] = low[node] = len(index)
        stack.append(node)
        for other in edges.get(node, ()):
            if other not in index:
                visit(other)
                low[node] = min(low[node], low[other])
            elif other in stack:
                low[node] = min(low[node], index[other])
        if low[node] == index[node]:
            group = stack[stack.index(node) :]
            del stack[stack.index(node) :]
            if len(group) > 1:
                found.append(sorted(group))

    for node in edges:
        if node not in index:
            visit(node)
    return found


def test_circles_are_found() -> None:
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"b", "d"}, "d": set()}) == [["b", "c"]]
    assert circles({"a": {"b", "c"}, "b": {"c"}, "c": set()}) == []


def test_modules_import_each_other_without_circle() -> None:
    assert circles({name: ours(name) for name in MODULES}) == []


def test_packages_import_each_other_without_circle() -> None:
    edges: dict[str, set[str]] = defaultdict(set)
    for name in MODULES:
        edges[package(name)] |= {package(other) for other in ours(name)} - {package(name), ""}
    assert circles(dict(edges)) == []


def test_the_database_does_not_import_the_server() -> None:
    assert [
        name
        for name in MODULES
        if package(name) == "database"
        for other in ours(name)
        if package(other) == "server"
    ] == []


def test_no_module_imports_upwards() -> None:
    found = []
    for name in MODULES:
        if package(name) in (*FACES, "", "__main__"):
            continue
        above = FACES if package(name) == "workflows" else ABOVE_PACKAGES
        for other in ours(name):
            from_ground = package(name) in GROUND and package(other) not in GROUND
            if package(other) in above or from_ground:
                found.append(f"{name} -> {other}")
    assert found == []


@pytest.mark.parametrize("face", FACES)
def test_the_faces_do_not_import_each_other(face: str) -> None:
    (other,) = set(FACES) - {face}
    assert [
        name for name in MODULES if package(name) == face for it in ours(name) if package(it) == other
    ] == []


def test_pure_packages_reach_neither_the_driver_nor_click() -> None:
    found = []
    for start in (name for name in MODULES if package(name) in PURE and name not in IMPURE_MODULES):
        paths, queue = {start: [start]}, [start]
        while queue:
            name = queue.pop(0)
            if libraries := IMPORTS[name] & IMPURE_LIBRARIES:
                found.append(f"{' -> '.join(paths[name])} -> {', '.join(libraries)}")
                break
            for other in ours(name) - set(paths):
                paths[other] = [*paths[name], other]
                queue.append(other)
    assert found == []


def test_a_module_name_stands_once() -> None:
    names = [
        path.stem
        for name, path in MODULES.items()
        if path.stem != "__init__" and package(name) not in ("cli", "workflows")
    ]
    assert [name for name, count in Counter(names).items() if count > 1] == []


def test_a_class_name_stands_once() -> None:
    found: dict[str, list[str]] = defaultdict(list)
    for name, path in MODULES.items():
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                found[node.name].append(name)
    assert {name: places for name, places in found.items() if len(places) > 1} == {}


def lines(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def test_modules_are_short() -> None:
    long = {str(path.relative_to(ROOT)): lines(path) for path in MODULES.values() if lines(path) > MOST_LINES}
    assert {path: count for path, count in long.items() if path not in LONG_MODULES} == {}
    assert set(LONG_MODULES) <= set(long), "a module in LONG_MODULES is short now"


def test_the_package_is_small() -> None:
    assert sum(lines(path) for path in MODULES.values()) <= MOST_LINES_IN_ALL
