"""A model of a site's comments beside the real one: what may happen, and what has to hold after each step."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from moderation.domain.status import STATUS_AFTER, Action, Status
from moderation.flow.comments.decide import PERSONS_ACTIONS
from moderation.models import AuditEvent, Author, Comment, Decision, Job, ReviewItem, Thread
from tests.api.calls import Api, secret_api, submission
from tests.builders import PAGE, build_site, screen_all

COMMENTS = "/api/v1/comments"
# A text and where its first screening leads; each comment has an author of its own.
TEXTS = {
    "A calm and reasonable remark, number {}.": Status.PUBLISHED,
    "Look at https://shop-{}.example/cheap for more of this.": Status.HELD,
}
_pick = st.integers(min_value=0, max_value=2**16)
_act = st.sampled_from(PERSONS_ACTIONS)


@dataclass(slots=True)
class Known:
    """A comment as the model knows it; `decisions` are those of persons, with where each came from."""

    id: str
    status: Status
    verdict: Status
    parent: "Known | None" = None
    version: int = 1
    is_decided: bool = False
    decisions: list[tuple[str, int, Status]] = field(default_factory=list)
    changes: int = 0

    def change(self, status: Status) -> None:
        self.status = status
        self.version += 1
        self.changes += 1


class LifeMachine(RuleBasedStateMachine):
    """Submits, replies, decides, undoes and screens through the API, and compares."""

    steps = 0

    def __init__(self) -> None:
        super().__init__()
        self.site = build_site(uuid4().hex)  # all lives share the test's transaction
        self.api: Api = secret_api(self.site)
        self.known: dict[str, Known] = {}

    def count(self) -> None:
        type(self).steps += 1

    def one(self, pick: int, wanted: Callable[[Known], bool] = lambda known: True) -> Known | None:
        found = [known for known in self.known.values() if wanted(known)]
        return found[pick % len(found)] if found else None

    @rule(text=st.sampled_from(sorted(TEXTS)))
    def submit(self, text: str) -> None:
        self.count()
        self._submit(text)

    @precondition(lambda self: self.known)
    @rule(text=st.sampled_from(sorted(TEXTS)), pick=_pick)
    def reply(self, text: str, pick: int) -> None:
        self.count()
        parent = self.one(pick)
        assert parent is not None
        if parent.status == Status.PUBLISHED:
            self._submit(text, parent)
            return
        answer = self.api.post(COMMENTS, submission(parent=parent.id, email=f"{uuid4().hex}@reader.example"))
        assert (answer.status, answer.fields) == (400, {"parent": "parent_not_published"})

    def _submit(self, text: str, parent: Known | None = None) -> None:
        number = uuid4().hex
        body = submission(
            body=text.format(number), email=f"{number}@reader.example", parent=parent.id if parent else None
        )
        answer = self.api.post(COMMENTS, body)
        assert answer.status == 202
        self.known[answer.body["id"]] = Known(answer.body["id"], Status.SCREENING, TEXTS[text], parent)

    @rule()
    def screen(self) -> None:
        self.count()
        screen_all()
        for known in self.known.values():
            if known.status == Status.SCREENING:
                known.change(known.verdict)
        assert not Job.objects.filter(site=self.site, kind="screen").exists()

    @precondition(lambda self: self.known)
    @rule(pick=_pick, action=_act, version=st.sampled_from(["none", "seen", "stale"]))
    def decide(self, pick: int, action: Action, version: str) -> None:
        self.count()
        known = self.one(pick)
        assert known is not None
        sent = {"none": None, "seen": known.version, "stale": known.version + 1}[version]
        act = {"action": action.value, "reason": "fine", "version": sent}
        answer = self.api.post(f"{COMMENTS}/{known.id}/decisions", act)
        code = "stale_version" if version == "stale" else self._refusal(known, action)
        if code:
            assert (answer.status, answer.code) == (409, code)
        else:
            assert answer.status == 201
            self._decided(known, action, answer.body)

    @precondition(lambda self: self.known)
    @rule(picks=st.lists(_pick, min_size=1, max_size=5), action=_act)
    def decide_many(self, picks: list[int], action: Action) -> None:
        self.count()
        chosen = {known.id: known for pick in picks if (known := self.one(pick))}
        body = {"comments": [{"id": each} for each in chosen], "action": action.value, "reason": "fine"}
        answer = self.api.post("/api/v1/decisions", body)
        assert answer.status == 200
        for result in answer.body["results"]:
            known = chosen.pop(result["comment"])
            code = self._refusal(known, action)
            assert (result["problem"] or {}).get("code", "") == code
            if not code:
                self._decided(known, action, result["decision"])
        assert not chosen

    @precondition(lambda self: any(known.decisions for known in self.known.values()))
    @rule(pick=_pick, older=st.booleans())
    def undo(self, pick: int, older: bool) -> None:
        self.count()
        known = self.one(pick, lambda known: bool(known.decisions))
        assert known is not None
        decision_id, version, before = known.decisions[0 if older else -1]
        answer = self.api.post(f"/api/v1/decisions/{decision_id}/undo")
        if version != known.version:
            assert (answer.status, answer.code) == (409, "action_not_possible")
            return
        assert answer.status == 201
        known.change(Status.HELD if before == Status.SCREENING else before)
        assert answer.body["to_status"] == known.status

    def _refusal(self, known: Known, action: Action) -> str:
        is_early = known.status == Status.SCREENING and action != Action.DELETE
        is_over = known.status in (Status.DELETED, STATUS_AFTER[action])
        return "action_not_possible" if is_early or is_over else ""

    def _decided(self, known: Known, action: Action, told: dict[str, Any]) -> None:
        before = known.status
        known.change(STATUS_AFTER[action])
        known.decisions.append((told["id"], known.version, before))
        assert (told["from_status"], told["to_status"]) == (before, known.status)
        assert told["version"] == known.version

    @precondition(lambda self: self.known)
    @rule(status=st.sampled_from([*Status]))
    def list_by_status(self, status: Status) -> None:
        self.count()
        answer = self.api.get(f"{COMMENTS}?status={status}&limit=100")
        assert {each["id"] for each in answer.body["comments"]} == self.ids(status)

    def ids(self, status: Status) -> set[str]:
        return {known.id for known in self.known.values() if known.status == status}

    @rule()
    def read_thread(self) -> None:
        self.count()
        answer = self.api.get(f"/api/v1/thread?url={PAGE}&limit=100")
        shown = {each["id"] for each in answer.body["comments"] if not each["is_removed"]}
        assert shown == self.ids(Status.PUBLISHED)
        assert answer.body["published_count"] == len(shown)

    @invariant()
    def every_comment_stands_where_it_should(self) -> None:
        rows = Comment.objects.filter(site=self.site).values_list("id", "status", "version")
        assert {(str(i), s, v) for i, s, v in rows} == {
            (known.id, known.status, known.version) for known in self.known.values()
        }

    @invariant()
    def who_is_held_waits_once_and_nobody_else(self) -> None:
        open_items = ReviewItem.objects.filter(site=self.site, closed_at__isnull=True)
        assert sorted(str(each) for each in open_items.values_list("comment_id", flat=True)) == sorted(
            self.ids(Status.HELD)
        )

    @invariant()
    def counters_count(self) -> None:
        published = len(self.ids(Status.PUBLISHED))
        thread = Thread.objects.filter(site=self.site).first()
        assert (thread.published_count if thread else 0) == published
        authors = Author.objects.filter(site=self.site)
        for name, status in (
            ("published", Status.PUBLISHED),
            ("rejected", Status.REJECTED),
            ("spam", Status.SPAM),
        ):
            assert sum(authors.values_list(f"{name}_count", flat=True)) == len(self.ids(status)), name

    @invariant()
    def every_change_has_its_decision_and_its_record(self) -> None:
        changes = sum(known.changes for known in self.known.values())
        assert Decision.objects.filter(site=self.site).count() == changes
        ids = list(self.known)
        acts = AuditEvent.objects.filter(site=self.site, subject_kind="comment", subject_id__in=ids)
        assert acts.filter(data__has_key="decision").count() == changes

    @invariant()
    def what_is_screened_has_its_job(self) -> None:
        jobs = Job.objects.filter(site=self.site, kind="screen").values_list("subject_id", flat=True)
        assert self.ids(Status.SCREENING) <= {str(each) for each in jobs}
