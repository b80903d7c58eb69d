"""Sends moderation requests as OpenAI's clients do."""

from pathlib import Path
from typing import Any, NamedTuple

from moderation.compat.openai_moderations.categories import Category
from moderation.flow.record import SYSTEM
from moderation.flow.site.settings import create_key
from moderation.models import Site
from moderation.models.key import KeyKind, Scope
from tests.compat.wire import WireAnswer, call

RECORDED = Path(__file__).parent / "recorded"
PATH = "/v1/moderations"
NAMES = {category.value for category in Category}


class Reply(NamedTuple):
    """Status and body of an answer."""

    status: int
    body: Any

    @property
    def error(self) -> Any:
        """The error, whose four keys OpenAI's clients read."""
        assert set(self.body["error"]) == {"message", "type", "param", "code"}
        return self.body["error"]

    @property
    def result(self) -> Any:
        """The only result."""
        (result,) = self.body["results"]
        return result


def make_score_key(site: Site) -> str:
    """A key that may only score."""
    return create_key(site.id, KeyKind.SECRET, scopes=[Scope.SCORE], actor=SYSTEM).plain


def ask(key: str, body: Any, *, method: str = "POST", path: str = PATH) -> Reply:
    """The answer to a body, which is sent as JSON unless it is bytes."""
    answer = call(method, path, body, headers={"Authorization": f"Bearer {key}"})
    assert answer.kind == "application/json"
    return Reply(answer.status, answer.body)


def is_own_shape(answer: WireAnswer) -> bool:
    """Whether OpenAI's clients could read it."""
    if not answer.raw or answer.kind != "application/json":
        return False
    if answer.status != 200:
        return is_error(answer.body)
    return all(is_result(result) for result in answer.body["results"])


def is_error(body: Any) -> bool:
    """Whether all four keys of an error are there."""
    return set(body) == {"error"} and set(body["error"]) == {"message", "type", "param", "code"}


def is_result(result: Any) -> bool:
    """Whether all categories are in all maps, with values of the right kinds."""
    return (
        set(result["categories"])
        == set(result["category_scores"])
        == set(result["category_applied_input_types"])
        == NAMES
        and all(isinstance(value, bool) for value in result["categories"].values())
        and all(0.0 <= value <= 1.0 for value in result["category_scores"].values())
        and result["flagged"] is any(result["categories"].values())
    )
