from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from moderation.models import AuditEvent
from moderation.models.key import KeyKind
from moderation.queries.keys import find_akismet_key, find_key
from tests.builders import build_site

pytestmark = pytest.mark.django_db


def _add_key(*options: str) -> str:
    out = StringIO()
    call_command("add_key", *options, stdout=out)
    return out.getvalue()


def test_it_prints_a_key_that_works_and_nothing_else() -> None:
    site = build_site()
    printed = _add_key(site.slug, "--label", "Coral", "--scope", "score", "--scope", "decide")
    key = find_key(printed.strip())
    assert key is not None
    assert (key.site, key.kind, key.label, key.scopes) == (site, KeyKind.SECRET, "Coral", ["score", "decide"])
    assert AuditEvent.objects.filter(kind="key.created", subject_id=str(key.id)).count() == 1


def test_by_default_a_key_may_only_have_texts_scored() -> None:
    key = find_key(_add_key(build_site().slug).strip())
    assert key is not None
    assert key.scopes == ["score"]


def test_it_makes_keys_for_clients_of_akismet() -> None:
    site = build_site()
    key = find_akismet_key(_add_key(site.slug, "--akismet").strip())
    assert key is not None
    assert (key.site, key.kind, key.scopes) == (site, KeyKind.AKISMET, ["submit", "decide"])
    with pytest.raises(CommandError, match="--scope"):
        _add_key(site.slug, "--akismet", "--scope", "read")


def test_it_names_the_sites_that_there_are() -> None:
    slug = build_site().slug
    with pytest.raises(CommandError, match=slug):
        _add_key("nowhere")
