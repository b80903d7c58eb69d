"""Messages that Python code marks."""

import ast
from collections.abc import Iterator

from moderation.management.catalogues.message import MarkedMessage

# What marks a message: by which of its arguments context, text and plural are given.
_TEXT, _COUNTED, _IN_CONTEXT = (None, 0, None), (None, 0, 1), (0, 1, None)
MARKS: dict[str, tuple[int | None, int, int | None]] = {
    "gettext": _TEXT,
    "gettext_lazy": _TEXT,
    "gettext_noop": _TEXT,
    "mark": _TEXT,  # moderation/lib/wording.py
    "Wording": _TEXT,
    "ngettext": _COUNTED,
    "ngettext_lazy": _COUNTED,
    "pgettext": _IN_CONTEXT,
    "pgettext_lazy": _IN_CONTEXT,
}


def read_python(source: str, place: str) -> Iterator[MarkedMessage]:
    """The marked messages of a module. Raises ValueError for one that is put together as the code runs."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and (name := name_of(node)) in MARKS and not _looks_up(node, name):
            yield _read_call(node, name, place)


def _looks_up(call: ast.Call, name: str) -> bool:
    """Whether the message is marked elsewhere, and this is where its translation is looked up."""
    return name == "gettext" and isinstance(call.args[0], ast.Name | ast.Attribute)


def name_of(call: ast.Call) -> str:
    """The name of the function that is called, without its module."""
    function = call.func
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def _read_call(call: ast.Call, name: str, place: str) -> MarkedMessage:
    def read(position: int | None) -> str:
        if position is None:
            return ""
        argument = call.args[position] if position < len(call.args) else None
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
            return argument.value
        raise ValueError(f"{place}:{call.lineno}: give {name} a literal, or its message is in no catalogue.")

    context, text, plural = (read(position) for position in MARKS[name])
    return MarkedMessage(text, plural, context, place)
