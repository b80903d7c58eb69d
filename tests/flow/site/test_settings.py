"""What people change about a site: cleaned, versioned, recorded, and in force for the next comment."""

from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User

from moderation.domain.errors import ActionNotPossible, InvalidFields, NotFound
from moderation.domain.status import Status
from moderation.engine.verdict.defaults import CURRENT_DEFAULTS
from moderation.engine.verdict.policy_io import default_policy, settings_of
from moderation.flow.record import SYSTEM
from moderation.flow.site.settings import (
    change_notify,
    change_policy,
    change_site,
    change_thread,
    clean_hosts,
    create_key,
    create_site,
    open_site,
    remove_role,
    restore_policy,
    revoke_key,
    set_role,
)
from moderation.models import AuditEvent, PolicyVersion, Role, Site, SiteKey, Thread
from moderation.models.key import KeyKind, Scope
from moderation.models.role import NotifyMode, RoleName
from moderation.queries.keys import find_key
from moderation.queries.site_facts import policies_of
from tests.builders import build_moderator, build_site, person, submit, submit_screened

pytestmark = pytest.mark.django_db


@pytest.fixture
def site() -> Site:
    return build_site()


def kinds() -> list[str]:
    return list(AuditEvent.objects.order_by("id").values_list("kind", flat=True))


def test_a_site_is_opened_with_keys_and_an_owner() -> None:
    owner = User.objects.create_user("ona")
    made = open_site("My Paper", hosts=["Paper.Example"], languages=["EN"], owner=owner, actor=SYSTEM)
    assert (made.site.hosts, made.site.languages) == (["paper.example"], ["en"])
    found = find_key(made.secret.plain)
    assert found is not None
    assert set(found.scopes) == {scope.value for scope in Scope}
    assert find_key(made.public.plain) is not None
    assert Role.objects.get(site=made.site).name == RoleName.OWNER
    owner.refresh_from_db()
    assert owner.is_staff
    assert kinds() == ["site.created", "role.set", "key.created", "key.created"]


def test_a_taken_name_makes_nothing(site: Site) -> None:
    owner = User.objects.create_user("ona")
    with pytest.raises(InvalidFields):
        open_site(site.name, hosts=["paper.example"], owner=owner, actor=SYSTEM)
    assert Site.objects.count() == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", " \n "),
        ("name", "x" * 101),
        ("hosts", ["https://news.example"]),
        ("hosts", ["news.example:many"]),
        ("hosts", ["news example"]),
        ("languages", ["english"]),
        ("languages", ["e1"]),
        ("staff_names", ["x" * 101]),
        ("staff_names", [f"name {n}" for n in range(101)]),
    ],
)
def test_what_makes_no_sense_is_refused_by_field(site: Site, field: str, value: Any) -> None:
    with pytest.raises(InvalidFields) as refusal:
        change_site(site.id, {field: value}, actor=SYSTEM)
    assert [error.field for error in refusal.value.errors] == [field]


def test_a_name_stays_on_one_line(site: Site) -> None:
    changed = change_site(site.id, {"name": " The\r\nBcc: all@evil.example \x00News "}, actor=SYSTEM)
    assert changed.name == "The Bcc: all@evil.example News"


def test_lists_are_cleaned_and_only_what_is_given_changes(site: Site) -> None:
    changed = change_site(
        site.id,
        {
            "hosts": ["News.Example:8080", "news.example:8080"],
            "staff_names": [" Ada  Editor ", "", "Ada Editor"],
            "languages": ["de", " DE", ""],
            "is_open": False,
        },
        actor=SYSTEM,
    )
    changed.refresh_from_db()
    assert changed.hosts == ["news.example:8080"]
    assert changed.staff_names == ["Ada Editor"]
    assert changed.languages == ["de"]
    assert not changed.is_open
    assert changed.name == site.name
    assert AuditEvent.objects.get(kind="site.changed").data == {
        "fields": ["hosts", "is_open", "languages", "staff_names"]
    }


def test_a_blocked_word_acts_on_the_next_comment(site: Site) -> None:
    assert submit_screened(site, "I love rhubarb.").status == Status.PUBLISHED
    actor = person(build_moderator([site]))
    new = change_policy(site.id, lists={"blocked_words": "rhubarb\n"}, actor=actor, seen_version=1)
    assert (new.version, new.created_by_id) == (2, actor.user_id)
    assert submit_screened(site, "I love rhubarb pie.").status == Status.HELD
    assert PolicyVersion.objects.get(site=site, version=1).blocked_words == ""


def test_a_threshold_acts_on_the_next_comment_and_keeps_the_lists(site: Site) -> None:
    change_policy(site.id, lists={"blocked_domains": "bad.example"}, actor=SYSTEM)
    new = change_policy(site.id, settings={"premoderate": True}, actor=SYSTEM)
    assert new.blocked_domains == "bad.example"
    assert submit_screened(site).status == Status.HELD


def test_two_people_cannot_overwrite_each_others_policy(site: Site) -> None:
    change_policy(site.id, settings={"hold_at": 2.0}, actor=SYSTEM, seen_version=1)
    with pytest.raises(ActionNotPossible):
        change_policy(site.id, settings={"hold_at": 4.0}, actor=SYSTEM, seen_version=1)
    assert PolicyVersion.objects.filter(site=site).count() == 2


@pytest.mark.parametrize("settings", [{"hold_at": 9.0}, {"spam_at": "many"}, {"unknown": 1}])
def test_a_policy_that_makes_no_sense_changes_nothing(site: Site, settings: dict[str, Any]) -> None:
    with pytest.raises(InvalidFields):
        change_policy(site.id, settings=settings, actor=SYSTEM)
    assert PolicyVersion.objects.filter(site=site).count() == 1


def test_a_version_stores_what_the_site_changed_and_no_more(site: Site) -> None:
    assert PolicyVersion.objects.get(site=site).settings == {}
    new = change_policy(site.id, settings={**settings_of(default_policy()), "hold_at": 2.0}, actor=SYSTEM)
    assert (new.settings, new.defaults_version) == ({"hold_at": 2.0}, CURRENT_DEFAULTS)
    back = change_policy(site.id, settings={"hold_at": default_policy().hold_at}, actor=SYSTEM)
    assert back.settings == {}


def test_a_restored_version_says_what_it_said_and_nothing_that_came_later(site: Site) -> None:
    PolicyVersion.objects.filter(site=site).update(settings={"spam_at": 7.0}, blocked_words="rhubarb")
    change_policy(site.id, settings={"hold_at": 2.0}, lists={"blocked_domains": "bad.example"}, actor=SYSTEM)
    new = restore_policy(site.id, 1, actor=SYSTEM, seen_version=2)
    assert (new.version, new.settings) == (3, {"spam_at": 7.0})
    assert (new.blocked_words, new.blocked_domains) == ("rhubarb", "")
    assert kinds()[-1] == "policy.changed"


def test_restoring_does_not_overwrite_what_somebody_else_put_in_force(site: Site) -> None:
    change_policy(site.id, settings={"hold_at": 2.0}, actor=SYSTEM)
    change_policy(site.id, settings={"hold_at": 2.5}, actor=SYSTEM)
    with pytest.raises(ActionNotPossible):
        restore_policy(site.id, 1, actor=SYSTEM, seen_version=2)
    assert PolicyVersion.objects.filter(site=site).count() == 3


def test_settings_that_todays_rules_refuse_act_on_but_do_not_come_back(site: Site) -> None:
    PolicyVersion.objects.filter(site=site).update(settings={"sample_percent": 50.0, "hold_at": 0.5})
    assert policies_of([site.id])[site.id].hold_at == 0.5
    change_policy(site.id, settings={"sample_percent": 1.0}, actor=SYSTEM)
    with pytest.raises(InvalidFields) as refusal:
        restore_policy(site.id, 1, actor=SYSTEM)
    assert [error.message for error in refusal.value.errors] == ["sample_percent: must be between 0 and 10"]
    assert PolicyVersion.objects.filter(site=site).count() == 2


def test_another_site_s_version_cannot_be_restored(site: Site) -> None:
    other = build_site("Other", host="other.example")
    change_policy(other.id, settings={"hold_at": 2.0}, actor=SYSTEM)
    with pytest.raises(NotFound):
        restore_policy(site.id, 2, actor=SYSTEM)


def test_a_revoked_key_ends_at_once_and_once(site: Site) -> None:
    made = create_key(site.id, KeyKind.SECRET, actor=SYSTEM, scopes=[Scope.READ])
    other = build_site("Other", host="other.example")
    with pytest.raises(NotFound):
        revoke_key(made.key.id, site_id=other.id, actor=SYSTEM)
    assert find_key(made.plain) is not None
    revoke_key(made.key.id, site_id=site.id, actor=SYSTEM)
    assert find_key(made.plain) is None
    with pytest.raises(NotFound):
        revoke_key(made.key.id, site_id=site.id, actor=SYSTEM)


def test_a_public_key_has_no_scopes_and_no_secret_is_stored(site: Site) -> None:
    public = create_key(site.id, KeyKind.PUBLIC, actor=SYSTEM, scopes=[Scope.DECIDE])
    assert public.key.scopes == []
    secret = create_key(site.id, KeyKind.SECRET, actor=SYSTEM)
    stored = str(SiteKey.objects.filter(id=secret.key.id).values().get())
    assert secret.plain.split("_", 3)[3] not in stored


def test_a_site_keeps_an_owner(site: Site) -> None:
    ona, ben = User.objects.create_user("ona"), User.objects.create_user("ben")
    role = set_role(site.id, ona, RoleName.OWNER, actor=SYSTEM)
    set_role(site.id, ben, RoleName.EDITOR, actor=SYSTEM)
    with pytest.raises(ActionNotPossible):
        remove_role(role.pk, site_id=site.id, actor=SYSTEM)
    with pytest.raises(ActionNotPossible):
        set_role(site.id, ona, RoleName.MODERATOR, actor=SYSTEM)
    set_role(site.id, ben, RoleName.OWNER, actor=SYSTEM)
    remove_role(role.pk, site_id=site.id, actor=SYSTEM)
    assert list(Role.objects.values_list("user__username", "name")) == [("ben", RoleName.OWNER)]


def test_a_role_of_another_site_is_not_there(site: Site) -> None:
    other = build_site("Other", host="other.example")
    role = set_role(other.id, User.objects.create_user("ona"), RoleName.MODERATOR, actor=SYSTEM)
    with pytest.raises(NotFound):
        remove_role(role.pk, site_id=site.id, actor=SYSTEM)
    with pytest.raises(NotFound):
        change_notify(role.pk, site_id=site.id, mode=NotifyMode.EACH, actor=SYSTEM)
    change_notify(role.pk, site_id=other.id, mode=NotifyMode.DIGEST, actor=SYSTEM)
    role.refresh_from_db()
    assert role.notify == NotifyMode.DIGEST


def test_a_thread_can_be_closed_for_itself(site: Site) -> None:
    thread = Thread.objects.create(site=site, key="k")
    other = create_site("Other", hosts=["other.example"])
    with pytest.raises(NotFound):
        change_thread(thread.id, site_id=other.id, is_open=False, actor=SYSTEM)
    changed = change_thread(thread.id, site_id=site.id, is_open=False, actor=SYSTEM)
    assert (changed.is_open, changed.version) == (False, 2)


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        (["News.Example"], ["news.example"]),
        (["localhost:8000", " localhost:8000 "], ["localhost:8000"]),
        (["bücher.example"], ["xn--bcher-kva.example"]),
    ],
)
def test_hosts_have_one_spelling(typed: list[str], stored: list[str]) -> None:
    assert clean_hosts(typed) == stored


@pytest.mark.parametrize(
    "typed", ["https://news.example", "news.example/path", "", "news.example:http", "a b"]
)
def test_what_is_no_host_is_refused(typed: str) -> None:
    with pytest.raises(InvalidFields):
        clean_hosts([typed])


def test_threads_and_keys_of_another_site_are_not_there(site: Site) -> None:
    other = build_site("The Morning Post", host="post.example")
    thread = submit(site).thread
    key = create_key(site.id, KeyKind.PUBLIC, actor=SYSTEM).key
    with pytest.raises(NotFound):
        change_thread(thread.id, site_id=other.id, is_open=False, actor=SYSTEM)
    with pytest.raises(NotFound):
        revoke_key(key.id, site_id=other.id, actor=SYSTEM)
    with pytest.raises(NotFound):
        revoke_key(uuid4(), site_id=site.id, actor=SYSTEM)


def test_a_role_lets_into_the_admin(site: Site) -> None:
    user = User.objects.create_user("new", password="correct horse battery")
    set_role(site.id, user, RoleName.MODERATOR, actor=SYSTEM, notify="digest")
    user.refresh_from_db()
    assert user.is_staff
    assert Role.objects.get(user=user).notify == "digest"
