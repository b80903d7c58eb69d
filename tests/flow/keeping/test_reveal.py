"""An address is opened for editors who say why, on record, and for nobody else."""

import pytest

from moderation.domain.errors import ActionNotPossible, InvalidFields, NotAllowed, NotFound
from moderation.flow.keeping.reveal import MOST_REASON, reveal_contact
from moderation.flow.record import SYSTEM, Actor
from moderation.models import AuditEvent, Comment, Contact, Site
from moderation.models.role import RoleName
from tests.builders import build_moderator, build_site, key_actor, person, submit

pytestmark = pytest.mark.django_db
REASON = "The reader asked to be called back."


@pytest.fixture
def site() -> Site:
    return build_site()


@pytest.fixture
def comment(site: Site) -> Comment:
    return submit(site)


@pytest.fixture
def editor(site: Site) -> Actor:
    return person(build_moderator([site], "ed", role=RoleName.EDITOR))


def events() -> list[AuditEvent]:
    return list(AuditEvent.objects.filter(kind="contact.revealed"))


def test_an_editor_sees_the_address_and_it_is_on_record(site, comment, editor):
    address = reveal_contact(comment.id, site_id=site.id, reason=f"  {REASON}\n", actor=editor)
    assert address == "ada@reader.example"
    (event,) = events()
    assert (event.subject_id, event.site_id, event.actor_user_id) == (
        str(comment.id),
        site.id,
        editor.user_id,
    )
    assert event.data == {"reason": REASON}


def test_so_do_owners_and_superusers(site, comment):
    owner = person(build_moderator([site], "own", role=RoleName.OWNER))
    root = person(build_moderator([], "root", is_superuser=True))
    for actor in (owner, root):
        assert reveal_contact(comment.id, site_id=site.id, reason=REASON, actor=actor)
    assert len(events()) == 2


def test_nobody_else_does(site, comment):
    other = build_site("Other", host="other.example")
    refused = [
        person(build_moderator([site], "mo")),
        person(build_moderator([other], "elsewhere", role=RoleName.OWNER)),
        person(build_moderator([site], "gone", role=RoleName.OWNER, is_active=False)),
        key_actor(site.id),
        SYSTEM,
    ]
    for actor in refused:
        with pytest.raises(NotAllowed):
            reveal_contact(comment.id, site_id=site.id, reason=REASON, actor=actor)
    assert not events()


def test_another_sites_comment_is_unknown(site, comment, editor):
    other = build_site("Other", host="other.example")
    with pytest.raises(NotFound):
        reveal_contact(comment.id, site_id=other.id, reason=REASON, actor=editor)


@pytest.mark.parametrize(
    "reason", ["", " \n ", "x" * (MOST_REASON + 1), "wrote to ada@reader.example", "nul\x00"]
)
def test_a_reason_is_needed_and_holds_no_address(site, comment, editor, reason):
    with pytest.raises(InvalidFields):
        reveal_contact(comment.id, site_id=site.id, reason=reason, actor=editor)
    assert not events()


def test_what_was_purged_is_no_longer_there(site, comment, editor):
    Contact.objects.all().delete()
    with pytest.raises(ActionNotPossible, match="no longer stored"):
        reveal_contact(comment.id, site_id=site.id, reason=REASON, actor=editor)
    assert not events()


def test_a_seal_that_does_not_open_leaves_no_record(site, comment, editor):
    Contact.objects.update(sealed="v1:none:AAAA")
    with pytest.raises(ActionNotPossible, match="cannot be opened"):
        reveal_contact(comment.id, site_id=site.id, reason=REASON, actor=editor)
    assert not events()
