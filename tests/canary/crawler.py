"""Asks for every address of the URL conf, and for whatever the pages link to."""

import html
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import product
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.http.response import HttpResponseBase
from django.urls import URLPattern, URLResolver, get_resolver

from moderation.domain.remote import RemoteKind
from moderation.models import Backtest, Comment, Role, Rule, SiteKey
from tests.canary.scene import Answer, Caller, Scene
from tests.canary.sender import read_answer

_PLACEHOLDER = re.compile(r"<(?:[^:<>]+:)?(\w+)>")
_GROUP = re.compile(r"\(\?P<(\w+)>(?:[^()]|\([^()]*\))*\)")
_LINK = re.compile(rb'(?:href|src|action)="([^"#]+)')
_LOCATION = re.compile(rb"^Location:.*\r?\n", re.MULTILINE)
_ACTION = re.compile(rb'(?<=<form action=")[^"]*')
_MOST_ROWS = 2


class CannotBuild(Exception):
    """An address has a part that nobody told the crawler how to fill."""


@dataclass(frozen=True)
class Route:
    """One entry of the URL conf, with its parts written `<name>`."""

    name: str
    text: str

    @property
    def parts(self) -> list[str]:
        """The names of what varies."""
        return _PLACEHOLDER.findall(self.text)


Values = Callable[[Scene, Route], Iterable[object]]


def _ids_of_rows(scene: Scene, route: Route) -> Iterable[object]:
    """Rows of the admin's model; for comments one of each status."""
    if "content_type_id" in route.parts:
        return [comment.pk for comment in scene.samples]
    app_label, model_name = route.text.split("/")[1:3]
    model = apps.get_model(app_label, model_name)
    if model_name == "comment":
        return [comment.pk for comment in scene.samples]
    return [*model._default_manager.order_by("-pk").values_list("pk", flat=True)[:_MOST_ROWS], 0]


# What stands for each part of an address. A new part needs a new line, else the suite fails.
VALUES: dict[str, Values] = {
    "comment_id": lambda scene, _: [comment.id for comment in scene.samples],
    "thread_id": lambda scene, _: [thread.id for thread in scene.threads],
    "decision_id": lambda scene, _: [decision.id for decision in scene.decisions[-_MOST_ROWS:]],
    "site_id": lambda scene, _: [scene.site.id, scene.other_site.id],
    "key_id": lambda scene, _: SiteKey.objects.filter(site=scene.site).values_list("pk", flat=True),
    "role_id": lambda scene, _: Role.objects.filter(site=scene.site).values_list("pk", flat=True)[
        :_MOST_ROWS
    ],
    "version": lambda *_: [1],
    "kind": lambda *_: [kind.value for kind in RemoteKind],
    "rule_id": lambda scene, _: Rule.objects.filter(site=scene.site).values_list("pk", flat=True),
    "backtest_id": lambda scene, _: Backtest.objects.filter(site=scene.site).values_list("pk", flat=True),
    "public_key": lambda scene, _: [scene.public_key],
    "slug": lambda scene, _: [scene.article.slug],
    "name": lambda *_: ["embed.js"],
    "object_id": _ids_of_rows,
    "id": _ids_of_rows,
    "pk": _ids_of_rows,
    "content_type_id": lambda *_: [ContentType.objects.get_for_model(Comment).pk],
    "app_label": lambda *_: ["moderation", "auth"],
    "url": lambda *_: ["nothing/here"],
    "anything": lambda *_: ["nothing/here"],
}
# What may be asked in addition, by the name of the URL.
QUERIES: dict[str, Callable[[Scene], list[str]]] = {
    "api:thread_by_name": lambda scene: [f"url={quote(scene.url)}"],
    "api:public_thread": lambda scene: [f"url={quote(scene.url)}"],
    "api:form_token": lambda scene: [f"thread={quote(scene.url)}"],
    "api:comments": lambda _: ["status=held", "status=spam&limit=1"],
    "thread-frame": lambda scene: [f"url={quote(scene.url)}"],
    "thread-alone": lambda scene: [f"url={quote(scene.url)}"],
    "thread-fragment": lambda scene: [f"url={quote(scene.url)}"],
    "thread-counts": lambda scene: [f"url={quote(scene.url)}"],
    "thread-data": lambda scene: [f"url={quote(scene.url)}", f"url={quote(scene.url)}&sort=newest"],
}


def routes(urlconf: str | None = None) -> list[Route]:
    """Every entry of the URL conf, included ones too."""
    return list(_walk(get_resolver(urlconf), "", ()))


def build_paths(route: Route, scene: Scene) -> list[str]:
    """Real addresses for one entry. Raises `CannotBuild` for an unknown part."""
    unknown = [part for part in route.parts if part not in VALUES]
    if unknown:
        raise CannotBuild(f"{route.name or route.text}: nothing in crawler.VALUES for {', '.join(unknown)}")
    columns = [[str(value) for value in VALUES[part](scene, route)] for part in route.parts]
    paths = [_fill(route.text, values) for values in product(*columns)]
    more = QUERIES[route.name](scene) if route.name in QUERIES else []
    return [path + query for path in paths for query in ("", *(f"?{query}" for query in more))]


def _fill(text: str, values: Iterable[str]) -> str:
    filled = iter(values)
    return "/" + _PLACEHOLDER.sub(lambda _: quote(next(filled), safe="/"), text)


def ask(caller: Caller, method: str, path: str) -> Answer:
    """One request of theirs."""
    client: Any = caller.client
    response: HttpResponseBase = client.generic(method, path)
    return read_answer(f"{caller.name}: {method} {path} -> {response.status_code}", response)


def crawl(caller: Caller, paths: Collection[str], methods: Collection[str] = ("GET",)) -> Iterator[Answer]:
    """Every address by every method."""
    for path in paths:
        for method in methods:
            yield ask(caller, method, path)


def ask_with_address(scene: Scene) -> Iterator[Answer]:
    """The canary in every kind of address and header.

    Only a redirect, and a form that comes back to where it was asked for, may repeat the question.
    """
    address = scene.canary.address
    talkative = Caller("nobody", {"User-Agent": address, "Referer": f"https://x.example/?e={address}"})
    odd = (
        "/{}",
        "/articles/{}/",
        "/embed/{}/thread",
        "/admin/{}",
        "/static/{}",
        "/api/v1/comments/{}",
        "/api/{}",
    )
    paths = [path for route in routes() for path in build_paths(route, scene)[:1]]
    asked = [f"{path}?email={quote(address)}&{quote(address)}=1" for path in paths]
    for answer in crawl(talkative, [*asked, *(path.format(quote(address)) for path in odd)]):
        body = _ACTION.sub(b"", answer.body)
        yield replace(answer, label=f"asked: {answer.label}", head=_LOCATION.sub(b"", answer.head), body=body)


def links_in(answers: Mapping[str, Answer], *, but: Collection[str]) -> list[str]:
    """Addresses of this service to which pages link, by their path, other than those known."""
    found: dict[str, None] = {}
    for path, answer in answers.items():
        if b"text/html" not in answer.head:
            continue
        for link in _LINK.findall(answer.body):
            parts = urlsplit(urljoin(path, html.unescape(link.decode())))
            if not parts.netloc and parts.path.startswith("/") and not parts.path.startswith("/static/"):
                found[parts._replace(fragment="").geturl()] = None
    return [link for link in found if link not in but]


def _walk(resolver: URLResolver, prefix: str, namespaces: tuple[str, ...]) -> Iterator[Route]:
    for entry in resolver.url_patterns:
        text = prefix + _plain(str(entry.pattern))
        if isinstance(entry, URLResolver):
            inner = (*namespaces, entry.namespace) if entry.namespace else namespaces
            yield from _walk(entry, text, inner)
        elif isinstance(entry, URLPattern):
            yield Route(":".join((*namespaces, entry.name or "")), text)


def _plain(pattern: str) -> str:
    """A regular expression's groups as `<name>`, its anchors gone; `.*` is a part called `anything`."""
    pattern = _GROUP.sub(r"<\1>", pattern.removeprefix("^").removesuffix("$").removesuffix("\\Z"))
    return pattern.replace(".*", "<anything>")
