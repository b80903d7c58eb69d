"""comment-check: answered at once by the local checks, and stored as one of the site's comments."""

from typing import NamedTuple
from uuid import UUID

from moderation.compat.akismet.answers import AkismetAnswer, Checked, answer_check
from moderation.compat.akismet.form import SentForm
from moderation.compat.akismet.mapping import (
    OUTCOME_OF_STATUS,
    CheckedComment,
    classify,
    forced_answer,
    is_blatant,
    is_spam,
    read_comment,
)
from moderation.compat.analysis import judge_text
from moderation.compat.keys import CompatCaller
from moderation.domain.errors import Duplicate, InvalidFields, ThreadClosed, ThreadNotAllowed
from moderation.domain.status import Outcome, Status
from moderation.flow.comments.submit import (
    ANONYMOUS,
    Submission,
    ToldLater,
    author_hashes,
    hash_body,
    submit_comment,
)
from moderation.flow.comments.threads import ThreadRef, thread_key
from moderation.lib.clock import now
from moderation.lib.uuid7 import uuid7
from moderation.models import Site
from moderation.models.key import KeyKind, Scope
from moderation.models.late_verdict import Told
from moderation.queries.said_before import SaidBefore, find_said


class _Standing(NamedTuple):
    """What a check is answered by: the comment as it stands, or would stand."""

    guid: UUID
    outcome: Outcome
    is_pending: bool = False


def check_comment(form: SentForm, caller: CompatCaller) -> AkismetAnswer:
    """The answer to a check. Test modes store nothing and teach nothing."""
    asks_label = form.is_true("classify")
    forced = forced_answer(form)
    if forced is not None:
        label = ("spam" if forced else "ham") if asks_label else ""
        return answer_check(Checked(guid=uuid7(), is_spam=forced, label=label))
    comment = read_comment(form, caller.site.hosts)
    verdict = judge_text(comment.to_analyse(), caller.judging)
    if form.is_true("is_test") or not comment.is_storable or not caller.may(Scope.SUBMIT):
        standing = _Standing(uuid7(), verdict.outcome)
    else:
        standing = _store(comment, caller, verdict.outcome)
    return answer_check(
        Checked(
            guid=standing.guid,
            is_spam=is_spam(standing.outcome),
            is_blatant=is_blatant(verdict, caller.judging.policy),
            is_pending=standing.is_pending,
            label=classify(verdict) if asks_label else "",
            verdict=verdict,
        )
    )


def build_submission(comment: CheckedComment, site: Site, later: ToldLater | None = None) -> Submission:
    """The comment as the site's own server would submit it."""
    written_at = comment.written_at
    return Submission(
        site=site,
        thread=ThreadRef(url=comment.page_url, canonical=comment.page_url),
        fields=comment.fields,
        form_facts=comment.form_facts,
        ip=comment.user_ip,
        submitted_at=written_at if written_at and written_at <= now() else None,
        told_later=later,
    )


def find_same(comment: CheckedComment, site: Site) -> SaidBefore | None:
    """The comment that the site has with the same text and author on the same page."""
    return find_said(
        site.id,
        thread_key=thread_key(ThreadRef(canonical=comment.page_url)),
        author_name=comment.fields.name or ANONYMOUS,
        address_hashes=author_hashes(comment.fields, comment.user_ip, site_id=site.id),
        body_hash=hash_body(comment.fields.body),
    )


def _store(comment: CheckedComment, caller: CompatCaller, outcome: Outcome) -> _Standing:
    """Store it; one that stands already is answered by what became of it meanwhile."""
    later = _told_later(comment, caller, outcome)
    try:
        comment_id = submit_comment(build_submission(comment, caller.site, later)).comment_id
    except Duplicate:
        return _standing_of(find_same(comment, caller.site), outcome)
    except (InvalidFields, ThreadClosed, ThreadNotAllowed):
        return _Standing(uuid7(), outcome)
    return _Standing(comment_id, outcome, is_pending=later is not None and outcome == Outcome.HOLD)


def _standing_of(said: SaidBefore | None, outcome: Outcome) -> _Standing:
    """Until it is decided, the same text is answered in the same way as at first."""
    if said is None:  # deleted this very moment
        return _Standing(uuid7(), outcome)
    outcome = OUTCOME_OF_STATUS.get(Status(said.status), outcome)
    return _Standing(said.comment_id, outcome, said.awaits_verdict and outcome == Outcome.HOLD)


def _told_later(comment: CheckedComment, caller: CompatCaller, outcome: Outcome) -> ToldLater | None:
    """Only an Akismet key can be sent with a late verdict: of a secret key there is no copy."""
    if not comment.callback or caller.key.kind != KeyKind.AKISMET:
        return None
    told = Told.SPAM if is_spam(outcome) else Told.PENDING if outcome == Outcome.HOLD else Told.HAM
    return ToldLater(comment.callback, caller.key.id, told, comment.details)
