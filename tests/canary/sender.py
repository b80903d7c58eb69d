"""Sends submissions as browsers and servers do, and keeps every answer."""

import json
from collections.abc import Mapping
from itertools import count
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.test import Client, TestCase

from moderation.privacy.tokens import form_token
from tests.canary.scene import Answer, Scene

_FORM = "application/x-www-form-urlencoded"
_JSON = "application/json"


class Sender:
    """Sends the canary. Each method names what it expects for an answer."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self._networks = count(1)

    def post_form(
        self,
        label: str,
        expected: int,
        changes: Mapping[str, str] | None = None,
        *,
        framed_by: str = "",
        network: str = "",
    ) -> None:
        """The readers' form under an article, or in a frame of the page `framed_by`."""
        values = {
            "comment": f"A remark by form: {label}.",
            "author": "Ada Reader",
            "email": self.scene.canary.address,
            "url": "",
            "form_token": form_token(site_id=self.scene.site.id, thread=self.scene.url),
            **(changes or {}),
        }
        path = f"/articles/{self.scene.article.slug}/comments/"
        if framed_by:
            path = f"/embed/{self.scene.public_key}/comments?{urlencode({'url': framed_by})}"
        self._send(label, expected, path, urlencode(values).encode(), {"Content-Type": _FORM}, network)

    def post_json(
        self,
        label: str,
        expected: int,
        changes: Mapping[str, Any] | None = None,
        *,
        key: str = "",
        raw: bytes = b"",
        headers: Mapping[str, str] | None = None,
        network: str = "",
    ) -> None:
        """A submission by the API with the secret key or another; `raw` in place of the whole body."""
        values = {
            "thread": {"url": self.scene.url, "title": "An article"},
            "name": "Ada Reader",
            "email": self.scene.canary.address,
            "body": f"A remark by API: {label}.",
            **(changes or {}),
        }
        sent = {"Authorization": f"Bearer {key or self.scene.secret_key}", "Content-Type": _JSON}
        self._send(
            label,
            expected,
            "/api/v1/comments",
            raw or json.dumps(values).encode(),
            {**sent, **(headers or {})},
            network,
        )

    def post_akismet(self, label: str, path: str, changes: Mapping[str, str] | None = None) -> None:
        """A call of a client of Akismet with the secret key; errors have status 200 there, too."""
        values = {
            "api_key": self.scene.secret_key,
            "blog": self.scene.url,
            "permalink": self.scene.url,
            "user_ip": "203.0.113.7",
            "comment_author": "Ada Reader",
            "comment_author_email": self.scene.canary.address,
            "comment_content": f"A remark by Akismet: {label}.",
            **(changes or {}),
        }
        self._send(label, 200, path, urlencode(values).encode(), {"Content-Type": _FORM}, "")

    def post_cleantalk(self, label: str, changes: Mapping[str, Any] | None = None) -> None:
        """A call of a client of CleanTalk with the secret key; errors have status 200 there, too."""
        page = json.dumps({"comment_type": "comment", "post_url": self.scene.url})
        values = {
            "auth_key": self.scene.secret_key,
            "method_name": "check_message",
            "message": f"A remark by CleanTalk: {label}.",
            "sender_email": self.scene.canary.address,
            "sender_ip": "203.0.113.7",
            "sender_nickname": "Ada Reader",
            "submit_time": 20,
            "js_on": 1,
            "post_info": page,
            **(changes or {}),
        }
        body = json.dumps(values).encode()
        self._send(label, 200, "/compat/cleantalk/api2.0", body, {"Content-Type": _JSON}, "")

    def _send(
        self, label: str, expected: int, path: str, body: bytes, headers: Mapping[str, str], network: str
    ) -> None:
        """`network` is where it comes from; each by itself where nothing is said."""
        kind = headers["Content-Type"]
        client: Any = Client(raise_request_exception=False)
        others = {name: value for name, value in headers.items() if name != "Content-Type"}
        network = network or f"198.18.{next(self._networks)}.7"
        with TestCase.captureOnCommitCallbacks(execute=True):
            response = client.generic("POST", path, body, kind, headers=others, REMOTE_ADDR=network)
        assert response.status_code == expected, (label, response.status_code, response.content[:600])
        self.scene.sent_bodies.append(body)
        self.scene.answers.append(read_answer(label, response, echoes=kind == _FORM and expected >= 400))


def read_answer(label: str, response: HttpResponseBase, *, echoes: bool = False) -> Answer:
    """An answer as bytes, its cookies among the head."""
    head = "\r\n".join(f"{name}: {value}" for name, value in response.items())
    head += f"\r\n{response.cookies.output()}"
    if isinstance(response, StreamingHttpResponse):
        body = response.getvalue()
    else:
        assert isinstance(response, HttpResponse)
        body = response.content
    return Answer(label, response.status_code, head.encode(), body, echoes)
