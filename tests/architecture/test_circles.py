"""No circle of imports anywhere: those for types only and those inside functions count too."""

from collections.abc import Mapping

import grimp
import pytest

from tests.stack import BASE

PACKAGES = ("moderation", "config")


def circles(imported_by: Mapping[str, frozenset[str]]) -> list[list[str]]:
    """The groups of modules that reach each other, sorted (strongly connected components, Tarjan 1972)."""
    numbers: dict[str, int] = {}
    lowest: dict[str, int] = {}
    stack: list[str] = []
    found: list[list[str]] = []

    def visit(module: str) -> None:
        numbers[module] = lowest[module] = len(numbers)
        stack.append(module)
        for other in imported_by.get(module, frozenset()):
            if other not in numbers:
                visit(other)
                lowest[module] = min(lowest[module], lowest[other])
            elif other in stack:
                lowest[module] = min(lowest[module], numbers[other])
        if lowest[module] == numbers[module]:
            place = stack.index(module)
            group = sorted(stack[place:])
            del stack[place:]
            if len(group) > 1 or module in imported_by.get(module, frozenset()):
                found.append(group)

    for module in imported_by:
        if module not in numbers:
            visit(module)
    return found


def test_no_module_reaches_itself(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.syspath_prepend(str(BASE))
    graph = grimp.build_graph(*PACKAGES, cache_dir=None, exclude_type_checking_imports=False)
    imports = {name: frozenset(graph.find_modules_directly_imported_by(name)) for name in graph.modules}
    assert len(imports) > 300
    assert circles(imports) == []


@pytest.mark.parametrize(
    ("imports", "expected"),
    [
        ({"a": {"b"}, "b": {"c"}, "c": set()}, []),
        ({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}}, [["a", "b", "c"]]),
        ({"a": {"b"}, "b": {"a"}, "c": {"d"}, "d": {"c"}}, [["a", "b"], ["c", "d"]]),
        ({"a": {"a"}}, [["a"]]),
    ],
)
def test_a_circle_is_seen(imports: dict[str, set[str]], expected: list[list[str]]):
    assert sorted(circles({name: frozenset(others) for name, others in imports.items()})) == expected
