"""Short ways to call Perspective's methods."""

from typing import Any

from moderation.flow.record import SYSTEM
from moderation.flow.site.settings import create_key
from moderation.models import Site
from moderation.models.key import KeyKind, Scope
from tests.compat.wire import WireAnswer, call

ANALYZE = "/v1alpha1/comments:analyze"
INSULT = "You are a stupid worthless idiot and everybody hates you."


def key_for(site: Site, *scopes: Scope) -> str:
    """A new secret key of the site; with the scope `score` where none is named."""
    return create_key(site.id, KeyKind.SECRET, scopes=scopes or [Scope.SCORE], actor=SYSTEM).plain


def analyze(key: str, text: str = INSULT, *attributes: str, **fields: Any) -> WireAnswer:
    """Analyse `text` for TOXICITY, or for `attributes`; `fields` are further ones of the request."""
    body = {
        "comment": {"text": text},
        "requestedAttributes": {name: {} for name in attributes or ("TOXICITY",)},
    }
    return call("POST", ANALYZE, body | fields, query=f"key={key}")


def value_of(answer: WireAnswer, name: str = "TOXICITY") -> float:
    """The summary of an attribute."""
    assert answer.status == 200, answer.raw
    value: float = answer.body["attributeScores"][name]["summaryScore"]["value"]
    return value


def spans_of(answer: WireAnswer, name: str = "TOXICITY") -> list[tuple[int, int, float]]:
    """The spans of an attribute, with their scores."""
    assert answer.status == 200, answer.raw
    spans = answer.body["attributeScores"][name]["spanScores"]
    return [(span["begin"], span["end"], span["score"]["value"]) for span in spans]


def refusal_of(answer: WireAnswer) -> tuple[int, str, str]:
    """HTTP status, Google's status, and the kind or reason that clients branch on."""
    error = answer.body["error"]
    assert error["code"] == answer.status
    (detail,) = error["details"]
    return answer.status, error["status"], detail.get("errorType") or detail["reason"]
