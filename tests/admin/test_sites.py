"""Sites: settings, policy, keys and threads as their people change them."""

import html
import re

import pytest
from django.contrib.auth.models import User
from django.test import Client

from moderation.domain.status import Status
from moderation.engine.verdict.policy_io import default_policy, read_stored
from moderation.flow.record import SYSTEM
from moderation.flow.site.settings import create_key, hash_secret
from moderation.models import AuditEvent, PolicyVersion, Revision, Site, SiteKey, Thread
from moderation.models.key import KeyKind
from moderation.models.role import RoleName
from moderation.queries.keys import find_akismet_key
from moderation.queries.site_facts import policies_of
from tests.admin.people import PASSWORD, client_of, person_with
from tests.builders import build_moderator, build_site, submit, submit_screened

pytestmark = pytest.mark.django_db

ATTACK = '"><script>alert(1)</script>'
SHOWN = "&lt;script&gt;alert(1)&lt;/script&gt;"


@pytest.fixture
def site() -> Site:
    return build_site()


@pytest.fixture
def owner(site: Site) -> Client:
    return person_with(RoleName.OWNER, site, "olga")


@pytest.fixture
def editor(site: Site) -> Client:
    return person_with(RoleName.EDITOR, site, "ed")


@pytest.fixture
def boss() -> Client:
    return client_of(User.objects.create_superuser("boss", password=PASSWORD))


def page_of(site: Site, part: str = "") -> str:
    return f"/admin/sites/{site.id}/{part}"


def policy_fields(site: Site, **changes: str) -> dict[str, str]:
    """The policy form as a browser would send it back."""
    policy = default_policy()
    values = {
        "based_on": str(site.policy_version),
        "hold_at": "3",
        "abuse_hold_at": "4",
        "spam_at": "6",
        "sample_percent": "1",
        "hold_codes": "\n".join(policy.hold_codes),
        "spam_codes": "\n".join(policy.spam_codes),
    }
    return values | changes


class TestSettings:
    def test_an_owner_changes_what_the_site_is(self, owner: Client, site: Site):
        values = {
            "name": "The Late News",
            "hosts": "news.example\r\nwww.news.example \r\n\r\n",
            "languages": "en\nde",
        }
        answer = owner.post(page_of(site), {**values, "staff_names": "Ada Editor", "is_open": "on"})
        assert answer["Location"] == page_of(site)
        site.refresh_from_db()
        assert (site.name, site.hosts, site.languages) == (
            "The Late News",
            ["news.example", "www.news.example"],
            ["en", "de"],
        )
        assert site.staff_names == ["Ada Editor"]
        assert site.is_open
        assert not site.requires_email
        assert AuditEvent.objects.filter(kind="site.changed", site=site).exists()

    def test_an_owner_chooses_plain_text_for_comments_from_then_on(self, owner: Client, site: Site):
        former = submit_screened(site, "This is *good*.")
        values = {"name": site.name, "hosts": "news.example", "is_open": "on", "requires_email": "on"}
        owner.post(page_of(site), {**values, "text_format": "plain"})
        owner.post(page_of(site), values)  # a form that does not send the field leaves it alone
        site.refresh_from_db()
        assert site.text_format == "plain"
        event = AuditEvent.objects.filter(kind="site.changed", site=site).earliest("id")
        assert "text_format" in event.data["fields"]
        later = submit_screened(site, "This is *better*.")
        shown = [Revision.objects.get(comment=comment).body_html for comment in (former, later)]
        assert shown == ["<p>This is <em>good</em>.</p>", "<p>This is *better*.</p>"]

    def test_the_page_says_which_comments_a_new_format_is_for(self, owner: Client, site: Site):
        assert "published from now on" in owner.get(page_of(site)).content.decode()
        everybody = person_with(RoleName.MODERATOR, site).get(page_of(site)).content.decode()
        assert "Simple Markdown" in everybody

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("text_format", "html"),
            ("hosts", "https://news.example/"),
            ("languages", "english please"),
            ("name", ""),
        ],
    )
    def test_a_mistake_is_named_beside_its_field_and_nothing_is_lost(
        self, owner: Client, site: Site, field: str, value: str
    ):
        values = {
            "name": "Other Name",
            "hosts": "other.example",
            "languages": "de",
            "staff_names": "Ada Editor",
        }
        answer = owner.post(page_of(site), values | {field: value})
        page = answer.content.decode()
        assert answer.status_code == 422
        assert f'id="id_{field}_error"' in page or "errorlist" in page
        assert re.search(rf'name="{field}"[^>]*aria-invalid="true"', page)
        assert "Ada Editor" in page
        site.refresh_from_db()
        assert site.name == "The Evening News"

    def test_a_closed_site_takes_no_comments(self, owner: Client, site: Site):
        owner.post(page_of(site), {"name": site.name, "hosts": "news.example"})
        site.refresh_from_db()
        assert not site.is_open

    def test_everybody_with_a_role_finds_the_snippet(self, site: Site):
        key = create_key(site.id, KeyKind.PUBLIC, actor=SYSTEM, label="Pages")
        page = person_with(RoleName.MODERATOR, site).get(page_of(site)).content.decode()
        assert f"data-key=&quot;{key.plain}&quot;" in page
        assert "<comment-thread" not in page

    def test_a_list_shows_ones_own_sites_only(self, site: Site, owner: Client):
        build_site("The Morning Post", host="post.example")
        page = owner.get("/admin/sites/").content.decode()
        assert "The Evening News" in page
        assert "The Morning Post" not in page


class TestNewSite:
    def test_one_page_makes_site_keys_and_owner(self, boss: Client):
        ann = build_moderator([], "ann")
        answer = boss.post(
            "/admin/sites/add/", {"name": "The Weekly", "hosts": "weekly.example", "owner": "ann"}
        )
        page = answer.content.decode()
        site = Site.objects.get(name="The Weekly")
        assert site.roles.get().user == ann
        assert {key.kind for key in site.keys.all()} == {"public", "secret"}
        secret = re.search(r"cm_sk_[\w-]+", page)
        assert secret
        stored = site.keys.get(kind="secret").secret_hash
        assert bytes(stored or b"") == hash_secret(secret[0].split("_", maxsplit=3)[3])
        assert "no-store" in answer["Cache-Control"]
        assert "/embed.js" in page
        assert secret[0] not in boss.get(page_of(site)).content.decode()

    @pytest.mark.parametrize(
        "change", [{"owner": "nobody"}, {"hosts": "https://x/"}, {"name": "The Evening News"}]
    )
    def test_a_mistake_makes_nothing(self, boss: Client, site: Site, change: dict[str, str]):
        answer = boss.post("/admin/sites/add/", {"name": "The Weekly", "hosts": "weekly.example"} | change)
        assert answer.status_code == 422
        assert Site.objects.count() == 1


class TestPolicy:
    def test_saving_puts_a_new_version_in_force(self, editor: Client, site: Site):
        answer = editor.post(
            page_of(site, "policy/"),
            policy_fields(site, spam_at="9.5", weights="links.many = 1,5", premoderate="on"),
        )
        assert answer["Location"] == page_of(site, "policy/")
        site.refresh_from_db()
        new = PolicyVersion.objects.get(site=site, version=site.policy_version)
        assert (site.policy_version, new.settings["spam_at"], new.settings["premoderate"]) == (2, 9.5, True)
        assert new.settings["weights"] == {"links.many": 1.5}
        assert new.created_by is not None
        assert new.created_by.username == "ed"
        page = editor.get(page_of(site, "policy/")).content.decode()
        assert "2, in force" in page
        assert "links.many = 1.5" in page

    def test_a_blocked_word_acts_on_the_next_comment(self, editor: Client, site: Site):
        editor.post(page_of(site, "policy/"), policy_fields(site, blocked_words="balderdash"))
        site.refresh_from_db()
        assert submit_screened(site, "This is plain balderdash, I should say.").status == Status.HELD
        assert submit_screened(site, "A calm remark about bicycles in town.").status == Status.PUBLISHED

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("hold_at", "7"),
            ("spam_at", "0"),
            ("spam_at", "many"),
            ("spam_at", "nan"),
            ("sample_percent", "11"),
            ("weights", "links.many is 2"),
            ("weights", "links.many = 1000"),
            ("hold_codes", "No Code"),
            ("blocked_words", "x" * 301),
        ],
    )
    def test_a_mistake_is_named_beside_its_field_and_nothing_is_lost(
        self, editor: Client, site: Site, field: str, value: str
    ):
        answer = editor.post(
            page_of(site, "policy/"), policy_fields(site, allowed_words="kept as typed") | {field: value}
        )
        page = answer.content.decode()
        assert answer.status_code == 422
        assert re.search(rf'name="{field}"[^>]*aria-invalid="true"', page)
        assert "kept as typed" in page
        assert PolicyVersion.objects.filter(site=site).count() == 1

    def test_nobody_overwrites_what_another_saved_meanwhile(self, editor: Client, site: Site):
        stale = policy_fields(site, spam_at="8")
        editor.post(page_of(site, "policy/"), policy_fields(site, spam_at="7"))
        answer = editor.post(page_of(site, "policy/"), stale)
        assert answer.status_code == 422
        assert "changed the policy in the meantime" in answer.content.decode()
        assert PolicyVersion.objects.filter(site=site).count() == 2

    def test_an_old_version_comes_back_as_a_new_one(self, editor: Client, site: Site):
        editor.post(page_of(site, "policy/"), policy_fields(site, blocked_words="balderdash", spam_at="9"))
        assert "balderdash" in editor.get(page_of(site, "policy/2/")).content.decode()
        seen = re.search(
            r'name="based_on" value="(\d+)"><div', editor.get(page_of(site, "policy/1/")).content.decode()
        )
        assert seen
        editor.post(page_of(site, "policy/1/"), {"based_on": seen[1]})
        site.refresh_from_db()
        new = PolicyVersion.objects.get(site=site, version=3)
        assert (site.policy_version, new.blocked_words) == (3, "")
        assert policies_of([site.id])[site.id].spam_at == 6.0

    @pytest.mark.parametrize("seen", ["1", "", "x", "9" * 20])
    def test_restoring_on_a_page_that_is_out_of_date_changes_nothing(
        self, editor: Client, site: Site, seen: str
    ):
        editor.post(page_of(site, "policy/"), policy_fields(site, spam_at="9"))
        answer = editor.post(page_of(site, "policy/1/"), {"based_on": seen})
        assert answer.status_code == 422
        assert 'role="alert"' in answer.content.decode()
        assert PolicyVersion.objects.filter(site=site).count() == 2

    def test_what_todays_rules_refuse_is_shown_and_refused_in_words(self, editor: Client, site: Site):
        stored = {"sample_percent": 50.0, "dropped_setting": 1, "abuse_hold_at": 0}
        PolicyVersion.objects.filter(site=site).update(settings=stored)
        assert editor.get(page_of(site, "policy/")).status_code == 200
        assert editor.get(page_of(site, "policy/1/")).status_code == 200
        answer = editor.post(page_of(site, "policy/1/"), {"based_on": "1"})
        assert answer.status_code == 422
        assert "“Hold abuse at”: must be above 0." in html.unescape(answer.content.decode())
        assert PolicyVersion.objects.filter(site=site).count() == 1

    def test_the_pages_tell_what_differs_from_the_defaults(self, editor: Client, site: Site):
        assert "Only the lists." in editor.get(page_of(site, "policy/")).content.decode()
        codes = "\n".join(sorted(default_policy().hold_codes - {"test.hold"} | {"links.many"}))
        changes = {"spam_at": "9.5", "premoderate": "on", "weights": "links.name = 2", "hold_codes": codes}
        editor.post(page_of(site, "policy/"), policy_fields(site, **changes))
        for part in ("policy/", "policy/2/"):
            page = editor.get(page_of(site, part)).content.decode()
            rows = re.findall(r'<tr><th scope="row">(.*?)</th><td>(.*?)</td><td>(.*?)</td></tr>', page)
            assert sorted(rows) == [
                ("Hold every comment for review", "yes", "no"),
                ("Signals that hold: links.many", "yes", "no"),
                ("Signals that hold: test.hold", "no", "yes"),
                ("Spam at", "9.5", "6"),
                ("Weights: links.name", "2", "1"),
            ]

    def test_what_the_form_shows_is_what_it_saves(self, editor: Client, site: Site):
        page = editor.get(page_of(site, "policy/"))
        form = page.context["form"]
        values = {name: form[name].value() or "" for name in form.fields if name != "premoderate"}
        editor.post(page_of(site, "policy/"), values)
        first, second = PolicyVersion.objects.filter(site=site).order_by("version")
        assert second.settings == first.settings == {}
        stood = [read_stored(row.settings, 0, row.defaults_version) for row in (first, second)]
        assert stood[0] == stood[1]


class TestKeys:
    def test_a_secret_key_is_shown_once(self, owner: Client, site: Site):
        values = {"label": "Server", "kind": "secret", "scopes": ["submit", "read"]}
        answer = owner.post(page_of(site, "keys/"), values)
        plain = re.search(r"cm_sk_[\w-]{30,}", answer.content.decode())
        assert plain
        assert "no-store" in answer["Cache-Control"]
        assert SiteKey.objects.get(site=site).scopes == ["submit", "read"]
        later = owner.get(page_of(site, "keys/")).content.decode()
        assert plain[0] not in later
        assert "Server" in later

    def test_an_akismet_key_is_shown_once_and_needs_no_scope(self, owner: Client, site: Site):
        answer = owner.post(page_of(site, "keys/"), {"label": "WordPress", "kind": "akismet"})
        page = answer.content.decode()
        (plain,) = re.findall(r"<code>([0-9a-z]{12})</code>", page)
        assert "Your new Akismet key" in page
        assert find_akismet_key(plain) == SiteKey.objects.get(label="WordPress")
        later = owner.get(page_of(site, "keys/")).content.decode()
        assert plain not in later
        assert "12 characters" in later
        assert "submit, decide" in later

    def test_a_secret_key_needs_a_scope(self, owner: Client, site: Site):
        answer = owner.post(page_of(site, "keys/"), {"label": "Server", "kind": "secret"})
        assert answer.status_code == 422
        assert not SiteKey.objects.filter(site=site).exists()

    def test_revoking_asks_first_and_takes_a_post(self, owner: Client, site: Site):
        key = create_key(site.id, KeyKind.PUBLIC, actor=SYSTEM).key
        path = page_of(site, f"keys/{key.id}/revoke/")
        owner.get(path)
        assert SiteKey.objects.get(id=key.id).revoked_at is None
        owner.post(path)
        assert SiteKey.objects.get(id=key.id).revoked_at is not None
        assert owner.post(path).status_code == 302


class TestThreads:
    def test_an_editor_closes_a_thread_and_leaves_it_to_the_site_again(self, editor: Client, site: Site):
        thread = submit(site).thread
        for state, is_open in (("closed", False), ("open", True), ("site", None)):
            editor.post(page_of(site, f"threads/{thread.id}/"), {"state": state})
            thread.refresh_from_db()
            assert thread.is_open is is_open
        assert AuditEvent.objects.filter(kind="thread.changed").count() == 3

    def test_threads_are_found_by_the_beginning_of_title_or_key(self, editor: Client, site: Site):
        for number in range(3):
            Thread.objects.create(site=site, key=f"key-{number}", title=f"{number} bicycles")
        for term in ("1 BICY", "key-1"):
            page = editor.get(page_of(site, "threads/"), {"q": term}).content.decode()
            assert "1 bicycles" in page
            assert "2 bicycles" not in page

    def test_pages_follow_each_other_without_gaps(
        self, editor: Client, site: Site, django_assert_max_num_queries
    ):
        Thread.objects.bulk_create([Thread(site=site, key=f"key-{n:03}") for n in range(120)])
        seen: list[str] = []
        path = page_of(site, "threads/")
        while path:
            with django_assert_max_num_queries(8):
                page = editor.get(path).content.decode()
            seen += re.findall(r"<td>(key-\d+)", page)
            older = re.search(r'href="([^"]+)">Older', page)
            path = older[1] if older else ""
        assert len(seen) == len(set(seen)) == 120

    @pytest.mark.parametrize(
        ("query", "status"), [("before=x", 200), ("q=%00", 404), ("before=", 200), ("q=" + "x" * 400, 200)]
    )
    def test_odd_searches_do_no_harm(self, editor: Client, site: Site, query: str, status: int):
        assert editor.get(f"{page_of(site, 'threads/')}?{query}").status_code == status


def test_what_people_typed_is_shown_as_text(boss: Client, site: Site):
    Site.objects.filter(id=site.id).update(
        name=ATTACK, hosts=[ATTACK], staff_names=[ATTACK], languages=["'><b"]
    )
    PolicyVersion.objects.filter(site=site).update(blocked_words=ATTACK, allowed_domains=ATTACK)
    thread = Thread.objects.create(site=site, key=ATTACK, title=ATTACK)
    key = create_key(site.id, KeyKind.PUBLIC, actor=SYSTEM, label=ATTACK).key
    mo = build_moderator([site], "mo")
    User.objects.filter(pk=mo.pk).update(username=ATTACK)
    role = mo.site_roles.get()
    parts = ["", "policy/", "policy/1/", "keys/", f"keys/{key.id}/revoke/", "people/", f"people/{role.id}/"]
    paths = [
        *(page_of(site, part) for part in [*parts, f"people/{role.id}/remove/", "threads/"]),
        "/admin/",
        "/admin/sites/",
    ]
    for path in [
        *paths,
        f"{page_of(site, 'threads/')}?q={ATTACK}",
        "/admin/auth/user/",
        "/admin/moderation/auditevent/",
    ]:
        page = boss.get(path).content.decode()
        assert "<script>alert" not in page, path
    assert SHOWN in boss.get(page_of(site, "threads/")).content.decode()
    said = boss.post(page_of(site, f"threads/{thread.id}/"), {"state": "open"}, follow=True).content.decode()
    assert "<script>alert" not in said


def test_no_page_has_anything_inline(boss: Client, site: Site):
    """The policy of the pages' content allows neither scripts nor styles in them."""
    for part in ("", "policy/", "keys/", "people/", "threads/"):
        page = boss.get(page_of(site, part)).content.decode()
        assert not re.search(r"<script(?![^>]*src=)|<style|\sstyle=|\son\w+=", page), part
