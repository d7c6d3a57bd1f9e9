"""Who imports whom, beyond what the contracts in pyproject.toml say: no cycle, and the async mode in three files."""

import ast
from collections.abc import Iterable, Mapping

import grimp
import pytest

from miitti.foundation.settings import ROOT

GREEN = {"eventlet", "gevent", "geventwebsocket", "flask_socketio", "socketio", "engineio", "greenlet"}
"""The libraries that make sockets green; code that knows one of them can't run in another mode."""

MAY_KNOW_GREEN = {"wsgi.py", "miitti/foundation/realtime.py", "miitti/foundation/lines.py"}


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    """The imports of the whole package."""
    return grimp.build_graph("miitti", cache_dir=None)


def test_no_modules_import_each_other_in_a_circle(graph: grimp.ImportGraph) -> None:
    imports = {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}
    assert len(imports) > 50
    assert [knot for knot in knots(imports) if len(knot) > 1] == []


def test_a_knot_would_be_found() -> None:
    assert {"a", "b", "c"} in knots({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}})


def test_only_three_files_know_the_async_mode() -> None:
    knowing = set()
    for path in [ROOT / "wsgi.py", *(ROOT / "miitti").rglob("*.py")]:
        roots = {name.split(".")[0] for name in _imported(path.read_text())}
        if roots & GREEN:
            knowing.add(path.relative_to(ROOT).as_posix())
    assert knowing == MAY_KNOW_GREEN


def test_importing_a_part_never_builds_the_whole(graph: grimp.ImportGraph) -> None:
    for module in ("miitti", "miitti.foundation", "miitti.events"):
        assert graph.find_modules_directly_imported_by(module) == set(), module


def _imported(source: str) -> Iterable[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module


def knots(imports: Mapping[str, Iterable[str]]) -> list[set[str]]:
    """The strongly connected components of a graph (Tarjan 1972), without recursion."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    path: list[str] = []
    on_path: set[str] = set()
    found: list[set[str]] = []
    for start in imports:
        if start in index:
            continue
        todo = [(start, iter(imports.get(start, ())))]
        index[start] = low[start] = len(index)
        path.append(start)
        on_path.add(start)
        while todo:
            node, ahead = todo[-1]
            for other in ahead:
                if other not in index:
                    index[other] = low[other] = len(index)
                    path.append(other)
                    on_path.add(other)
                    todo.append((other, iter(imports.get(other, ()))))
                    break
                if other in on_path:
                    low[node] = min(low[node], index[other])
            else:
                todo.pop()
                if todo:
                    low[todo[-1][0]] = min(low[todo[-1][0]], low[node])
                if low[node] == index[node]:
                    knot = set()
                    while node not in knot:
                        knot.add(last := path.pop())
                        on_path.discard(last)
                    found.append(knot)
    return found
