"""Who may know whom: the contracts of pyproject.toml, and what imports alone do not show."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.stack import BASE

MODERATION = BASE / "moderation"
FACES = ("api", "compat", "embed", "admin", "importers", "management")
_OF_THE_ORM = frozenset(
    {"save", "create", "bulk_create", "bulk_update", "get_or_create", "update_or_create", "delete", "update"}
)
WRITES = frozenset(
    {*_OF_THE_ORM, *(f"a{name}" for name in _OF_THE_ORM), "select_for_update"}
    | {"cursor", "execute", "executemany", "copy", "callproc", "raw"}
)
LONGEST_FILE = 400
LONGEST_FUNCTION = 50
FORBIDDEN_NAMES = ("utils", "helpers", "manager", "service", "handler", "process", "data", "info")


def python_files(*folders: str) -> list[Path]:
    found = [path for folder in folders for path in (BASE / folder).rglob("*.py")]
    return [path for path in found if "migrations" not in path.parts]


def functions(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def writes(tree: ast.Module) -> list[str]:
    """Calls by which rows are changed or statements sent; a query's `update` takes names only."""
    return [
        f"{node.lineno} .{node.func.attr}()"
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in WRITES
        if not (node.func.attr == "update" and node.args)
    ]


def test_the_layers_hold():
    script = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    command = [sys.executable, "-c", script, "--no-cache"]
    result = subprocess.run(command, cwd=BASE, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize("path", python_files(*(f"moderation/{face}" for face in FACES)), ids=str)
def test_faces_never_write(path: Path):
    """They call `flow`, which records what it does."""
    assert [f"{path.relative_to(BASE)}:{found}" for found in writes(ast.parse(path.read_text()))] == []


@pytest.mark.parametrize(
    "line",
    [
        "comment.save()",
        "Comment.objects.filter(id=1).update(status='spam')",
        "Comment.objects.filter(id=1).update(**changes)",
        "comment.delete()",
        "await comment.adelete()",
        "connection.cursor()",
        "cursor.execute('DELETE FROM comment')",
    ],
)
def test_every_way_to_write_is_seen(line: str):
    assert len(writes(ast.parse(line))) == 1


def test_a_dictionarys_update_is_no_write():
    assert writes(ast.parse("headers.update(more)")) == []


def test_statements_stand_beside_the_function_that_runs_them():
    """No file of statements only: who changes a query sees its SQL and its parameters at once."""
    found = {path.relative_to(BASE).as_posix() for path in python_files("config", "moderation")}
    assert [name for name in found if name.endswith("_sql.py")] == []


def test_files_and_functions_keep_their_size():
    found = []
    for path in python_files("config", "moderation"):
        source = path.read_text()
        if len(source.splitlines()) > LONGEST_FILE:
            found.append(f"{path.relative_to(BASE)}: {len(source.splitlines())} lines")
        for node in functions(ast.parse(source)):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > LONGEST_FUNCTION:
                found.append(f"{path.relative_to(BASE)}:{node.lineno} {node.name}: {length} lines")
    assert found == []


def test_every_file_says_what_it_is_for():
    silent = [
        str(path.relative_to(BASE))
        for path in python_files("config", "moderation")
        if path.read_text().strip() and ast.get_docstring(ast.parse(path.read_text())) is None
    ]
    assert silent == []


def test_no_file_has_a_name_that_says_nothing():
    found = [path for path in python_files("config", "moderation") if path.stem in FORBIDDEN_NAMES]
    assert found == []
