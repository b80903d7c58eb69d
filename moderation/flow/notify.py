"""Notification: moderators hear of held comments, at once or in a daily digest, never in a flood."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from celery import shared_task
from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now
from django.urls import reverse

from moderation.flow import jobs
from moderation.flow.jobs import Lease
from moderation.lib.clock import now
from moderation.models import Delivery, ReviewItem, Role
from moderation.models.delivery import DeliveryState
from moderation.models.role import NotifyMode

log = structlog.get_logger(__name__)

# Comments that are held within this time share a mail.
GATHER_S = 20.0
# One moderator of one site gets no more than one mail in this time.
PAUSE = {NotifyMode.EACH.value: timedelta(minutes=10), NotifyMode.DIGEST.value: timedelta(days=1)}
MOST_COUNTED = 1000


def announce_held(site_ids: Collection[UUID]) -> None:
    """Ask that the moderators of these sites be told of what is waiting. Enqueues, sends nothing."""
    if site_ids:
        jobs.enqueue(jobs.NOTIFY, [(site_id, site_id) for site_id in site_ids], delay_s=GATHER_S)


@shared_task(name=jobs.NOTIFY.task_name)
def notify_due_task() -> None:
    """The bell's task: see who is to be told."""
    notify_due(runner=jobs.CELERY_RUNNER)


@shared_task(name=jobs.MAIL.task_name)
def send_due_task() -> None:
    """The bell's task: send the mails that are due."""
    send_due(runner=jobs.CELERY_RUNNER)


def notify_due(*, runner: str) -> int:
    """Write deliveries for the moderators of the sites that are due; return how many leases ran."""
    return jobs.drain(jobs.NOTIFY, _notify_batch, runner=runner)


def send_due(*, runner: str) -> int:
    """Send due mails; return how many leases ran."""
    return jobs.drain(jobs.MAIL, _send_batch, runner=runner)


def _notify_batch(leases: Sequence[Lease], runner: str) -> None:
    for lease in leases:
        notify_site(lease)


@transaction.atomic
def notify_site(lease: Lease) -> None:
    """One delivery for each moderator of the site who wants to hear and whose pause is over.

    Runs again by itself when the first of those who must still wait may be told.
    """
    roles = (
        Role.objects.select_for_update(of=("self",))
        .filter(site_id=lease.site_id, user__is_active=True)
        .exclude(notify=NotifyMode.OFF)
        .exclude(user__email="")
        .order_by("id")
    )
    moment = now()
    waits = [wait for role in roles if (wait := _notify_one(role, moment)) > timedelta(0)]
    if waits:
        jobs.finish_and_repeat(lease, in_s=min(waits).total_seconds())
    else:
        jobs.finish([lease])


def _notify_one(role: Role, moment: datetime) -> timedelta:
    """Write a delivery if something new waits; otherwise how long this moderator still has to wait."""
    fresh = ReviewItem.objects.filter(site_id=role.site_id, closed_at__isnull=True)
    if role.last_notified_at:
        fresh = fresh.filter(opened_at__gt=role.last_notified_at)
    count = len(fresh.values_list("id")[:MOST_COUNTED])
    if not count:
        return timedelta(0)
    since = moment - (role.last_notified_at or role.created_at)
    pause = PAUSE[role.notify] if role.last_notified_at or role.notify == NotifyMode.DIGEST else timedelta(0)
    if since < pause:
        return pause - since
    delivery = Delivery.objects.create(
        site_id=role.site_id, recipient_id=role.user_id, kind="held", data={"count": count}
    )
    Role.objects.filter(id=role.id).update(last_notified_at=moment)
    jobs.enqueue(jobs.MAIL, [(role.site_id, delivery.id)])
    return timedelta(0)


def _send_batch(leases: Sequence[Lease], runner: str) -> None:
    for lease in leases:
        try:
            _send_one(lease)
        except OSError as error:  # smtplib's errors are among them
            log.warning("mail failed", delivery=str(lease.subject_id), error=type(error).__name__)
            _note_failure(lease, error)


def _send_one(lease: Lease) -> None:
    """Send one mail, then note it. A kill between the two sends it twice, never not at all."""
    delivery = (
        Delivery.objects.select_related("recipient", "site")
        .filter(id=lease.subject_id, state=DeliveryState.PENDING)
        .first()
    )
    if delivery is not None and delivery.recipient.email:
        build_mail(delivery).send()
    with transaction.atomic():
        Delivery.objects.filter(id=lease.subject_id).update(
            state=DeliveryState.SENT, sent_at=Now(), attempts=F("attempts") + 1
        )
        jobs.finish([lease])


@transaction.atomic
def _note_failure(lease: Lease, error: Exception) -> None:
    values = {"attempts": lease.attempts, "last_error": type(error).__name__}
    if jobs.MAIL.is_exhausted(lease.attempts + 1):
        jobs.give_up(lease)
        values["state"] = DeliveryState.FAILED
    else:
        jobs.fail(jobs.MAIL, lease, type(error).__name__)
    Delivery.objects.filter(id=lease.subject_id).update(**values)


def build_mail(delivery: Delivery) -> EmailMessage:
    """The mail to one moderator: how many wait and where. No text, no name, no address of a reader."""
    count = delivery.data["count"]
    many = f"{MOST_COUNTED}+" if count >= MOST_COUNTED else str(count)
    what = "comment is" if count == 1 else "comments are"
    link = f"{settings.PUBLIC_URL}{reverse('admin:index')}"
    return EmailMessage(
        subject=f"{delivery.site.name}: {many} {what} waiting for you",
        body=(
            f"{many} new {what} waiting for moderation on {delivery.site.name}.\n\n"
            f"Open the queue (you will be asked to log in):\n{link}\n\n"
            "How often you get this mail is set with your role on the site.\n"
        ),
        to=[delivery.recipient.email],
    )
