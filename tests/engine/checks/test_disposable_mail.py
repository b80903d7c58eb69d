import pytest

from moderation.engine.checks.disposable_mail import DisposableMail
from tests.engine.contexts import run


@pytest.mark.parametrize(
    ("domain", "is_named"),
    [("mailinator.com", True), ("sub.mailinator.com", True), ("gmail.com", False), ("", False)],
)
def test_throw_away_providers_are_named(domain, is_named):
    assert ("disposable_mail.provider" in run(DisposableMail(), email_domain=domain)) == is_named


def test_a_domain_that_the_site_allows_is_none():
    lists = {"allowed_domains": ["mailinator.com"]}
    assert run(DisposableMail(), email_domain="mailinator.com", lists=lists) == {}
