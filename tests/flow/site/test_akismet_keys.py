"""Short keys: found by a keyed name, opened for late verdicts, kept through changes of either key."""

import base64
import io
import re

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django.fixtures import Settings

from moderation.flow.record import SYSTEM
from moderation.flow.site.akismet_keys import open_akismet_key
from moderation.flow.site.settings import NewKey, create_key, revoke_key
from moderation.models import AuditEvent, Site, SiteKey
from moderation.models.key import KeyKind, Scope
from moderation.privacy.vault import VaultError
from moderation.queries.keys import find_akismet_key, find_key, forget_keys
from tests.builders import build_site

pytestmark = pytest.mark.django_db

OLD, NEW = (base64.b64encode(sign * 32).decode() for sign in (b"3", b"4"))


@pytest.fixture
def site() -> Site:
    return build_site()


def create(site: Site) -> NewKey:
    return create_key(site.id, KeyKind.AKISMET, actor=SYSTEM, label="WordPress")


def test_a_key_has_the_form_that_its_clients_demand_and_finds_its_site(site: Site) -> None:
    made = create(site)
    assert re.fullmatch(r"[0-9a-z]{12}", made.plain)
    found = find_akismet_key(made.plain)
    assert found is not None
    assert (found.site, found.kind, found.scopes) == (site, "akismet", [Scope.SUBMIT, Scope.DECIDE])
    assert create(site).plain != made.plain


def test_neither_the_row_nor_the_audit_record_holds_the_key(site: Site) -> None:
    made = create(site)
    rows = [*SiteKey.objects.values_list(), *AuditEvent.objects.values_list()]
    assert made.plain not in repr(rows)
    assert open_akismet_key(SiteKey.objects.get()) == made.plain


def test_the_api_itself_never_takes_it(site: Site) -> None:
    made = create(site)
    assert find_akismet_key(made.plain) is not None
    for text in (made.plain, f"cm_pk_{made.key.public_id}", f"cm_sk_{made.key.public_id}_{made.plain}"):
        assert find_key(text) is None


def test_a_secret_key_is_found_beside_it(site: Site) -> None:
    secret = create_key(site.id, KeyKind.SECRET, scopes=[Scope.SUBMIT], actor=SYSTEM)
    found = find_akismet_key(secret.plain)
    assert found is not None
    assert found.id == secret.key.id


@pytest.mark.parametrize("text", ["", "abc", "000000000000", "ABCDEFGHIJKL", "0" * 13, "\ud800"])
def test_any_other_text_is_nobodys(site: Site, text: str) -> None:
    create(site)
    assert find_akismet_key(text) is None


def test_a_revoked_key_is_nobodys_and_its_text_is_gone(site: Site) -> None:
    made = create(site)
    revoke_key(made.key.id, site_id=site.id, actor=SYSTEM)
    assert find_akismet_key(made.plain) is None
    with pytest.raises(VaultError):
        open_akismet_key(SiteKey.objects.get())


def test_it_is_remembered_for_a_second_and_only_here(site: Site, settings: Settings) -> None:
    settings.KEY_MEMORY_S = 600.0
    forget_keys()
    made = create(site)
    with CaptureQueriesContext(connection) as captured:
        assert find_akismet_key(made.plain) == find_akismet_key(made.plain) is not None
        assert len(captured) == 1
    assert find_key(made.plain) is None
    assert find_key("\xff" + made.plain) is None
    forget_keys()


def rotate() -> None:
    call_command("rotate_email_keys", stdout=io.StringIO())


def test_it_is_found_while_the_index_key_changes_and_afterwards(site: Site, settings: Settings) -> None:
    settings.EMAIL_INDEX_KEY = OLD
    made = create(site)
    settings.EMAIL_INDEX_KEY, settings.EMAIL_INDEX_KEY_FALLBACKS = NEW, [OLD]
    assert find_akismet_key(made.plain) is not None
    rotate()
    settings.EMAIL_INDEX_KEY_FALLBACKS = []
    assert find_akismet_key(made.plain) is not None


def test_it_opens_after_the_vaults_keys_changed(site: Site, settings: Settings) -> None:
    settings.EMAIL_KEYS = [f"old:{OLD}"]
    made = create(site)
    settings.EMAIL_KEYS = [f"new:{NEW}", f"old:{OLD}"]
    rotate()
    settings.EMAIL_KEYS = [f"new:{NEW}"]
    assert open_akismet_key(SiteKey.objects.get()) == made.plain


def test_a_key_that_does_not_open_is_named_and_stays(site: Site, settings: Settings) -> None:
    settings.EMAIL_KEYS = [f"old:{OLD}"]
    made = create(site)
    settings.EMAIL_KEYS = [f"new:{NEW}"]
    with pytest.raises(CommandError, match=str(made.key.id)):
        rotate()
    settings.EMAIL_INDEX_KEY_FALLBACKS = [settings.EMAIL_INDEX_KEY]
    settings.EMAIL_INDEX_KEY = NEW
    with pytest.raises(CommandError):
        rotate()
    assert SiteKey.objects.get().public_id == made.key.public_id
