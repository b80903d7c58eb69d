"""Who is told of held comments, how often, and what happens when mail fails."""

from dataclasses import replace
from datetime import timedelta
from smtplib import SMTPServerDisconnected
from typing import Any
from uuid import uuid4

import pytest
from django.core import mail
from django.core.mail import EmailMessage
from django.db.models import F
from django.db.models.functions import Now

from moderation.flow import jobs, notify
from moderation.flow.jobs import SWEEP_RUNNER
from moderation.flow.notify import MAIL, NOT_WANTED, NOTIFY, build_mail, notify_due, send_due
from moderation.flow.record import SYSTEM
from moderation.flow.site.settings import set_role
from moderation.models import Delivery, Job, ReviewItem, Role, Site
from moderation.models.role import NotifyMode, RoleName
from tests.builders import LINKED, build_moderator, build_site, submit_screened

pytestmark = pytest.mark.django_db


@pytest.fixture
def site() -> Site:
    return build_site()


def add_moderator(site: Site, name: str, notify: NotifyMode, **fields: Any) -> Role:
    user = build_moderator([], name, **({"email": f"{name}@staff.example"} | fields))
    return set_role(site.id, user, RoleName.MODERATOR, actor=SYSTEM, notify=notify)


def hold(site: Site, number: int = 1) -> None:
    for n in range(number):
        submit_screened(site, f"{LINKED[n]} {Delivery.objects.count()}", email=f"r{n}@reader.example")


def settle() -> None:
    """Let time pass: what was queued has settled, and what waits is due."""
    ReviewItem.objects.update(opened_at=F("opened_at") - timedelta(minutes=1))
    Role.objects.update(last_notified_at=F("last_notified_at") - timedelta(minutes=1))
    Job.objects.update(due_at=Now())


def notify_all() -> list[EmailMessage]:
    """Run everything that is due now; the mails that went out."""
    settle()
    mail.outbox.clear()
    notify_due(runner=SWEEP_RUNNER)
    send_due(runner=SWEEP_RUNNER)
    return list(mail.outbox)


def later(role: Role, **span: float) -> None:
    ReviewItem.objects.update(opened_at=F("opened_at") - timedelta(**span))
    Role.objects.filter(id=role.id).update(
        last_notified_at=F("last_notified_at") - timedelta(**span), created_at=Now() - timedelta(days=30)
    )


def test_moderators_who_want_it_hear_soon_each_by_a_mail_of_their_own(site: Site) -> None:
    add_moderator(site, "ann", NotifyMode.EACH)
    add_moderator(site, "ben", NotifyMode.EACH)
    add_moderator(site, "off", NotifyMode.OFF)
    hold(site, 3)
    sent = notify_all()
    assert sorted(m.to[0] for m in sent) == ["ann@staff.example", "ben@staff.example"]
    assert all(len(m.recipients()) == 1 for m in sent)
    assert "3 comments are waiting" in sent[0].subject
    assert f"/admin/queue/?site={site.slug}\n" in sent[0].body
    assert set(Delivery.objects.values_list("state", "attempts")) == {("sent", 1)}


def test_a_mail_holds_nothing_of_what_readers_wrote(site: Site) -> None:
    add_moderator(site, "ann", NotifyMode.EACH)
    submit_screened(site, LINKED[0], name="Ada Reader", email="ada@reader.example")
    (sent,) = notify_all()
    everything = f"{sent.subject}{sent.body}{sent.extra_headers}"
    assert not [word for word in ("city.example", "Ada", "reader.example") if word in everything]


def test_a_second_mail_waits_for_its_pause_and_then_goes_by_itself(site: Site) -> None:
    role = add_moderator(site, "ann", NotifyMode.EACH)
    hold(site)
    assert len(notify_all()) == 1
    hold(site, 2)
    assert notify_all() == []
    assert Job.objects.filter(kind="notify").exists()
    later(role, minutes=11)
    (sent,) = notify_all()
    assert "2 comments are waiting" in sent.subject
    assert not Job.objects.filter(kind="notify").exists()


def test_a_digest_comes_once_a_day(site: Site) -> None:
    role = add_moderator(site, "ann", NotifyMode.DIGEST)
    hold(site)
    assert notify_all() == []
    later(role, days=0)
    assert len(notify_all()) == 1
    hold(site)
    later(role, hours=23)
    assert notify_all() == []
    later(role, hours=2)
    assert len(notify_all()) == 1


def test_what_has_not_settled_is_told_next_time(site: Site) -> None:
    add_moderator(site, "ann", NotifyMode.EACH)
    hold(site)
    Job.objects.update(due_at=Now())
    notify_due(runner=SWEEP_RUNNER)
    assert not Delivery.objects.exists()
    assert len(notify_all()) == 1


def test_nobody_hears_of_another_sites_comments(site: Site) -> None:
    other = build_site("Other", host="other.example")
    add_moderator(other, "ann", NotifyMode.EACH)
    hold(site)
    assert notify_all() == []


def test_no_mail_when_all_was_decided_meanwhile(site: Site) -> None:
    add_moderator(site, "ann", NotifyMode.EACH)
    hold(site)
    ReviewItem.objects.update(closed_at=Now())
    assert notify_all() == []


def test_a_mail_that_fails_is_tried_again_and_the_others_go_out(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_moderator(site, "ann", NotifyMode.EACH)
    add_moderator(site, "ben", NotifyMode.EACH)
    hold(site)
    send = EmailMessage.send

    def fail_for_ann(message: EmailMessage, fail_silently: bool = False) -> int:
        if message.to == ["ann@staff.example"]:
            raise SMTPServerDisconnected("ann@staff.example")
        return send(message, fail_silently)

    with monkeypatch.context() as patch:
        patch.setattr(EmailMessage, "send", fail_for_ann)
        assert [m.to[0] for m in notify_all()] == ["ben@staff.example"]
    job = Job.objects.get(kind="mail")
    assert (job.last_error, job.attempts) == ("SMTPServerDisconnected", 1)
    told = Delivery.objects.get(recipient__username="ann")
    assert (told.state, told.last_error, told.attempts) == ("pending", "SMTPServerDisconnected", 1)
    Job.objects.update(due_at=Now())
    send_due(runner=SWEEP_RUNNER)
    assert mail.outbox[-1].to == ["ann@staff.example"]
    assert not Job.objects.filter(kind="mail").exists()


def test_a_mail_is_given_up_in_the_end(site: Site) -> None:
    add_moderator(site, "ann", NotifyMode.EACH)
    hold(site)
    settle()
    notify_due(runner=SWEEP_RUNNER)
    Job.objects.filter(kind="mail").update(attempts=MAIL.max_attempts, last_error="TimeoutError")
    send_due(runner=SWEEP_RUNNER)
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.last_error) == ("failed", "TimeoutError")
    assert delivery.attempts == MAIL.max_attempts
    assert Job.objects.get(kind="mail").state == "dead"


@pytest.mark.parametrize("change", ["role", "active", "address"])
def test_whoever_left_meanwhile_hears_nothing(site: Site, change: str) -> None:
    role = add_moderator(site, "ann", NotifyMode.EACH)
    hold(site)
    settle()
    notify_due(runner=SWEEP_RUNNER)
    if change == "role":
        role.delete()
    else:
        setattr(role.user, *{"active": ("is_active", False), "address": ("email", "")}[change])
        role.user.save()
    send_due(runner=SWEEP_RUNNER)
    assert mail.outbox == []
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.last_error) == ("failed", NOT_WANTED)


def test_who_lost_the_lease_tells_nobody(site: Site) -> None:
    add_moderator(site, "ann", NotifyMode.EACH)
    hold(site)
    settle()
    (late,) = jobs.claim(NOTIFY)
    Job.objects.update(lease_token=uuid4())
    notify._notify_batch([late], SWEEP_RUNNER)
    assert not Delivery.objects.exists()
    assert not Job.objects.filter(kind="mail").exists()
    assert Role.objects.get(user__username="ann").last_notified_at is None
    assert Job.objects.get(kind="notify").last_error == ""


@pytest.mark.parametrize("fate", ["sent", "not wanted", "failed", "given up"])
def test_who_lost_the_lease_notes_nothing_of_a_mail(
    site: Site, monkeypatch: pytest.MonkeyPatch, fate: str
) -> None:
    add_moderator(site, "ann", NotifyMode.EACH)
    hold(site)
    settle()
    notify_due(runner=SWEEP_RUNNER)
    (late,) = jobs.claim(MAIL)

    def take_over(message: EmailMessage, fail_silently: bool = False) -> int:
        Job.objects.update(lease_token=uuid4())
        if fate == "failed":
            raise SMTPServerDisconnected
        return 1

    monkeypatch.setattr(EmailMessage, "send", take_over)
    if fate == "not wanted":
        monkeypatch.setattr(notify, "_still_wants", lambda delivery: not take_over(EmailMessage()))
    if fate == "given up":
        Job.objects.update(lease_token=uuid4())
        late = replace(late, attempts=MAIL.max_attempts + 1)
    notify._send_batch([late], SWEEP_RUNNER)
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.attempts, delivery.last_error, delivery.sent_at) == (
        "pending",
        0,
        "",
        None,
    )
    assert Job.objects.get(kind="mail").state == "open"


def test_a_site_name_cannot_break_out_of_the_subject(site: Site) -> None:
    role = add_moderator(site, "ann", NotifyMode.EACH)
    site.name = "News\nBcc: all@evil.example"
    delivery = Delivery(site=site, recipient=role.user, kind="held", data={"count": 1000})
    message = build_mail(delivery)
    assert "\n" not in message.subject
    assert "1000+ comments are" in message.subject
    message.message()
