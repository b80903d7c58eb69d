"""The scene, set once per module: the canary submitted in every way, and everything overheard."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.core import mail
from django.db import connection, transaction
from django.db.models.functions import Now
from django.test import TestCase, override_settings
from pytest_django import DjangoDbBlocker

from moderation.domain.remote import AsksAbout, OnFailure
from moderation.domain.status import Action, Status
from moderation.flow.comments.decide import Choice, decide_many
from moderation.flow.jobs import SWEEP_RUNNER
from moderation.flow.notify import notify_due, send_due
from moderation.lib.clock import now
from moderation.models import Comment, Job, ReviewItem
from tests.builders import person
from tests.canary.crawler import ask_with_address
from tests.canary.scene import Scene, build_scene
from tests.canary.ways_in import submit_everywhere
from tests.canary.wiretaps import commands_in, logs_in, statements_in
from tests.fake_services import says, serve, settle, use_service


@pytest.fixture(scope="module")
def log_path(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The service's log during this module."""
    path = tmp_path_factory.mktemp("canary") / "service.log"
    with logs_in(path):
        yield path


@pytest.fixture(scope="module")
def scene(django_db_setup: None, django_db_blocker: DjangoDbBlocker, log_path: Path) -> Iterator[Scene]:
    """What a day with the canary leaves behind; taken back after the module."""
    with django_db_blocker.unblock():
        with connection.cursor() as cursor:
            cursor.execute("SET transaction_timeout = 0")  # one transaction for the whole module
        try:
            with transaction.atomic():
                yield _play()
                transaction.set_rollback(True)
        finally:
            connection.close()


def _play() -> Scene:
    scene = build_scene()
    with serve(says("false")) as service, override_settings(REMOTE_CHECK_ORIGINS={service.url}):
        # Only about what is held: others would be judged by the record that it gives their author.
        use_service(scene.site, service.url, asks_about=AsksAbout.DOUBT, on_failure=OnFailure.IGNORE)
        _live_through(scene)
    scene.asked = [asked.body for asked in service.asked]
    for caller in scene.callers:
        caller.log_in()
    return scene


def _live_through(scene: Scene) -> None:
    with statements_in(scene.statements), commands_in(scene.commands, settings.REDIS_URL):
        submit_everywhere(scene)
        with TestCase.captureOnCommitCallbacks(execute=True):
            settle()
            _decide(scene)
            _tell_moderators(scene)


_DECISIONS = (
    (Action.SPAM, "spam"),
    (Action.REJECT, "off_topic"),
    (Action.DELETE, "author_request"),
    (Action.HOLD, "second_look"),
)


def _decide(scene: Scene) -> None:
    """At least one comment in every status that has a page or a list."""
    moderator = scene.caller("moderator").user
    assert moderator is not None
    for comment, (action, reason) in zip(scene.comments, _DECISIONS, strict=False):
        choice = Choice(comment.id, comment.version)  # one that stands there already is refused
        decide_many([choice], site_id=scene.site.id, action=action, reason=reason, actor=person(moderator))
    found = set(Comment.objects.filter(site=scene.site).values_list("status", flat=True))
    assert found == {"published", "held", "spam", "rejected", "deleted"}
    assert Status.SCREENING not in found


def _tell_moderators(scene: Scene) -> None:
    ReviewItem.objects.update(opened_at=now() - timedelta(hours=1))
    Job.objects.update(due_at=Now())
    notify_due(runner=SWEEP_RUNNER)
    send_due(runner=SWEEP_RUNNER)
    scene.mails = [message.message().as_bytes() for message in mail.outbox]


@pytest.fixture(scope="module")
def asked_scene(scene: Scene) -> Scene:
    """The same after every address was also asked with the canary in the question."""
    scene.answers.extend(ask_with_address(scene))
    return scene
