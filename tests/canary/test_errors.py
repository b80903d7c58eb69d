"""When something breaks with the address at hand: neither the answer nor the log shows it."""

from pathlib import Path
from typing import Any, NoReturn

import pytest
from django.core.mail.backends.locmem import EmailBackend
from django.db import IntegrityError, OperationalError
from django.db.models.functions import Now

from moderation.engine.checks.links import Links
from moderation.flow.jobs import SWEEP_RUNNER, enqueue
from moderation.flow.notify import MAIL, send_due
from moderation.models import Delivery, Job
from tests.builders import screen_all, submit
from tests.canary.needles import find_leaks
from tests.canary.scene import Scene
from tests.canary.sender import Sender
from tests.canary.wiretaps import dump_table, logs_in

pytestmark = pytest.mark.django_db

FACES = ("moderation.api.comments.submit_comment", "moderation.embed.posting.submit_comment")


def break_with(scene: Scene, kind: type[Exception]) -> Any:
    """A function that fails as badly as can be: the address in its message, its cause and its locals."""
    address = scene.canary.address

    def fail(*args: object, **options: object) -> NoReturn:
        typed = {"email": address}
        try:
            raise KeyError(typed["email"])
        except KeyError as cause:
            raise kind(f"cannot store {typed!r}\nDETAIL:  Key (email)=({address}) is odd.") from cause

    return fail


@pytest.mark.parametrize(
    ("kind", "by_api", "by_form"),
    [(RuntimeError, 500, 500), (OperationalError, 503, 503), (IntegrityError, 503, 500)],
)
def test_a_submission_that_breaks(
    scene: Scene,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    kind: type[Exception],
    by_api: int,
    by_form: int,
) -> None:
    for face in FACES:
        monkeypatch.setattr(face, break_with(scene, kind))
    path = tmp_path / "broken.log"
    before = len(scene.answers)
    with logs_in(path):
        Sender(scene).post_json("broken", by_api)
        Sender(scene).post_form("broken form", by_form)
    by_api_answer, by_form_answer = scene.answers[before:]
    assert not find_leaks(by_api_answer.wire, scene.canary.needles)
    if by_form == 500:  # the text is lost then, and so is the address
        assert not find_leaks(by_form_answer.wire, scene.canary.needles)
    assert path.read_bytes()
    assert not find_leaks(path.read_bytes(), scene.canary.needles)


def test_a_screening_that_breaks(scene: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Links, "run", break_with(scene, RuntimeError))
    monkeypatch.setattr("moderation.flow.comments.screen.judge", break_with(scene, RuntimeError))
    submit(scene.site, "One that cannot be screened.", email=scene.canary.address, url=scene.url)
    path = tmp_path / "broken.log"
    with logs_in(path):
        screen_all()
    assert b"Traceback" in path.read_bytes()
    assert not find_leaks(path.read_bytes(), scene.canary.needles)
    tables = dump_table("job") + dump_table("screening")
    assert b"RuntimeError" in tables
    assert not find_leaks(tables, scene.canary.needles)


def test_a_mail_that_cannot_be_sent(scene: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(EmailBackend, "send_messages", break_with(scene, ConnectionRefusedError))
    told = Delivery.objects.get()
    Delivery.objects.update(state="pending")
    enqueue(MAIL, [(told.site_id, told.id)])
    Job.objects.update(due_at=Now())
    path = tmp_path / "broken.log"
    with logs_in(path):
        send_due(runner=SWEEP_RUNNER)
    tables = dump_table("job") + dump_table("delivery")
    assert b"ConnectionRefusedError" in tables
    assert not find_leaks(path.read_bytes() + tables, scene.canary.needles)
