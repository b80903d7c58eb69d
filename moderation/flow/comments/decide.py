"""Decisions: the same actions for a person, a rule and a verdict, always with a reason and an audit event."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from moderation.domain.errors import ActionNotPossible, NotFound, Refused, StaleVersion
from moderation.domain.locked import LockedComment
from moderation.domain.queues import SAMPLE_QUEUE
from moderation.domain.reasons import MACHINE_REASONS, REASONS
from moderation.domain.status import STATUS_AFTER, Action, ActorKind, Status
from moderation.flow import jobs, late_verdicts, notify
from moderation.flow.comments.publish import StatusChange, apply_status_changes, lock_comments
from moderation.flow.comments.queue import HELD_QUEUE, Arrival, close_items, open_items, reopen_samples
from moderation.flow.comments.reputation import label_domains
from moderation.flow.jobs.kinds import SCREEN
from moderation.flow.learning.refit import request_refit
from moderation.flow.record import Actor, Event, record_many
from moderation.lib.failpoints import failpoint
from moderation.lib.uuid7 import uuid7
from moderation.models import Comment, Decision
from moderation.models.rows import insert_rows
from moderation.queries.samples import samples_among

# The actions that a person may choose. `restore` has its own function; `hold` puts a comment back into the
# queue.
PERSONS_ACTIONS = (Action.APPROVE, Action.REJECT, Action.SPAM, Action.HOLD, Action.DELETE)
KNOWN_REASONS = frozenset(reason.code for reason in REASONS) - MACHINE_REASONS
_PERSON_KINDS = {"person", "key"}
_GONE = (Status.DELETED, Status.ERASED)
NOT_UNDOABLE = "Only the latest decision of a person can be undone."


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """One action on one comment, before it is applied to the locked row. `actor` is given when it differs
    from the actor of the batch. A ruling that `confirms` leaves the status as it is: a person approved a
    sample.
    """

    comment_id: UUID
    to_status: Status
    action: Action
    reason: str
    note: str = ""
    reverses_id: UUID | None = None
    severity: float = 0.0
    queue: str = HELD_QUEUE
    actor: Actor | None = None
    confirms: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """A comment that a person chose, with the version they saw (None: the current one).

    People decide with the signals at hand, so a comment in screening can only be deleted, unless
    `is_reported`: a site's server reports what its own people decided.
    """

    comment_id: UUID
    seen_version: int | None = None
    is_reported: bool = False


@dataclass(frozen=True, slots=True)
class Decided:
    """The outcome of one choice: a decision, or the reason for a refusal."""

    comment_id: UUID
    decision: Decision | None = None
    refusal: Refused | None = None


def decide(
    choice: Choice, *, site_id: UUID, action: Action, reason: str, actor: Actor, note: str = ""
) -> Decision:
    """Decide on one comment. Raises `NotFound`, `StaleVersion` or `ActionNotPossible`.

    Locks thread and comment; opens or closes the review item; may enqueue mails to moderators.
    """
    (result,) = decide_many([choice], site_id=site_id, action=action, reason=reason, actor=actor, note=note)
    if result.refusal:
        raise result.refusal
    assert result.decision is not None
    return result.decision


@transaction.atomic
def decide_many(
    choices: Sequence[Choice],
    *,
    site_id: UUID,
    action: Action,
    reason: str,
    actor: Actor,
    note: str = "",
    batch_id: UUID | None = None,
) -> list[Decided]:
    """Make the same decision on several comments of one site, in one transaction.

    A choice that cannot be carried out is refused; the others go through. Raises `ActionNotPossible` for an
    unknown action or reason.
    """
    if action not in PERSONS_ACTIONS or reason not in KNOWN_REASONS:
        raise ActionNotPossible("There is no such action or reason.")
    choices = list({choice.comment_id: choice for choice in choices}.values())
    locked = lock_of_site([choice.comment_id for choice in choices], site_id)
    sampled = _find_samples(locked.values(), action)
    refusals: dict[UUID, Refused] = {}
    rulings = []
    for choice in choices:
        is_sample = choice.comment_id in sampled
        refusal = _refusal(locked.get(choice.comment_id), choice, action, is_sample=is_sample)
        if refusal:
            refusals[choice.comment_id] = refusal
            continue
        rulings.append(
            Ruling(
                comment_id=choice.comment_id,
                to_status=STATUS_AFTER[action],
                action=action,
                reason=reason,
                note=note,
                confirms=is_sample,
            )
        )
    decisions = _read_back(apply_rulings(rulings, locked, actor=actor, batch_id=batch_id))
    return [Decided(c.comment_id, decisions.get(c.comment_id), refusals.get(c.comment_id)) for c in choices]


@transaction.atomic
def undo(decision_id: UUID, *, site_id: UUID, actor: Actor, seen_version: int | None = None) -> Decision:
    """Undo a person's latest decision: the comment returns to its former status.

    Raises `NotFound` for an unknown decision or one of another site, `StaleVersion` when the comment has
    changed since, `ActionNotPossible` when it is not the latest decision or not a person's.
    """
    decision = Decision.objects.filter(id=decision_id, site_id=site_id).first()
    if decision is None:
        raise NotFound
    locked = lock_of_site([decision.comment_id], site_id)
    comment = locked[decision.comment_id]
    if seen_version is not None and seen_version != comment.version:
        raise StaleVersion(status=comment.status, version=comment.version)
    if not is_undoable(decision, comment):
        raise ActionNotPossible(NOT_UNDOABLE)
    return take_back([decision], locked, actor)[comment.id]


def take_back(
    decisions: Sequence[Decision], locked: Mapping[UUID, LockedComment], actor: Actor
) -> dict[UUID, Decision]:
    """Undo decisions on locked comments. Raises `ActionNotPossible` unless all of them can be undone."""
    rulings = [_reverse(decision) for decision in decisions]
    unscreened = [d for d in decisions if d.from_status == Status.SCREENING]
    if unscreened:  # a person decides with the signals at hand
        jobs.enqueue(SCREEN, [(d.site_id, d.comment_id) for d in unscreened])
    try:
        with transaction.atomic():
            return _read_back(apply_rulings(rulings, locked, actor=actor))
    except IntegrityError:
        raise ActionNotPossible("The author has posted the same comment again meanwhile.") from None


def _reverse(decision: Decision) -> Ruling:
    return Ruling(
        comment_id=decision.comment_id,
        to_status=_status_before(decision),
        action=Action.RESTORE,
        reason="undo",
        reverses_id=decision.id,
        confirms=decision.from_status == decision.to_status,
    )


def apply_rulings(
    rulings: Sequence[Ruling],
    locked: Mapping[UUID, LockedComment],
    *,
    actor: Actor,
    batch_id: UUID | None = None,
) -> list[UUID]:
    """Write decisions with all their effects on locked comments. Every decision is made here.

    A machine's ruling on a comment that a person has decided is dropped, unless it only puts a published
    comment back into a queue. Returns the ids of the decisions.
    """
    rulings = [r for r in rulings if _may_rule(actor, locked[r.comment_id], r)]
    if not rulings:
        return []
    by_person = actor.kind in _PERSON_KINDS
    decisions = [_decision_row(r, locked[r.comment_id], r.actor or actor, batch_id) for r in rulings]
    changes = [StatusChange(locked[r.comment_id], r.to_status, by_person) for r in rulings]
    apply_status_changes(changes)
    failpoint("decide.half_way", actor.kind)
    insert_rows(Decision, decisions)
    if by_person:
        label_domains([r.comment_id for r in rulings])
    was_published = {d["comment_id"] for d in decisions if d["from_status"] == Status.PUBLISHED}
    _update_queue(rulings, locked, was_published)
    _record(rulings, decisions, actor)
    notify.announce_held({locked[r.comment_id].site_id for r in rulings if _is_new_arrival(r)})
    if actor.kind != "key":  # what the site's own server decides it knows already
        late_verdicts.tell_where_asked({r.comment_id: r.to_status for r in rulings})
    request_refit({locked[r.comment_id].site_id for r in rulings if by_person or r.to_status in _GONE})
    return [decision["id"] for decision in decisions]


def _record(rulings: Sequence[Ruling], decisions: Sequence[Mapping[str, Any]], actor: Actor) -> None:
    by_actor: dict[Actor, list[tuple[UUID, Event]]] = {}
    for ruling, decision in zip(rulings, decisions, strict=True):
        by_actor.setdefault(ruling.actor or actor, []).append((decision["site_id"], _event(decision)))
    for each, events in by_actor.items():
        record_many(events, actor=each)


def _read_back(decision_ids: Sequence[UUID]) -> dict[UUID, Decision]:
    """The stored decisions, by comment id."""
    found = Decision.objects.filter(id__in=decision_ids) if decision_ids else ()
    return {decision.comment_id: decision for decision in found}


def lock_of_site(comment_ids: Sequence[UUID], site_id: UUID) -> dict[UUID, LockedComment]:
    """Lock the comments of `comment_ids` that belong to the site; the others are treated as unknown."""
    ours = Comment.objects.filter(id__in=comment_ids, site_id=site_id).values_list("id", "thread_id")
    threads = dict(ours)
    return lock_comments(threads.keys(), thread_ids=threads.values())


def _find_samples(comments: Iterable[LockedComment], action: Action) -> set[UUID]:
    """The published comments that wait as samples, if the action is to approve them."""
    if action != Action.APPROVE:
        return set()
    return samples_among([comment.id for comment in comments if comment.status == Status.PUBLISHED])


def _refusal(
    comment: LockedComment | None, choice: Choice, action: Action, *, is_sample: bool
) -> Refused | None:
    if comment is None:
        return NotFound()
    if choice.seen_version is not None and choice.seen_version != comment.version:
        return StaleVersion(status=comment.status, version=comment.version)
    if comment.status in (Status.DELETED, Status.ERASED):
        return ActionNotPossible("This comment was deleted.")
    if comment.status == Status.SCREENING and action != Action.DELETE and not choice.is_reported:
        return ActionNotPossible("This comment is still being screened.")
    if comment.status == STATUS_AFTER[action] and not is_sample:
        return ActionNotPossible(f"This comment is already {comment.status}.")
    return None


def is_undoable(decision: Decision, comment: Comment | LockedComment) -> bool:
    """Whether a person made the decision and the comment has not changed since."""
    return (
        decision.comment_version == comment.version
        and decision.actor_kind == ActorKind.PERSON
        and decision.action != Action.RESTORE
    )


def _status_before(decision: Decision) -> Status:
    """The status after an undo. A comment decided before its screening ended goes to a person."""
    before = Status(decision.from_status)
    return Status.HELD if before == Status.SCREENING else before


def _may_rule(actor: Actor, comment: LockedComment, ruling: Ruling) -> bool:
    """Whether the ruling may be applied: it must change something, and a machine may only question what a
    person published.
    """
    if ruling.to_status == comment.status:
        return ruling.confirms
    if actor.kind in _PERSON_KINDS or not comment.is_decided_by_person:
        return True
    return comment.status == Status.PUBLISHED and ruling.to_status == Status.HELD


def _decision_row(
    ruling: Ruling, comment: LockedComment, actor: Actor, batch_id: UUID | None
) -> dict[str, Any]:
    return {
        "id": uuid7(),
        "site_id": comment.site_id,
        "comment_id": comment.id,
        "revision_id": comment.current_revision_id,
        "action": ruling.action.value,
        "from_status": comment.status,
        "to_status": ruling.to_status.value,
        "comment_version": comment.version + 1,
        "reason": ruling.reason,
        "note": ruling.note,
        "actor_kind": (ActorKind.PERSON if actor.kind in _PERSON_KINDS else ActorKind(actor.kind)).value,
        "actor_user_id": actor.user_id,
        "actor_key_id": actor.key_id,
        "reverses_id": ruling.reverses_id,
        "batch_id": batch_id,
    }


def _update_queue(
    rulings: Sequence[Ruling], locked: Mapping[UUID, LockedComment], was_published: Collection[UUID]
) -> None:
    """Close the review items of comments that are decided or held for another reason now, and open new ones.
    A sample whose decision is undone is opened again.
    """
    opened = [r for r in rulings if r.to_status == Status.HELD or r.queue == SAMPLE_QUEUE]
    close_items(
        [r.comment_id for r in rulings if r.to_status != Status.HELD or r.comment_id in was_published]
    )
    open_items([Arrival(locked[r.comment_id], r.severity, r.queue) for r in opened])
    published = [r for r in rulings if r.to_status == Status.PUBLISHED]
    reopen_samples({r.comment_id: r.reverses_id for r in published if r.reverses_id})


def _is_new_arrival(ruling: Ruling) -> bool:
    return ruling.to_status == Status.HELD and ruling.action != Action.RESTORE


def _event(decision: Mapping[str, Any]) -> Event:
    return Event(
        f"comment.{decision['action']}",
        "comment",
        decision["comment_id"],
        {
            "decision": str(decision["id"]),
            "from": decision["from_status"],
            "to": decision["to_status"],
            "reason": decision["reason"],
        },
    )
