"""How strict a site is: what each choice would do, and putting one in force."""

import re

import pytest
from django.test import Client

from moderation.admin import thresholds
from moderation.domain.status import Action
from moderation.engine.verdict import presets
from moderation.flow.comments.decide import Choice, decide
from moderation.models import PolicyVersion, Site
from moderation.models.role import RoleName
from moderation.queries.site_facts import policies_of
from tests.admin.people import person_with
from tests.builders import LINKED, build_moderator, build_site, person, submit_screened

pytestmark = pytest.mark.django_db


@pytest.fixture
def site() -> Site:
    return build_site()


@pytest.fixture
def editor(site: Site) -> Client:
    return person_with(RoleName.EDITOR, site, "ed")


def page_of(site: Site, query: str = "") -> str:
    return f"/admin/sites/{site.id}/policy/thresholds/{query}"


def forms_in(html: str) -> list[dict[str, str]]:
    """The rows that can be chosen, as a browser would send each of them."""
    found = re.findall(r'<form method="post" class="state">.*?</form>', html, re.DOTALL)
    return [dict(re.findall(r'name="(\w+)" value="([^"]*)"', form)) for form in found]


def in_force(site: Site) -> tuple[float, float, float]:
    site.refresh_from_db()
    policy = policies_of([site.id])[site.id]
    return policy.hold_at, policy.abuse_hold_at, policy.spam_at


def test_the_page_tells_what_is_in_force_and_offers_the_others(editor: Client, site: Site):
    html = editor.get(page_of(site)).content.decode()
    assert [form["hold_at"] for form in forms_in(html)] == ["4.0", "2.0"]
    assert "In force" in html
    assert "Your own thresholds." not in html
    assert re.findall(r"stopped (\d+) of 100 toxic news comments", html) == ["46", "76", "90"]


def test_a_choice_becomes_a_version_that_keeps_all_else(editor: Client, site: Site):
    PolicyVersion.objects.filter(site=site).update(blocked_words="casino")
    strict = forms_in(editor.get(page_of(site)).content.decode())[-1]
    answer = editor.post(page_of(site), strict, follow=True)
    assert in_force(site) == (2.0, 2.7, 5.0)
    assert PolicyVersion.objects.get(site=site, version=2).blocked_words == "casino"
    assert "Version 2 is in force" in answer.content.decode()


def test_what_somebody_else_changed_meanwhile_is_not_overwritten(editor: Client, site: Site):
    relaxed, strict = forms_in(editor.get(page_of(site)).content.decode())
    editor.post(page_of(site), relaxed)
    answer = editor.post(page_of(site), strict, follow=True)
    assert "Somebody else changed the policy" in answer.content.decode()
    assert in_force(site)[0] == 4.0


@pytest.mark.parametrize("wrong", [{}, {"hold_at": "much"}, {"hold_at": "-1"}, {"spam_at": "0.5"}])
def test_senseless_thresholds_change_nothing(editor: Client, site: Site, wrong: dict[str, str]):
    row = {"based_on": "1", "hold_at": "3", "abuse_hold_at": "4", "spam_at": "6"} if wrong else {}
    answer = editor.post(page_of(site), row | wrong, follow=True)
    assert answer.status_code == 200
    assert in_force(site) == (3.0, 4.0, 6.0)


def test_each_row_says_what_it_would_have_stopped(editor: Client, site: Site):
    actor = person(build_moderator([site]))
    submit_screened(site, "A calm and reasonable remark.", name="Bo", email="bo@reader.example")
    passed = submit_screened(site, LINKED[0])
    decide(Choice(passed.id), site_id=site.id, action=Action.APPROVE, reason="fine", actor=actor)
    html = editor.get(page_of(site)).content.decode()
    assert "latest 2 published comments" in html
    assert html.count("50.0 %") == 3  # the first link holds under each preset
    assert "at least 300" in html


def test_thresholds_are_fitted_to_the_share_that_was_asked_for(
    editor: Client, site: Site, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(presets, "FEWEST_TO_FIT", 1)
    monkeypatch.setattr(thresholds, "FEWEST_TO_FIT", 1)
    submit_screened(site)
    html = editor.get(page_of(site, "?share=5")).content.decode()
    assert "At most 5 % of the comments you approved" in html
    fitted = forms_in(html)[-1]
    editor.post(page_of(site), fitted)
    assert in_force(site) == (2.0, 2.7, 5.0)


def test_a_share_that_makes_no_sense_is_told_and_the_default_shown(editor: Client, site: Site):
    answer = editor.get(page_of(site, "?share=200"))
    assert answer.status_code == 422
    assert len(forms_in(answer.content.decode())) == 2


def test_thresholds_of_ones_own_are_a_row_of_their_own(editor: Client, site: Site):
    PolicyVersion.objects.filter(site=site).update(settings={"hold_at": 3.5})
    html = editor.get(page_of(site)).content.decode()
    assert "Your own thresholds." in html
    assert len(forms_in(html)) == 3
