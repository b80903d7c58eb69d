"""The page of a site's filter: its figures, and what editors may do with it."""

import pytest
from django.test import Client
from django.urls import reverse

from moderation.models import AuditEvent, Site, SiteFilter
from moderation.models.role import RoleName
from tests.admin.people import person_with
from tests.builders import build_site

pytestmark = pytest.mark.django_db


@pytest.fixture
def site() -> Site:
    return build_site()


@pytest.fixture
def editor(site: Site) -> Client:
    return person_with(RoleName.EDITOR, site)


def address(site: Site) -> str:
    return reverse("admin:site-learning", args=[site.id])


def page(client: Client, site: Site) -> str:
    answer = client.get(address(site))
    assert answer.status_code == 200
    return answer.content.decode()


def build_filter(site: Site, *, is_on: bool = True, is_fitted: bool = True) -> SiteFilter:
    axis = {
        "is_fitted": is_fitted,
        "example_count": 131,
        "blend": {"scale": 1.0, "facts": 0.5, "words": 0.5, "shift": 0.0},
        "validation": {"count": 127, "site_auc": 0.9124, "shared_auc": 0.8711, "is_on": is_on},
    }
    return SiteFilter.objects.create(site=site, version=4, example_count=131, axes={"abuse": axis})


def test_a_site_without_decisions_says_so(site: Site, editor: Client) -> None:
    text = page(editor, site)
    assert text.count("not in use: too few decisions each way") == 2
    assert "aria-current" in text


def test_the_figures_are_shown_beside_those_of_the_shared_model(site: Site, editor: Client) -> None:
    build_filter(site)
    text = page(editor, site)
    for shown in ("in use", ">131<", ">91.2<", ">87.1<", ">127<"):
        assert shown in text, shown


def test_one_that_switched_itself_off_says_why(site: Site, editor: Client) -> None:
    build_filter(site, is_on=False)
    assert "switched off: it does worse than the shared model" in page(editor, site)


def test_one_that_cannot_be_read_says_so_and_can_be_paused_and_forgotten(site: Site, editor: Client) -> None:
    build_filter(site)
    SiteFilter.objects.update(abuse_weights=b"12345")
    assert "cannot be read" in page(editor, site)
    assert editor.post(address(site), {"act": "pause"}).status_code == 302
    assert editor.post(address(site), {"act": "forget", "sure": "yes"}).status_code == 302
    assert "cannot be read" not in page(editor, site)


def test_an_editor_pauses_and_resumes_it(site: Site, editor: Client) -> None:
    build_filter(site)
    answer = editor.post(address(site), {"act": "pause"}, follow=True)
    assert "The filter is paused" in answer.content.decode()
    assert "Use it again" in page(editor, site)
    assert ">paused<" in page(editor, site)
    editor.post(address(site), {"act": "resume"})
    assert not SiteFilter.objects.get().is_paused
    kinds = (
        AuditEvent.objects.filter(kind__startswith="filter.").order_by("id").values_list("kind", flat=True)
    )
    assert list(kinds) == ["filter.paused", "filter.resumed"]


def test_forgetting_has_to_be_meant(site: Site, editor: Client) -> None:
    build_filter(site)
    refused = editor.post(address(site), {"act": "forget"})
    assert refused.status_code == 422
    assert "Tick the box" in refused.content.decode()
    assert SiteFilter.objects.get().example_count == 131
    editor.post(address(site), {"act": "forget", "sure": "yes"})
    assert SiteFilter.objects.get().example_count == 0
    event = AuditEvent.objects.get(kind="filter.reset")
    assert (event.data, event.actor_kind) == ({"examples": 131}, "person")


@pytest.mark.parametrize("act", ["", "learn", "forget\x00"])
def test_other_acts_do_not_exist(site: Site, editor: Client, act: str) -> None:
    assert editor.post(address(site), {"act": act, "sure": "yes"}).status_code == 404


def test_moderators_do_not_see_it(site: Site) -> None:
    moderator = person_with(RoleName.MODERATOR, site, "mod")
    assert moderator.get(address(site)).status_code == 404
    assert "Learning" not in moderator.get(reverse("admin:site", args=[site.id])).content.decode()
