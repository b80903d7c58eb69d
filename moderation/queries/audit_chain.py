"""Checks the audit chain: reads only, in short steps, beside a running service."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db import connection

from moderation.domain.audit_chain import GENESIS, NO_SITE, Seal, digest_event, digest_events, hash_seal

TIME_FORMAT = 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'

# In the order of `domain/audit_chain.py`, from `audit_event AS event`.
EVENT_FIELDS = f"""
event.id, event.site_id::text, event.kind, event.subject_kind, event.subject_id, event.actor_kind,
event.actor_user_id, event.actor_key_id::text, event.data::text,
to_char(event.created_at AT TIME ZONE 'UTC', '{TIME_FORMAT}')
"""

SEALS_SQL = f"""
SELECT number, from_id, to_id, count, to_char(sealed_at AT TIME ZONE 'UTC', '{TIME_FORMAT}'),
       previous_hash, hash
FROM audit_seal WHERE number > %(after)s ORDER BY number LIMIT %(limit)s
"""

# Events without a link, links without an event, and pairs.
PLACES_SQL = f"""
SELECT link.event_id, link.site_id::text, link.number, link.digest, {EVENT_FIELDS}
FROM (SELECT * FROM audit_event WHERE id BETWEEN %(from_id)s AND %(to_id)s) AS event
FULL JOIN (SELECT * FROM audit_link WHERE event_id BETWEEN %(from_id)s AND %(to_id)s) AS link
       ON link.event_id = event.id
ORDER BY coalesce(event.id, link.event_id)
"""

# One statement, so that it sees one moment: the newest seal, and the events after it.
TAIL_SQL = """
SELECT coalesce(max(number), 0),
       (SELECT count(*) FROM audit_event WHERE id > (SELECT coalesce(max(to_id), 0) FROM audit_seal)),
       ARRAY(SELECT event_id FROM audit_link
             WHERE event_id > (SELECT coalesce(max(to_id), 0) FROM audit_seal) ORDER BY 1 LIMIT 100)
FROM audit_seal
"""

# How many seals are read at once, and about how many events of them.
_SEALS_AT_ONCE = 500
_EVENTS_AT_ONCE = 5_000
_ORIGIN = Seal(0, 0, 0, 0, "", b"", GENESIS)


@dataclass(frozen=True, slots=True)
class Finding:
    """An error in the chain. `what` is `changed`, `removed`, `added` or `unknown`, `subject` the row."""

    what: str
    subject: str
    why: str


@dataclass(frozen=True, slots=True)
class Walked:
    """One stretch of the chain: its seals, the number of their events, and the errors.

    In the last stretch, `unsealed` is the number of events that are not sealed yet.
    """

    seals: tuple[Seal, ...] = ()
    events: int = 0
    findings: tuple[Finding, ...] = ()
    unsealed: int = 0


@dataclass(frozen=True, slots=True)
class _Place:
    """An event and its link in a sealed range; either may be missing."""

    event_id: int
    link: tuple[str, int, bytes] | None
    event: tuple[Any, ...] | None


def walk_chain() -> Iterator[Walked]:
    """Check the whole chain from its beginning, a stretch at a time. The last stretch is the end of the
    chain.
    """
    walk = _Walk()
    while True:
        while seals := _read_seals(walk.last.number):
            yield walk.check_stretch(seals)
        newest, unsealed, dangling = _read_tail()
        if newest <= walk.last.number:
            why = "a link without a seal: the seals after it were removed"
            findings = tuple(Finding("removed", f"seal of event {event_id}", why) for event_id in dangling)
            yield Walked(findings=findings, unsealed=unsealed)
            return


class _Walk:
    """The state of the walk: the seal before, and the last number of each site while no seal is missing."""

    def __init__(self) -> None:
        self.last = _ORIGIN
        self._numbers: dict[str, int] = {}
        self._is_whole = True

    def check_stretch(self, seals: Sequence[Seal]) -> Walked:
        """Return all errors in these seals, and walk on to the last of them."""
        places = _read_places(seals[0].from_id, seals[-1].to_id)
        ids = [place.event_id for place in places]
        findings: list[Finding] = []
        for seal in seals:
            inside = places[bisect_left(ids, seal.from_id) : bisect_right(ids, seal.to_id)]
            findings += self._check_order(seal)
            findings += self._check_places(seal, inside)
            findings += _check_hash(seal, inside)
            self.last = seal
        return Walked(tuple(seals), sum(place.event is not None for place in places), tuple(findings))

    def _check_order(self, seal: Seal) -> Iterator[Finding]:
        """Check that a seal follows the one before by its number, its range and the stored hash."""
        last = self.last
        if seal.number != last.number + 1:
            self._is_whole = False
            missing = f"seals {last.number + 1} to {seal.number - 1}"
            yield Finding("removed", missing, "the seals around them are there")
        elif seal.previous_hash != last.hash:
            yield Finding(
                "changed", f"seal {last.number}", f"seal {seal.number} remembers another hash of it"
            )
        elif seal.from_id != last.to_id + 1:
            yield Finding("changed", f"seal {seal.number}", "its events do not begin where the last one ends")

    def _check_places(self, seal: Seal, places: Sequence[_Place]) -> Iterator[Finding]:
        """Check that each event has its link and each link its event, that they match, and that no number is
        missing.
        """
        for place in places:
            subject = f"event {place.event_id}"
            if place.link is None:
                yield Finding("added", subject, f"it was not there when seal {seal.number} was made")
                continue
            yield from self._check_number(place.link, subject)
            site_id, number, digest = place.link
            if place.event is None:
                yield Finding(
                    "removed", subject, f"number {number} of {_name(site_id)}, in seal {seal.number}"
                )
            elif digest_event(number, place.event) != digest or (place.event[1] or str(NO_SITE)) != site_id:
                yield Finding("changed", subject, f"it or its link; in seal {seal.number}")

    def _check_number(self, link: tuple[str, int, bytes], subject: str) -> Iterator[Finding]:
        site_id, number, _ = link
        expected = self._numbers.get(site_id, 0) + 1
        self._numbers[site_id] = number
        if number != expected and self._is_whole:
            what = f"events with the numbers {expected} to {number - 1} of {_name(site_id)}"
            yield Finding("removed", what, f"the next one, {subject}, has number {number}")


def _check_hash(seal: Seal, places: Sequence[_Place]) -> Iterator[Finding]:
    """Check that the seal was made of these links."""
    digests = [place.link[2] for place in places if place.link is not None]
    made = hash_seal(replace(seal, count=len(digests)), events=digest_events(digests))
    if made != seal.hash or seal.count != len(digests):
        why = f"its hash does not come from what it seals, events {seal.from_id} to {seal.to_id}"
        yield Finding("changed", f"seal {seal.number}", why)


def _name(site_id: str) -> str:
    return "the service" if site_id == str(NO_SITE) else f"site {site_id}"


def _read_seals(after: int) -> list[Seal]:
    seals: list[Seal] = []
    events = 0
    for row in _read(SEALS_SQL, {"after": after, "limit": _SEALS_AT_ONCE}):
        number, from_id, to_id, count, sealed_at, previous_hash, own_hash = row
        seal = Seal(number, from_id, to_id, count, sealed_at, bytes(previous_hash), bytes(own_hash))
        events += seal.count
        if seals and events > _EVENTS_AT_ONCE:
            break
        seals.append(seal)
    return seals


def _read_places(from_id: int, to_id: int) -> list[_Place]:
    places = []
    for row in _read(PLACES_SQL, {"from_id": from_id, "to_id": to_id}):
        linked_id, site_id, number, digest, *event = row
        link = None if linked_id is None else (site_id, number, bytes(digest))
        places.append(_Place(linked_id or event[0], link, None if event[0] is None else tuple(event)))
    return places


def _read_tail() -> tuple[int, int, list[int]]:
    newest, unsealed, dangling = _read(TAIL_SQL, {})[0]
    return newest, unsealed, dangling


def _read(statement: str, values: Mapping[str, int]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())
