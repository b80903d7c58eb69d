"""The secret of Coral's moderation phase: stored sealed, recorded, sealed anew."""

import base64

import pytest

from moderation.domain.errors import InvalidFields
from moderation.flow.keeping.rotate import count_by_key, rotate_email_keys
from moderation.flow.record import SYSTEM
from moderation.flow.site.coral import change_coral_secret, reseal_coral_secrets
from moderation.models import AuditEvent, CoralPhase, Site
from moderation.queries.coral import has_secret, signing_secret
from tests.builders import build_site

pytestmark = pytest.mark.django_db
SECRET = "a-secret-that-coral-shows"


@pytest.fixture
def site() -> Site:
    return build_site()


def test_it_is_stored_sealed_and_recorded_without_its_text(site: Site):
    change_coral_secret(site.id, SECRET, actor=SYSTEM)
    phase = CoralPhase.objects.get(site=site)
    assert SECRET not in phase.sealed_secret
    assert signing_secret(site.id) == SECRET
    assert has_secret(site)
    event = AuditEvent.objects.get(kind="coral.changed")
    assert (event.site_id, event.data) == (site.id, {"secret": "set"})


def test_a_new_one_replaces_it_and_an_empty_one_deletes_it(site: Site):
    change_coral_secret(site.id, SECRET, actor=SYSTEM)
    change_coral_secret(site.id, SECRET + "-2", actor=SYSTEM)
    assert signing_secret(site.id) == SECRET + "-2"
    change_coral_secret(site.id, "", actor=SYSTEM)
    assert signing_secret(site.id) is None
    assert not has_secret(site)
    assert CoralPhase.objects.count() == 1


@pytest.mark.parametrize("secret", ["short", "with spaces in between", "ümlaut-in-a-secret", "x" * 301])
def test_what_coral_would_not_show_is_refused(site: Site, secret: str):
    with pytest.raises(InvalidFields):
        change_coral_secret(site.id, secret, actor=SYSTEM)
    assert not has_secret(site)


def test_it_opens_for_its_own_site_only(site: Site):
    other = build_site("The Other Paper", host="other.example")
    change_coral_secret(site.id, SECRET, actor=SYSTEM)
    assert signing_secret(other.id) is None


def test_a_known_secret_is_believed_for_its_time_and_then_read_again(
    site: Site, settings, django_assert_num_queries
):
    settings.KEY_MEMORY_S = 60.0
    change_coral_secret(site.id, SECRET, actor=SYSTEM)
    assert signing_secret(site.id) == SECRET
    with django_assert_num_queries(0):
        assert signing_secret(site.id) == SECRET
    settings.KEY_MEMORY_S = 0.0
    with django_assert_num_queries(1):
        assert signing_secret(site.id) == SECRET


def test_the_rotation_of_keys_seals_it_anew(site: Site, settings):
    change_coral_secret(site.id, SECRET, actor=SYSTEM)
    settings.EMAIL_KEYS = [f"new:{base64.b64encode(b'n' * 32).decode()}", *settings.EMAIL_KEYS]
    list(rotate_email_keys())
    assert count_by_key() == {"new": 1}
    settings.EMAIL_KEYS = settings.EMAIL_KEYS[:1]
    assert signing_secret(site.id) == SECRET


def test_a_secret_that_does_not_open_is_named(site: Site, settings):
    change_coral_secret(site.id, SECRET, actor=SYSTEM)
    settings.EMAIL_KEYS = [f"new:{base64.b64encode(b'n' * 32).decode()}"]
    assert reseal_coral_secrets() == (CoralPhase.objects.get(site=site).id,)
