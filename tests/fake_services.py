"""Somebody else's server on this machine: right, slow, wrong or broken, and it remembers what it was sent."""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs

from pytest_django.fixtures import Settings

from moderation.domain.remote import DEFAULT_SETTINGS, RemoteKind, settings_from_json
from moderation.flow.comments.ask import ask_due
from moderation.flow.jobs import SWEEP_RUNNER
from moderation.flow.record import SYSTEM
from moderation.flow.site.remote_services import change_service
from moderation.models import Comment, Job, RemoteAnswer, RemoteService, RemoteServiceVersion, Screening, Site
from tests.builders import screen_all, submit
from tests.stack import free_port

# What a test waits for at most between two bytes of a server that drips.
DRIP_S = 0.05
KEY = "akismet-key-d41d8cd98f00"
Answering = Callable[[BaseHTTPRequestHandler], None]


@dataclass(frozen=True, slots=True)
class Asked:
    """One request that came in."""

    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def form(self) -> dict[str, str]:
        """The body as a form with one value a name."""
        return {name: values[0] for name, values in parse_qs(self.body.decode(), strict_parsing=True).items()}

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


@dataclass
class FakeServer:
    """A server whose behaviour may be changed between requests."""

    url: str
    answer: Answering
    asked: list[Asked] = field(default_factory=list)


def says(body: str | bytes, status: int = 200, **headers: str) -> Answering:
    """Answer with this body; underscores of header names stand for hyphens."""
    raw = body.encode() if isinstance(body, str) else body

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", str(len(raw)))
        handler.end_headers()
        handler.wfile.write(raw)

    return answer


def judges(category: str = "none", confidence: float = 0.9, reason: str = "Clause 1.") -> Answering:
    """A model's answer that keeps to the schema."""
    return writes(json.dumps({"category": category, "confidence": confidence, "reason": reason}))


def writes(content: str | None, **more: Any) -> Answering:
    """A model's answer with this content."""
    choice = {"message": {"role": "assistant", "content": content}, "finish_reason": "stop"} | more
    return says(json.dumps({"choices": [choice]}))


def drips(raw: bytes) -> Answering:
    """These bytes, one by one."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        with suppress(OSError):
            for number in range(len(raw)):
                handler.wfile.write(raw[number : number + 1])
                handler.wfile.flush()
                time.sleep(DRIP_S)

    return answer


def drips_head(handler: BaseHTTPRequestHandler) -> None:
    """A head that never ends."""
    drips(b"HTTP/1.1 200 OK\r\n" + b"X-More: and more\r\n" * 1000)(handler)


def drips_body(handler: BaseHTTPRequestHandler) -> None:
    """A head at once, then a body that takes minutes."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n")
    drips(b"t" * 5000)(handler)


def hangs(handler: BaseHTTPRequestHandler) -> None:
    """Nothing at all, for a while."""
    time.sleep(3)


def after(seconds: float, answer: Answering) -> Answering:
    """The same, later."""

    def wait(handler: BaseHTTPRequestHandler) -> None:
        time.sleep(seconds)
        answer(handler)

    return wait


def hangs_up(handler: BaseHTTPRequestHandler) -> None:
    """The connection ends without an answer."""
    handler.close_connection = True


@contextmanager
def serve(answer: Answering) -> Iterator[FakeServer]:
    """A server on a free port of this machine, gone afterwards."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            fake.asked.append(Asked(self.path, headers, body))
            with suppress(OSError):
                fake.answer(self)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        server.block_on_close = False
        fake = FakeServer(f"http://127.0.0.1:{server.server_address[1]}", answer)
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield fake
        finally:
            server.shutdown()
            thread.join()


def use_service(
    site: Site, url: str, kind: RemoteKind = RemoteKind.AKISMET, *, key: str = KEY, **changes: Any
) -> RemoteServiceVersion:
    """Switch a service on for the site, as its page does; the operator must allow `url`."""
    standing = RemoteService.objects.filter(site=site, kind=kind).first()
    fitting = {"model": "judge-1", "policy_text": "1. No insults."} if kind == RemoteKind.POLICY_MODEL else {}
    values = {**DEFAULT_SETTINGS[kind].to_json(), "is_on": True, "base_url": url, **fitting, **changes}
    settings = settings_from_json(values)
    version = standing.version if standing else 0
    return change_service(site.id, kind, settings, actor=SYSTEM, seen_version=version, key=key)


def dead_url(settings: Settings) -> str:
    """An address that the operator allows and nobody listens at."""
    url = f"http://127.0.0.1:{free_port()}"
    settings.REMOTE_CHECK_ORIGINS |= {url}
    return url


def answer_of(comment: Comment) -> RemoteAnswer:
    """The one answer that is stored about a comment."""
    return RemoteAnswer.objects.get(comment=comment)


def remote_codes(comment: Comment) -> set[str]:
    """What the outside services contributed to the comment's one screening."""
    screening = Screening.objects.get(comment=comment)
    return {signal["code"] for signal in screening.signals if signal["code"].startswith("remote.")}


def build_answer(comment: Comment, *, findings: dict[str, Any] | None = None) -> RemoteAnswer:
    """An answer of Akismet, and the service that gave it, without any call."""
    version = use_service(comment.site, DEFAULT_SETTINGS[RemoteKind.AKISMET].base_url)
    return RemoteAnswer.objects.create(
        site=comment.site,
        comment=comment,
        revision=comment.current_revision,
        service=version.service,
        service_version=version.version,
        on_failure="hold",
        state="ok",
        findings=findings or {"spam": False, "discard": False},
        fields=["comment_content", "user_ip"],
    )


def ask_all() -> None:
    """Ask what is due, in this process."""
    ask_due(runner=SWEEP_RUNNER)


def make_due() -> None:
    """As if every pause between two runs had passed."""
    Job.objects.filter(kind__in=("ask", "screen"), state="open").update(due_at="2020-01-01T00:00:00Z")


def settle() -> None:
    """Screen, ask and screen again, until no comment is being screened."""
    for _ in range(6):
        make_due()
        screen_all()
        ask_all()
        if not Comment.objects.filter(status="screening").exists():
            return


def submit_settled(site: Site, body: str = "A calm and reasonable remark.", **changes: Any) -> Comment:
    """A comment after all that its site asks."""
    comment = submit(site, body, **({"ip": "203.0.113.77"} | changes))
    settle()
    comment.refresh_from_db()
    return comment
