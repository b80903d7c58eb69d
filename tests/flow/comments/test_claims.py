"""The same words under the same address by another hand: kept apart, and looked at like a stranger's."""

import pytest

from moderation.domain.errors import Duplicate
from moderation.flow.comments.submit import _build_comment, _clean
from moderation.models import Comment, Screening, Site
from tests.builders import build_site, build_submission, screen_all, submit

pytestmark = pytest.mark.django_db

LONG = "My grandmother sold eggs on that boat every other week."
KNOWN, OTHER = "198.51.100.7", "203.0.113.9"


@pytest.fixture
def site() -> Site:
    return build_site()


def say(site: Site, body: str, ip: str, email: str = "ada@reader.example") -> Comment:
    """A comment as a reader's browser sends it."""
    return submit(site, body, email=email, ip=ip, form_facts={"source": "script"})


def test_what_is_stored_cannot_be_changed_on_its_way(site: Site) -> None:
    submission = build_submission(site)
    comment = _build_comment(submission, _clean(submission))
    with pytest.raises(AttributeError):
        comment.body = "Something else."  # type: ignore[misc]  # the very point


def test_a_copy_by_another_hand_keeps_the_texts_hash_and_has_a_claim(site: Site) -> None:
    first, copy, stranger = (
        say(site, LONG, KNOWN),
        say(site, LONG, OTHER),
        say(site, LONG, OTHER, "di@reader.example"),
    )
    assert first.body_hash == copy.body_hash == stranger.body_hash
    assert (first.claim, stranger.claim) == (None, None)
    assert copy.claim is not None


def test_each_hand_may_say_it_once(site: Site) -> None:
    for ip in (KNOWN, OTHER, "192.0.2.9"):
        say(site, LONG, ip)
    for ip in (KNOWN, OTHER, "192.0.2.9"):
        with pytest.raises(Duplicate):
            say(site, LONG, ip)
    assert Comment.objects.count() == 3


def test_a_sites_own_server_is_told_of_a_repetition_by_the_address_alone(site: Site) -> None:
    say(site, LONG, KNOWN)
    with pytest.raises(Duplicate):
        submit(site, LONG, ip=OTHER)


@pytest.mark.parametrize("body", ["Thanks!", LONG])
def test_a_guessed_address_is_no_more_evidence_than_a_strangers(body: str) -> None:
    """Whether the copy is held would tell who wrote the first one."""
    seen = []
    for number, email in enumerate(("ada@reader.example", "di@stranger.example")):
        site = build_site(f"Site {number}")
        say(site, body, KNOWN)
        screen_all()
        copy = say(site, body, OTHER, email)
        screen_all()
        seen.append(duplicates_of(copy))
    assert seen[0] == seen[1]


def duplicates_of(comment: Comment) -> list[tuple[str, float]]:
    """What the check of copies saw."""
    signals = Screening.objects.get(comment_id=comment.id).signals
    return [(each["code"], each["points"]) for each in signals if each["code"].startswith("duplicates")]
