"""What moderators see of hostile texts: the queue, each comment, records, sites, keys, lists and searches."""

import re
from urllib.parse import quote

import pytest

from tests.admin.pages import site_pages
from tests.xss.hostile import Hostile, Person
from tests.xss.vectors import VECTORS
from tests.xss.watching import Watch

pytestmark = pytest.mark.browser

RECORDS = ("comment", "decision", "screening", "remoteanswer", "reviewitem", "auditevent", "delivery", "job")
# One comment's page holds its author's other comments, its thread and its whole record.
_SOME = 5
_LINES = 300  # characters of an entry in a list
_LABEL = 100
_MOST_NAMES = 100
# Decides on a version that is no longer the comment's, with a hostile note.
_DECIDE_LATE = """note => {
  const form = document.querySelector('form[action$="/queue/decide/"]');
  const pick = form.querySelector('[name=pick]');
  pick.value = pick.value.replace(/:.*/, ':1');
  for (const field of form.querySelectorAll('[name=note]')) field.value = note;
  form.querySelector('button[name=act]').click();
}"""
# Types the text into every field of a page's form, too long and too often, and sends it.
_TYPE = """text => {
  const form = document.querySelector('#content form');
  const isFixed = '[type=hidden],[type=submit],[type=checkbox],[type=radio],select,button,fieldset';
  for (const field of form.elements) {
    if (field.matches(isFixed)) continue;
    field.removeAttribute('maxlength');
    if (field.localName === 'input') field.type = 'text';
    field.value = `${text}\\n`.repeat(field.localName === 'textarea' ? 40 : 1);
  }
  for (const field of form.querySelectorAll('[name=name],[name=hosts]')) field.value = text.repeat(200);
  HTMLFormElement.prototype.submit.call(form);
}"""


def test_the_queue_and_the_other_lists(desk: Watch, hostile: Hostile) -> None:
    seen: set[str] = set()
    for tab in ("held", "published", "spam", "rejected"):
        desk.visit(f"/admin/queue/?tab={tab}")
        while True:
            seen |= set(re.findall(r'name="pick" value="([0-9a-f-]{36}):', desk.page.content()))
            further = desk.page.get_by_role("link", name="Next page")
            if not further.count():
                break
            further.click()
            desk.page.wait_for_load_state()
            desk.inspect()
    assert hostile.held.keys() | hostile.published.keys() <= seen


def test_the_page_of_a_comment(desk: Watch, hostile: Hostile) -> None:
    for comment_id, vector in [*hostile.published.items(), *hostile.held.items()][::_SOME]:
        desk.visit(f"/admin/queue/{comment_id}/")
        assert vector.body
        assert " ".join(vector.body.split()) in " ".join((desk.page.text_content("body") or "").split())


def test_an_act_on_what_somebody_changed_and_a_reason_to_reveal(desk: Watch, hostile: Hostile) -> None:
    for comment_id, vector in list(hostile.held.items())[::_SOME]:
        desk.visit(f"/admin/queue/{comment_id}/", inspect=False)
        with desk.page.expect_navigation():
            desk.page.evaluate(_DECIDE_LATE, vector.text)
        desk.inspect()
    desk.visit("/admin/queue/")


@pytest.mark.parametrize("record", RECORDS)
def test_records_and_their_search(desk: Watch, hostile: Hostile, record: str) -> None:
    desk.visit(f"/admin/moderation/{record}/")
    rows = re.findall(rf'href="(/admin/moderation/{record}/[^"/?]+/)', desk.page.content())
    pages = desk.page.locator(".paginator a").count()
    for page in range(2, pages + 1):
        desk.visit(f"/admin/moderation/{record}/?p={page}")
    for address in rows[:3]:
        desk.visit(address)
    if record == "comment":
        for vector in VECTORS[::_SOME]:
            desk.visit(f"/admin/moderation/comment/?q={quote(vector.text)}")
        for comment_id in list(hostile.published)[::_SOME]:
            desk.visit(f"/admin/moderation/comment/{comment_id}/")


def test_sites_with_hostile_names_lists_people_and_keys(desk: Watch, hostile: Hostile) -> None:
    site = f"/admin/sites/{hostile.site_id}/"
    names = [vector.name for vector in VECTORS if vector.name]
    with hostile.person() as person:
        give_hostile_words(person, site)
        give_hostile_policies(person, site)
        for start in range(0, len(names), _MOST_NAMES):
            give_hostile_names(person, site, names[start : start + _MOST_NAMES])
            desk.visit(site)
    for path in (*site_pages(), "policy/1/", "policy/2/", "remote/policy_model/"):
        desk.visit(f"{site}{path}")
        if path == "keys/":
            links = desk.page.locator('a[href$="/revoke/"]')
            revoke = links.evaluate_all("links => links.map(link => link.pathname)")
    assert len(revoke) > 100
    for address in revoke[:: 2 * _SOME]:
        desk.visit(address)
    for vector in VECTORS[::_SOME]:
        desk.visit(f"{site}threads/?q={quote(vector.text)}")


def give_hostile_names(person: Person, site: str, names: list[str]) -> None:
    """A hostile name for the site, and more for its staff."""
    found = re.search(r'name="hosts"[^>]*>\s*([^<]+)<', person.get(site))
    assert found
    values = {"name": names[0], "hosts": found[1], "languages": "en", "staff_names": "\n".join(names)}
    person.post(site, {**values, "is_open": "on", "requires_email": "on"})


def give_hostile_words(person: Person, site: str) -> None:
    """Vectors as the site's words, domains and keys."""
    lines = "\n".join(" ".join(vector.text.split())[:_LINES].replace("\x00", "") for vector in VECTORS)
    points = {"based_on": "1", "hold_at": "3", "abuse_hold_at": "5", "spam_at": "6", "sample_percent": "1"}
    words = {"blocked_words": lines, "allowed_words": lines}
    person.post(f"{site}policy/", {**points, **words})
    for vector in VECTORS[::2]:  # each answer shows all keys so far
        label = vector.text.replace("\x00", "").strip()[:_LABEL]
        person.post(f"{site}keys/", {"label": label, "kind": "public"}, expected=200)


def give_hostile_policies(person: Person, site: str) -> None:
    """Vectors as the policy of a model that nobody asks, and as its name."""
    path = f"{site}remote/policy_model/"
    for number, vector in enumerate(VECTORS[:: 2 * _SOME]):
        text = vector.text.replace("\x00", "")
        fixed = {"based_on": str(number), "base_url": "https://api.openai.com", "time_limit_s": "5"}
        chosen = {"asks_about": "all", "on_failure": "hold", "daily_budget": "1"}
        person.post(path, {**fixed, **chosen, "model": text[:_LABEL], "policy_text": text})


def test_forms_that_come_back_with_what_was_typed(desk: Watch, hostile: Hostile) -> None:
    site = f"/admin/sites/{hostile.site_id}/"
    for path in (
        site,
        f"{site}policy/",
        f"{site}remote/policy_model/",
        f"{site}people/",
        "/admin/sites/add/",
        "/admin/auth/user/add/",
    ):
        for vector in VECTORS[:: 6 * _SOME]:
            desk.visit(path, inspect=False)
            with desk.page.expect_navigation():
                desk.page.evaluate(_TYPE, vector.text)
            desk.inspect()


def test_the_log_in_page_keeps_a_hostile_name_and_aim(watch: Watch, hostile: Hostile) -> None:
    for vector in VECTORS[:: 3 * _SOME]:
        watch.visit(f"/admin/login/?next={quote(vector.text)}", inspect=False)
        watch.page.get_by_label("Username").fill(vector.text)
        watch.page.get_by_label("Password").fill("wrong")
        watch.page.get_by_role("button", name="Log in").click()
        watch.page.wait_for_load_state()
        watch.inspect()
