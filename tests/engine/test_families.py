"""Every family of signals has a cap of its own."""

import ast
import re
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

import moderation
from moderation.engine.verdict.defaults import current_defaults

PACKAGE = Path(moderation.__file__).parent
# `domain` reads stored signals, and makes none.
FILES = sorted(
    path
    for path in PACKAGE.rglob("*.py")
    if re.search(r"\bSignal\(", path.read_text(encoding="utf-8")) and path.parent.name != "domain"
)
FAMILY = 3  # its place among the arguments of a signal


def families_of(path: Path) -> set[str]:
    """The families of the signals that a file makes. Raises `LookupError` where one cannot be told."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    name = ".".join(["moderation", *path.relative_to(PACKAGE).with_suffix("").parts])
    return {
        family
        for function, call in calls_in(tree, "Signal")
        for family in tell(argument(call, FAMILY, "family"), function, tree, import_module(name))
    }


def calls_in(tree: ast.AST, name: str) -> Iterator[tuple[ast.FunctionDef, ast.Call]]:
    """The calls of a function or method of that name, each with the function that makes it."""
    for function in (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)):
        for call in (node for node in ast.walk(function) if isinstance(node, ast.Call)):
            called = call.func.attr if isinstance(call.func, ast.Attribute) else call.func
            if called == name or (isinstance(called, ast.Name) and called.id == name):
                yield function, call


def argument(call: ast.Call, place: int, name: str) -> ast.expr:
    found = [keyword.value for keyword in call.keywords if keyword.arg == name]
    return found[0] if found else call.args[place]


def tell(given: ast.expr, function: ast.FunctionDef, tree: ast.Module, module: ModuleType) -> Iterator[str]:
    """What an expression can be: a text, a constant of its module, an entry of one, or a parameter."""
    if isinstance(given, ast.Constant):
        yield str(given.value)
    elif isinstance(given, ast.Subscript) and isinstance(given.value, ast.Name):
        entries: Mapping[object, str] = getattr(module, given.value.id)
        yield from entries.values()
    elif isinstance(given, ast.Name) and hasattr(module, given.id):
        yield getattr(module, given.id)
    elif isinstance(given, ast.Name):
        names = [parameter.arg for parameter in function.args.args if parameter.arg != "self"]
        if given.id not in names:
            raise LookupError(f"{module.__name__}: name the family of each signal by a constant")
        for caller, call in calls_in(tree, function.name):
            yield from tell(argument(call, names.index(given.id), given.id), caller, tree, module)
    else:
        raise LookupError(f"{module.__name__}: name the family of each signal by a constant")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_family_has_a_cap_of_its_own(path: Path) -> None:
    assert families_of(path) - current_defaults()["family_caps"].keys() == set()


def test_the_families_are_found_however_they_are_named() -> None:
    found = {path.stem: families_of(path) for path in FILES}
    assert found["model"] == {"model", "link"}  # by a table
    assert found["remote"] == {"remote"}  # by a constant
    assert found["wordlist"] == {"list", "profanity"}  # by a parameter
    assert found["reputation"] == {"reputation", "list", "link"}


def test_a_family_that_cannot_be_told_is_no_excuse() -> None:
    tree = ast.parse("def run():\n    return Signal('a.b', axis, 1.0, make_up())")
    ((function, call),) = calls_in(tree, "Signal")
    with pytest.raises(LookupError):
        list(tell(argument(call, FAMILY, "family"), function, tree, moderation))
