"""One reader of the environment: `config/settings/env.py`, which names a variable that makes no sense."""

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.stack import BASE

READER = BASE / "config" / "settings" / "env.py"
NAMES = frozenset({"environ", "environb", "getenv", "getenvb"})
# Ours in the tests' own process only.
OF_TESTS = BASE / "config" / "settings" / "testing.py"


def reads(tree: ast.AST) -> Iterator[int]:
    """Lines that touch `os.environ` or `os.getenv`, but for a default left there for a framework."""
    calls = [node.func for node in ast.walk(tree) if isinstance(node, ast.Call)]
    written = {id(f.value) for f in calls if isinstance(f, ast.Attribute) and f.attr == "setdefault"}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "os" and NAMES & {a.name for a in node.names}:
            yield node.lineno
        if isinstance(node, ast.Attribute) and node.attr in NAMES and id(node) not in written:
            yield from [node.lineno] if ast.unparse(node.value) == "os" else []


def python_files() -> list[Path]:
    found = [path for folder in ("config", "moderation") for path in (BASE / folder).rglob("*.py")]
    return [BASE / "manage.py", *found]


def test_nothing_else_reads_the_environment():
    found = [
        f"{path.relative_to(BASE)}:{line}"
        for path in python_files()
        if path not in (READER, OF_TESTS)
        for line in reads(ast.parse(path.read_text()))
    ]
    assert found == []


def test_every_way_to_read_it_is_seen():
    ways = ["os.environ['A']", "os.getenv('A')", "from os import environ", "{**os.environ}"]
    assert all(list(reads(ast.parse(way))) for way in ways)
    assert not list(reads(ast.parse("os.environ.setdefault('A', 'b')")))
