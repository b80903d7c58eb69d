"""The latest migrations with rows in the tables: forward, back to where they began, and forward again."""

import json

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from moderation.engine.verdict.defaults import CURRENT_DEFAULTS, DEFAULTS
from moderation.flow.record import SYSTEM
from moderation.flow.site.second_factors import verify_second_factor
from moderation.flow.site.settings import create_key
from moderation.lib.uuid7 import uuid7
from moderation.models import Comment, Revision
from moderation.models.key import KeyKind
from moderation.queries.keys import find_akismet_key
from tests.builders import build_site, submit

BEGAN = "0008_reputation"
SEED, CODE = "ab" * 20, "abcd2345"
CAPS = {**DEFAULTS[1]["family_caps"], "link": 7.0}
WHOLE = {**DEFAULTS[1], "hold_at": 2.0, "hold_codes": ["test.hold"], "family_caps": CAPS}


def migrate(name: str) -> None:
    """Within the test's transaction, which takes all of it back."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # no table may change while checks are due
    MigrationExecutor(connection).migrate([("moderation", name)])


def latest() -> str:
    """The name of the last migration."""
    ((_, name),) = MigrationExecutor(connection).loader.graph.leaf_nodes("moderation")
    return str(name)


def column(table: str, name: str) -> list[str]:
    """What stands in a column, whatever the models of today say."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {name}::text FROM {table} ORDER BY 1")
        return [row[0] for row in cursor.fetchall()]


def write_same_words(comment: Comment, *, claims: list[int]) -> None:
    """Copies of a comment by other hands under the same address."""
    for claim in claims:
        copy = Comment.objects.get(id=comment.id)
        copy.id, copy.claim = uuid7(), claim
        copy.current_revision = Revision(site=copy.site, comment=copy, body="The same words.")
        copy.save(force_insert=True)
        copy.current_revision.save(force_insert=True)


@pytest.mark.django_db
def test_akismet_keys_stay_on_the_way_back_and_are_revoked() -> None:
    plain = create_key(build_site().id, KeyKind.AKISMET, actor=SYSTEM).plain
    migrate("0017_score_scope")
    assert column("site_key", "kind") == ["secret"]
    assert column("site_key", "revoked_at IS NOT NULL") == ["true"]
    migrate(latest())
    assert find_akismet_key(plain) is None


@pytest.mark.django_db
def test_all_that_was_there_survives_the_way_back() -> None:
    site = build_site()
    comment = submit(site, "I was there this morning.")
    write_same_words(comment, claims=[42, 43])
    ids = column("comment", "id")

    migrate(BEGAN)
    assert len(set(column("comment", "body_hash"))) == len(ids)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE policy_version SET settings = %s", [json.dumps(WHOLE)])
    user = User.objects.create_user("ada")
    TOTPDevice.objects.create(user=user, name="app", key=SEED)
    kept = StaticDevice.objects.create(user=user, name="backup")
    StaticToken.objects.create(device=kept, token=CODE)

    migrate(latest())
    assert column("policy_version", "defaults_version") == ["1", str(CURRENT_DEFAULTS)]
    assert column("otp_totp_totpdevice", "key") == ["sealed"]
    assert verify_second_factor(user, CODE) == kept

    migrate(BEGAN)
    assert [json.loads(each) for each in column("policy_version", "settings")] == [WHOLE, WHOLE]
    assert column("otp_totp_totpdevice", "key") == [SEED]

    migrate(latest())
    assert column("otp_totp_totpdevice", "key") == ["sealed"]
    assert column("comment", "id") == ids
