"""Decisions of people label domains: once each, undone with the decision, across sites as sums only."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext

from moderation.domain.status import STATUS_AFTER, Action
from moderation.engine.facts import DomainFacts
from moderation.flow.comments.decide import Choice, decide, undo
from moderation.flow.comments.reputation import label_domains
from moderation.flow.keeping.purge import purge_step
from moderation.flow.record import VERDICT
from moderation.models import Comment, DomainLabel, DomainRecord, Screening, Site
from moderation.privacy import vault
from moderation.queries.contexts import build_contexts
from moderation.queries.reputation import load_domains
from tests.builders import build_moderator, build_site, person, submit, submit_screened

pytestmark = pytest.mark.django_db

DOMAIN = "heron.example"
# Unlike one another, so that nothing but the domain joins them.
OPENINGS = (
    "They measured the tide",
    "My aunt sings",
    "Rents fell in March",
    "Bread needs salt",
    "The bus was late",
)


@pytest.fixture
def site() -> Site:
    return build_site()


@pytest.fixture
def actor(site: Site) -> Any:
    return person(build_moderator([site]))


def linking(site: Site, number: int = 0, *, domain: str = DOMAIN, **given: Any) -> Comment:
    """A screened comment of an author of its own that links to `domain`."""
    given.setdefault("email", f"reader{number}@reader.example")
    text = f"{OPENINGS[number % len(OPENINGS)]} number {number}, says https://www.{domain}/page{number} too."
    given.setdefault("url", f"https://{site.hosts[0]}/page-{number}")
    return submit_screened(site, text, **given)


def act(comment: Comment, action: Action, actor: Any) -> Any:
    """Decide, from the queue where the checks had said the same already."""
    comment.refresh_from_db()
    reason = "spam" if action == Action.SPAM else "fine"
    if comment.status == STATUS_AFTER[action]:
        decide(Choice(comment.id), site_id=comment.site_id, action=Action.HOLD, reason="fine", actor=actor)
    return decide(Choice(comment.id), site_id=comment.site_id, action=action, reason=reason, actor=actor)


def facts(site: Site, domain: str = DOMAIN) -> DomainFacts:
    return load_domains({(site.id, domain)})[site.id, domain]


def settle() -> None:
    """Let the installation be older than what counts as its beginnings."""
    DomainRecord.objects.update(first_seen_at=Now() - timedelta(days=15))


def codes(comment: Comment) -> set[str]:
    return {signal["code"] for signal in Screening.objects.filter(comment=comment).latest("id").signals}


def test_spam_of_several_authors_follows_the_domain(site: Site, actor: Any) -> None:
    for number in range(3):
        act(linking(site, number), Action.SPAM, actor)
    assert "reputation.spam" in codes(linking(site, 7))
    assert "reputation.spam" not in codes(linking(site, 8, domain="egret.example"))


def test_one_spammer_is_no_reputation_and_a_day_counts_once(site: Site, actor: Any) -> None:
    for number in range(4):
        act(linking(site, number, email="one@reader.example"), Action.SPAM, actor)
    assert (facts(site).spam_decisions, facts(site).spam_authors) == (1, 1)
    assert DomainLabel.objects.count() == 4


def test_a_domain_label_is_what_the_standing_decision_says(site: Site, actor: Any) -> None:
    comment = linking(site)
    act(comment, Action.APPROVE, actor)
    assert (facts(site).spam, round(facts(site).ham, 3)) == (0, 1)
    spam = act(comment, Action.SPAM, actor)
    assert (round(facts(site).spam, 3), facts(site).ham) == (1, 0)
    label_domains([comment.id])
    assert DomainLabel.objects.count() == 1
    undo(spam.id, site_id=site.id, actor=actor)
    assert (facts(site).spam, round(facts(site).ham, 3)) == (0, 1)
    act(comment, Action.REJECT, actor)
    assert not DomainLabel.objects.exists()


def test_only_decisions_of_people_label_domains(site: Site) -> None:
    comment = linking(site)
    act(comment, Action.APPROVE, VERDICT)
    assert not DomainLabel.objects.exists()


def test_domain_labels_lose_weight_with_time(site: Site, actor: Any) -> None:
    act(linking(site), Action.SPAM, actor)
    DomainLabel.objects.update(created_at=Now() - timedelta(days=30))
    assert facts(site).spam == pytest.approx(0.5, abs=0.01)


def test_other_sites_count_but_none_of_them_much(site: Site, actor: Any) -> None:
    other = build_site("The Other Paper", host="other.example")
    editor = person(build_moderator([other], "ed"))
    for number in range(5):
        act(linking(other, number), Action.SPAM, editor)
    assert facts(other).spam == pytest.approx(5, abs=0.01)
    assert facts(site).spam == pytest.approx(3, abs=0.01)
    assert facts(site).spam_authors == 5


def test_what_two_sites_publish_is_good(site: Site, actor: Any) -> None:
    other = build_site("The Other Paper", host="other.example")
    act(linking(site, 1), Action.APPROVE, actor)
    act(linking(other, 2), Action.APPROVE, person(build_moderator([other], "ed")))
    third = build_site("A Third", host="third.example")
    assert "reputation.known_good" in codes(linking(third, 3))


def test_only_sums_and_hashes_cross_from_site_to_site(site: Site, actor: Any) -> None:
    other = build_site("The Other Paper", host="other.example")
    theirs = linking(other, 1)
    act(theirs, Action.SPAM, person(build_moderator([other], "ed")))
    seen = str(Screening.objects.get(comment=linking(site, 2)).signals)
    assert str(other.id) not in seen
    assert str(theirs.id) not in seen
    with connection.cursor() as cursor:
        for table in ("domain_record", "domain_label", "campaign_key"):
            cursor.execute(f"SELECT * FROM {table}")
            assert DOMAIN not in str(cursor.fetchall())


def test_a_domain_is_new_on_its_first_day_only(site: Site) -> None:
    submit_screened(site, "The first of all was https://egret.example it seems.", email="e@reader.example")
    assert "reputation.new_domain" not in codes(linking(site, 0, domain="stork.example"))
    settle()
    assert "reputation.new_domain" in codes(linking(site, 1))
    record = DomainRecord.objects.get(domain=vault.domain_key(DOMAIN))
    DomainRecord.objects.update(
        first_seen_at=Now() - timedelta(days=40), last_seen_at=Now() - timedelta(days=20)
    )
    assert "reputation.new_domain" not in codes(linking(site, 2))
    again = DomainRecord.objects.get(domain=record.domain)
    assert again.first_seen_at < again.last_seen_at - timedelta(days=39)


def test_the_sites_own_pages_are_no_domain(site: Site, actor: Any) -> None:
    act(linking(site, domain="news.example"), Action.APPROVE, actor)
    assert not DomainRecord.objects.exists()
    assert not DomainLabel.objects.exists()


def test_a_batch_asks_once_and_only_where_something_leads_away(site: Site) -> None:
    def count(*texts: str) -> int:
        ids = [submit(site, text, email=f"{n}@reader.example").id for n, text in enumerate(texts)]
        build_contexts(ids)  # compiles what is kept
        with CaptureQueriesContext(connection) as captured:
            build_contexts(ids)
        return sum("domain_label" in query["sql"] for query in captured)

    assert count("Nothing but words here.", "And some more of them.") == 0
    assert count("See https://heron.example now", "See https://egret.example then", "Or nothing.") == 1


def test_what_has_served_its_time_is_purged(site: Site, actor: Any) -> None:
    act(linking(site, 1), Action.SPAM, actor)
    act(linking(site, 2, domain="egret.example"), Action.SPAM, actor)
    key = vault.domain_key(DOMAIN)
    long_ago = Now() - timedelta(days=400)
    DomainLabel.objects.filter(domain=key).update(created_at=long_ago)
    DomainRecord.objects.filter(domain=key).update(last_seen_at=long_ago)
    counts = purge_step()
    assert (counts["domain"], counts["domain_label"]) == (1, 1)
    assert DomainLabel.objects.count() == DomainRecord.objects.count() == 1
