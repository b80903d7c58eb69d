"""Messages that templates mark, exactly as they are looked up when a page is rendered."""

from collections.abc import Iterator

from django.template import Engine, Template
from django.template.base import FilterExpression, Node, Variable
from django.templatetags.i18n import BlockTranslateNode, TranslateNode

from moderation.management.catalogues.message import MarkedMessage


def read_template(source: str, place: str) -> Iterator[MarkedMessage]:
    """The marked messages of a template. Raises ValueError for one that is not a literal."""
    template = Template(source, engine=Engine.get_default())
    for node in walk_nodes(template):
        if isinstance(node, TranslateNode):
            yield _read_translate(node, place)
        elif isinstance(node, BlockTranslateNode):
            yield _read_block(node, place)


def walk_nodes(template: Template) -> list[Node]:
    """All nodes of a compiled template, in their order."""
    return template.nodelist.get_nodes_by_type(Node)


def _read_translate(node: TranslateNode, place: str) -> MarkedMessage:
    text = _literal_of(node.filter_expression, place)
    return MarkedMessage(text.replace("%", "%%"), "", _context_of(node.message_context, place), place)


def _read_block(node: BlockTranslateNode, place: str) -> MarkedMessage:
    text, _ = node.render_token_list(node.singular)
    plural = node.render_token_list(node.plural)[0] if node.plural and node.countervar else ""
    return MarkedMessage(text, plural, _context_of(node.message_context, place), place)


def _context_of(context: FilterExpression | None, place: str) -> str:
    return "" if context is None else _literal_of(context, place)


def _literal_of(expression: FilterExpression, place: str) -> str:
    variable = expression.var
    literal = variable.literal if isinstance(variable, Variable) else variable
    if not isinstance(literal, str) or expression.filters:
        raise ValueError(f"{place}: a message that is not a literal ({expression.token}) is in no catalogue.")
    return literal
