"""Finds words that readers would see in English whatever the page's language: they are not marked."""

import ast
import re
from collections.abc import Iterator
from html.parser import HTMLParser

from django.template import Engine, Template
from django.template.base import FilterExpression, Node, TextNode, VariableNode
from django.templatetags.i18n import BlockTranslateNode, TranslateNode

from moderation.management.catalogues.python_messages import MARKS, name_of
from moderation.management.catalogues.template_messages import walk_nodes

_FILLED_IN = "\N{OBJECT REPLACEMENT CHARACTER}"
_WORD = re.compile(r"[^\W\d_]{2,}")
_SHOWN_ATTRIBUTES = frozenset({"title", "alt", "placeholder", "aria-label", "aria-description", "label"})
_NOT_SHOWN = frozenset({"script", "style"})
# Two words or more that begin like a sentence, or nothing but plain words.
_SENTENCE = re.compile(r"[A-Z“].* [a-z]{2,}.*|[a-z]+(?: [a-z]+)+[.!?…]?", re.DOTALL)
# Their texts are for developers, programs and logs.
_FOR_OTHERS = frozenset({"Http404", "ValueError", "TypeError", "build_problem", "warning", "info"})


def unmarked_in_template(source: str) -> list[str]:
    """Texts and attributes with words in them, and filters that write English."""
    template = Template(source, engine=Engine.get_default())
    reader = _TextReader()
    found = []
    for node in walk_nodes(template):
        if isinstance(node, TextNode):
            reader.feed(node.s)
        elif isinstance(node, VariableNode | TranslateNode | BlockTranslateNode):
            reader.feed(_FILLED_IN)
        found += [f"{name} writes English" for name in _filters_of(node) if name == "pluralize"]
    reader.close()
    return found + [text for text in reader.found if _WORD.search(text)]


def _filters_of(node: Node) -> Iterator[str]:
    expression = getattr(node, "filter_expression", None)
    if isinstance(expression, FilterExpression):
        for function, _ in expression.filters:
            yield getattr(function, "_filter_name", "")


class _TextReader(HTMLParser):
    """Collects what a browser would show of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._tag = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._tag = tag
        self.found += [value for name, value in attrs if name in _SHOWN_ATTRIBUTES and value]
        given = dict(attrs)
        if tag == "meta" and given.get("name") == "description":
            self.found.append(given.get("content") or "")

    def handle_data(self, data: str) -> None:
        if self._tag not in _NOT_SHOWN:
            self.found.append(" ".join(data.split()))


def unmarked_in_python(source: str) -> list[str]:
    """Literals that read like a sentence and are neither marked nor for developers only."""
    tree = ast.parse(source)
    exempt = {id(part) for node in ast.walk(tree) if _is_exempt(node) for part in ast.walk(node)}
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and id(node) not in exempt
        and _SENTENCE.fullmatch(node.value.strip())
    ]


def _is_exempt(node: ast.AST) -> bool:
    if isinstance(node, ast.Call):
        return name_of(node) in MARKS or name_of(node) in _FOR_OTHERS
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)  # a docstring
