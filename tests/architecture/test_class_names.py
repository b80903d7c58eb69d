"""One name, one class: whoever searches for a class finds it, and an import needs no other name for it."""

import ast
from collections import defaultdict
from pathlib import Path

from tests.stack import BASE

# Django finds what is in here by the file, and always under the same name: `Command`, `Migration`.
NAMED_BY_DJANGO = ("management/commands", "migrations")


def classes_of(tree: ast.Module) -> list[str]:
    """Names of all classes but those within a class, such as `Meta` and `Options`, which go by its name."""
    found: list[str] = []
    nodes: list[ast.AST] = [tree]
    while nodes:
        children = list(ast.iter_child_nodes(nodes.pop()))
        found += [child.name for child in children if isinstance(child, ast.ClassDef)]
        nodes += [child for child in children if not isinstance(child, ast.ClassDef)]
    return found


def is_named_by_django(path: Path) -> bool:
    return path.parent.as_posix().endswith(NAMED_BY_DJANGO)


def test_no_class_name_stands_twice():
    files = defaultdict(list)
    for path in [path for folder in ("config", "moderation") for path in (BASE / folder).rglob("*.py")]:
        for name in [] if is_named_by_django(path) else classes_of(ast.parse(path.read_text())):
            files[name].append(str(path.relative_to(BASE)))
    assert {name: where for name, where in files.items() if len(where) > 1} == {}


def test_classes_within_functions_are_seen_and_those_within_classes_are_not():
    source = "class A:\n    class Meta: ...\ndef f():\n    if 1:\n        class B: ...\n"
    assert classes_of(ast.parse(source)) == ["A", "B"]
