"""A question as the clients get it."""

from datetime import UTC, datetime
from typing import Any

from moderation.domain.remote import AskedComment, Question, RemoteKind, ServiceSettings

KEY = "sk-canary-7f3a"


def build_question(kind: RemoteKind, *, key: str = KEY, **changes: Any) -> Question:
    """About one plain comment; `changes` go to the settings or to the comment, by their names."""
    given: dict[str, Any] = {
        "text": "A fine idea.",
        "name": "Ada Reader",
        "website": "https://ada.example/",
        "network": "203.0.113.0",
        "is_reply": False,
        "page_url": "https://news.example/first",
        "page_title": "First article",
        "submitted_at": datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC),
        "site_url": "https://news.example/",
        "languages": ("en", "de"),
        "email": "ada@reader.example",
    }
    policy = kind == RemoteKind.POLICY_MODEL
    settings: dict[str, Any] = {
        "base_url": "https://api.example",
        "is_on": True,
        "model": "judge-1" if policy else "",
        "policy_text": "1. No insults." if policy else "",
    }
    for name, value in changes.items():
        (given if name in given else settings)[name] = value
    return Question(ServiceSettings(**settings), AskedComment(**given), key)
