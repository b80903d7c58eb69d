"""Notification: tells moderators of held comments, at once or in a daily digest, with a limit on the number
of mails.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from email.utils import parseaddr
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import connection, transaction
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.urls import reverse

from moderation.domain.queues import SAMPLE_QUEUE
from moderation.flow import jobs
from moderation.flow.jobs import Lease
from moderation.flow.jobs.kinds import LOCAL, REMOTE, Kind
from moderation.flow.jobs.registry import register
from moderation.lib.failpoints import failpoint
from moderation.models import Delivery, ReviewItem, Role
from moderation.models.delivery import DeliveryState
from moderation.models.role import NotifyMode

NOTIFY = Kind("notify", LOCAL, lease_s=10, batch=20, repeats_in_s=86_400.0)
MAIL = Kind("mail", REMOTE, lease_s=60, batch=5, max_attempts=10, backoff_s=15)
# Comments that are held within this time are announced in one mail.
GATHER_S = 20.0
# Longer than any transaction (`transaction_timeout`): whatever was queued before is visible by now.
SETTLED = timedelta(seconds=5)
# A moderator gets at most one mail per site in this time.
PAUSE = {NotifyMode.EACH.value: timedelta(minutes=10), NotifyMode.DIGEST.value: timedelta(days=1)}
MOST_COUNTED = 1000
# Stored in place of an error when a mail is not to be sent any more.
NOT_WANTED = "The moderator no longer wants mail, or has left"


def announce_held(site_ids: Collection[UUID]) -> None:
    """Ask for the moderators of these sites to be told what is waiting. Enqueues a job; sends nothing."""
    if site_ids:
        jobs.enqueue(NOTIFY, [(site_id, site_id) for site_id in site_ids], delay_s=GATHER_S)


def _notify_batch(leases: Sequence[Lease], runner: str) -> None:
    jobs.run_each(NOTIFY, leases, notify_site, jobs.give_up)


notify_due = register(NOTIFY, _notify_batch)


@transaction.atomic
def notify_site(lease: Lease) -> None:
    """Create a delivery for each moderator of the site who wants mail and whose pause is over.

    By the database's clock, only comments whose transactions have ended are counted. The job runs again for
    later comments, and when the first waiting moderator may be told. Raises `LeaseLost`.
    """
    roles = (
        Role.objects.select_for_update(of=("self",))
        .filter(site_id=lease.site_id, user__is_active=True)
        .exclude(notify=NotifyMode.OFF)
        .exclude(user__email="")
        .order_by("id")
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        moment = cursor.fetchone()[0] - SETTLED
    waits = [wait for role in roles if (wait := _notify_one(role, moment)) > timedelta(0)]
    if roles and _waiting(lease.site_id).filter(opened_at__gt=moment).exists():
        waits.append(timedelta(seconds=GATHER_S))
    in_s = min(waits).total_seconds() if waits else None
    is_ours = jobs.finish([lease]) if in_s is None else jobs.finish_and_repeat(lease, in_s=in_s)
    if not is_ours:
        raise jobs.LeaseLost


def _notify_one(role: Role, moment: datetime) -> timedelta:
    """Create a delivery if there is something new; otherwise return how long this moderator has to wait."""
    fresh = _waiting(role.site_id).filter(opened_at__lte=moment)
    if role.last_notified_at:
        fresh = fresh.filter(opened_at__gt=role.last_notified_at)
    count = len(fresh.values_list("id")[:MOST_COUNTED])
    if not count:
        return timedelta(0)
    since = role.last_notified_at or (role.created_at if role.notify == NotifyMode.DIGEST else None)
    if since and (wait := PAUSE[role.notify] - (moment - since)) > timedelta(0):
        return wait
    delivery = Delivery.objects.create(
        site_id=role.site_id, recipient_id=role.user_id, kind="held", data={"count": count}
    )
    Role.objects.filter(id=role.id).update(last_notified_at=moment)
    jobs.enqueue(MAIL, [(role.site_id, delivery.id)])
    return timedelta(0)


def _waiting(site_id: UUID) -> QuerySet[ReviewItem]:
    return ReviewItem.objects.filter(site_id=site_id, closed_at__isnull=True).exclude(queue=SAMPLE_QUEUE)


def _send_batch(leases: Sequence[Lease], runner: str) -> None:
    jobs.run_each(MAIL, leases, _send_one, _give_up, _give_back)


send_due = register(MAIL, _send_batch)


def _send_one(lease: Lease) -> None:
    """Send one mail, then record it. If the worker is killed in between, the mail is sent twice, but never
    lost.
    """
    if not jobs.renew([lease]):
        return  # the mails before it took so long that another worker has the job
    delivery = (
        Delivery.objects.select_related("recipient", "site")
        .filter(id=lease.subject_id, state=DeliveryState.PENDING)
        .first()
    )
    if delivery is not None and _still_wants(delivery):
        build_mail(delivery).send()
        failpoint("notify.sent")
        _finish(lease, state=DeliveryState.SENT, sent_at=Now())
    else:
        _finish(lease, state=DeliveryState.FAILED, last_error=NOT_WANTED)


@transaction.atomic
def _finish(lease: Lease, **changes: Any) -> None:
    """End the job and record the outcome of the mail. Raises `LeaseLost`: the new owner of the job records
    it.
    """
    if not jobs.finish([lease]):
        raise jobs.LeaseLost
    _note(lease, attempts=lease.attempts, **changes)


@transaction.atomic
def _give_back(lease: Lease, error: str) -> None:
    if jobs.fail(MAIL, lease, error):
        _note(lease, attempts=lease.attempts, last_error=error)


def _still_wants(delivery: Delivery) -> bool:
    """A mail may have been retried for hours: moderators who have left the site get no more mail."""
    recipient = delivery.recipient
    roles = Role.objects.filter(site_id=delivery.site_id, user=recipient).exclude(notify=NotifyMode.OFF)
    return bool(recipient.email and recipient.is_active and roles.exists())


@transaction.atomic
def _give_up(lease: Lease) -> None:
    last_error = jobs.last_error(lease)
    if jobs.give_up(lease):  # this claim only found that no attempts are left
        _note(lease, state=DeliveryState.FAILED, attempts=lease.attempts - 1, last_error=last_error)


def _note(lease: Lease, **changes: Any) -> None:
    pending = Delivery.objects.filter(site_id=lease.site_id, id=lease.subject_id, state=DeliveryState.PENDING)
    pending.update(**changes)


def build_mail(delivery: Delivery) -> EmailMessage:
    """The mail to one moderator: how many comments wait, and where. It holds no reader's text, name or
    address.
    """
    count = delivery.data["count"]
    many = f"{MOST_COUNTED}+" if count >= MOST_COUNTED else str(count)
    what = "comment is" if count == 1 else "comments are"
    link = f"{settings.PUBLIC_URL}{reverse('admin:queue')}?site={delivery.site.slug}"
    return EmailMessage(
        subject=f"{' '.join(delivery.site.name.split())}: {many} {what} waiting for you",
        body=(
            f"{many} new {what} waiting for moderation on {delivery.site.name}.\n\n"
            f"Open the queue (you will be asked to log in):\n{link}\n\n"
            "How often you get this mail is set with your role on the site.\n"
        ),
        to=[delivery.recipient.email],
        # The same at each attempt, so that a mail client shows a repeated mail once.
        headers={"Message-ID": f"<{delivery.id}@{_sender_domain()}>"},
    )


def _sender_domain() -> str:
    return parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
