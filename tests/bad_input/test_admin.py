"""The corpus through the admin: every address that takes a POST, every list with a hand-made query."""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from moderation.flow.record import SYSTEM
from moderation.flow.site.backtest import start_backtest
from moderation.flow.site.settings import create_key
from moderation.models import AuditEvent, Delivery, Job, PolicyVersion, ReviewItem, Role, Screening, Site
from moderation.models.key import KeyKind
from tests.admin.desk import pick
from tests.admin.pages import RULES
from tests.admin.people import PASSWORD
from tests.admin.test_access_matrix import DOOR
from tests.bad_input.world import RECORDS, World
from tests.fake_services import build_answer
from tests.rules import make_rule

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_limits")]

NASTY = [
    *(
        "\x00",
        "a\x00b",
        "\ud800",
        "\ufffe",
        "\u202e",
        "\u2028",
        " ",
        "-1",
        "1e400",
        "NaN",
        "1" * 5000,
        "\u0661",
    ),
    *(
        "x" * 100_000,
        "<script>",
        "'; --",
        "{{ 7*7 }}",
        "../..",
        "[]",
        "a\r\nb",
        "Z" + "\u0301" * 500,
        "%00",
        "0",
    ),
    *(
        str(2**63),
        str(-(2**200)),
        "links.many = 1e400",
        "links.many = " + "9" * 400,
        "9999999999999999999999",
    ),
]
# What no form of ours shows as an input, but its view reads.
READ_BY: dict[str, list[str]] = {
    "queue_decide": [
        "act",
        "reason",
        "note",
        "bulk",
        "everything",
        "shown",
        "tab",
        "site",
        "after",
        "before",
        "item",
    ],
    "queue_undo": ["batch", "of", "tab", "site", "after", "item"],
    "queue_item_undo": ["decision", "tab", "site"],
    "queue_reveal": ["reason", "tab", "site"],
    "site-rule-mode": ["mode", "seen_version", "is_sure", "backtest"],
    "site-rule-undo": ["seen_version"],
    "site-rule-move": ["way"],
    "site-rule-restore": ["seen_version"],
    "site-remote-restore": ["seen_version"],
    "site-backtests": ["last"],
    "site-thread": ["state", "q", "before"],
    "site-own-notify": ["notify"],
}
POSTED = [name for name, rule in RULES.items() if rule.may_post is not None]
FINE = {200, 302, 403, 404, 405, 409, 422, 429}


@pytest.fixture
def parts(world: World) -> dict[str, object]:
    """A row of everything that an address may name."""
    role = Role.objects.filter(site=world.site).first()
    assert role is not None
    Delivery.objects.create(site=world.site, recipient=role.user, kind="held")
    rule = make_rule(world.site)
    return {
        "site": world.site.id,
        "rule": rule.rule_id,
        "rule_version": 1,
        "backtest": start_backtest(rule.rule_id, site_id=world.site.id, actor=SYSTEM).id,
        "service_kind": "policy_model",
        "remoteanswer": build_answer(world.held).pk,
        "version": PolicyVersion.objects.filter(site=world.site).latest("version").version,
        "label": "moderation",
        "key": create_key(world.site.id, KeyKind.PUBLIC, actor=SYSTEM).key.id,
        "role": role.id,
        "thread": world.held.thread_id,
        "user": role.user_id,
        "comment": world.held.id,
        "decision": world.decision.id,
        "screening": Screening.objects.all()[0].id,
        "reviewitem": ReviewItem.objects.all()[0].id,
        "auditevent": AuditEvent.objects.all()[0].id,
        "delivery": Delivery.objects.all()[0].id,
        "job": Job.objects.create(kind="screen", site=world.site, subject_id=world.held.id, state="dead").id,
    }


def path_of(name: str, parts: dict[str, object]) -> str:
    return reverse(f"admin:{name}", args=[parts[part] for part in RULES[name].needs])


def good_form(name: str, path: str, world: World) -> dict[str, str]:
    """The inputs of a page's form with what stands in them; for acts of the desk what its buttons send."""
    page = world.boss.get(path).content.decode(errors="replace")
    shown = re.findall(r'<(?:input|textarea|select)[^>]*\bname="([^"]+)"(?:[^>]*\bvalue="([^"]*)")?', page)
    form = {field: value for field, value in shown if field != "csrfmiddlewaretoken"}
    form |= dict.fromkeys(READ_BY.get(name, ()), "") | dict(RULES[name].post)
    if name == "queue_decide":
        form |= {"pick": pick(world.held), "act": "approve:fine", "tab": "held"}
    return form


def spoiled(form: dict[str, str]) -> Iterator[dict[str, str]]:
    for number, field in enumerate(form):  # each field meets a third of them, and its neighbours the rest
        yield from ({**form, field: value} for value in NASTY[number % 3 :: 3])
    yield from ({}, dict.fromkeys(form, "\x00"), {f"f{n}": "1" for n in range(500)})


def encode(form: dict[str, str]) -> bytes:
    """As a form is sent; a lone surrogate as the three bytes that UTF-8 forbids."""
    return "&".join(
        f"{quote(name)}={quote(value.encode('utf-8', 'surrogatepass'))}" for name, value in form.items()
    ).encode()


def send(client: Client, path: str, form: dict[str, str]) -> Any:
    return client.generic("POST", path, encode(form), content_type="application/x-www-form-urlencoded")


@pytest.mark.slow
@pytest.mark.parametrize("name", POSTED)
def test_nothing_that_is_typed_breaks_a_page(name: str, world: World, parts: dict[str, object]) -> None:
    path, wrong = path_of(name, parts), []
    for form in spoiled(good_form(name, path, world)):
        answer = send(world.boss, path, form)
        if answer.status_code not in FINE | ({400} if len(form) > 400 else set()):
            wrong.append((answer.status_code, {k: v[:40] for k, v in form.items() if v in NASTY}))
    assert wrong == []
    assert world.broken_lists() == []


def test_nothing_that_is_typed_breaks_the_door(world: World) -> None:
    for name in DOOR:
        for form in spoiled(
            {"username": "boss", "password": "x", "code": "1", "key": "x", "next": "/admin/"}
        ):
            answer = send(Client(), reverse(f"admin:{name}"), form)
            assert answer.status_code in FINE, (name, str(form)[:200])


LISTS = [
    "queue",
    "site-threads",
    *(f"moderation_{name}_changelist" for name in RECORDS),
    "auth_user_changelist",
]
PARAMETERS = [
    *("q", "p", "o", "e", "all", "tab", "site", "after", "before", "_popup", "_to_field", "_facets", "page"),
    *("status__exact", "comment__id__exact", "subject_id", "subject_id__exact", "author__address_hash__gt"),
    *(
        "password__startswith",
        "is_active__exact",
        "is_superuser__exact",
        "last_login__gte",
        "username__regex",
    ),
]


@pytest.mark.slow
@pytest.mark.parametrize("name", LISTS)
def test_no_query_breaks_a_list(name: str, world: World, parts: dict[str, object]) -> None:
    path, wrong = path_of(name, parts), []
    for parameter in PARAMETERS:
        for value in ("%00", "%FF", "%ED%A0%80", "x", "-1", "9" * 30, "1e400", str(world.held.id), "(((", ""):
            answer = world.boss.get(f"{path}?{parameter}={value}")
            if answer.status_code not in {200, 302, 400, 404}:
                wrong.append((parameter, value, answer.status_code))
    assert wrong == []
    assert world.boss.get(path).status_code == 200


ODD_IDS = ["%00", "-1", "0", str(2**200), "9" * 5000, "abc", "%FF", "..%2f..", "1.5", "_00_3A", "a" * 8000]


def test_no_id_breaks_a_page(world: World) -> None:
    for record in (
        *(f"moderation/{name}" for name in RECORDS),
        "auth/user",
        "queue",
        "sites",
        "sites/x/people",
    ):
        for odd in ODD_IDS:
            for path in (f"/admin/{record}/{odd}/", f"/admin/{record}/{odd}/change/"):
                assert world.boss.get(path).status_code in {301, 302, 404}, path
                assert world.boss.post(path).status_code in {301, 302, 403, 404, 405}, path


def test_lists_of_the_policy_take_words_and_refuse_what_is_none(
    world: World, parts: dict[str, object]
) -> None:
    """Nobody writes patterns: what looks like one is a word, and costs no more than a word."""
    path = path_of("site-policy", parts)
    good = {**good_form("site-policy", path, world), "based_on": str(parts["version"])}
    patterns = "(a+)+$\n(?=x)\n\\1\n[\n*\n(?P<x>"
    assert send(world.boss, path, {**good, "blocked_words": patterns}).status_code in (302, 422)
    assert send(world.boss, path, {**good, "blocked_words": "x" * 301}).status_code == 422
    for domain in ("http://[::1", "127.1", "0x7f.1", "a b", "*.example", "x" * 300, "\u2460\u2461", "-.-"):
        assert send(world.boss, path, {**good, "blocked_domains": domain}).status_code in (302, 422), domain
    world.site.refresh_from_db()
    assert world.broken_lists() == []


HOSTS = [
    *(
        "http://a.example/x",
        "a b",
        "user@a.example",
        "[::1",
        "a.example:99999999",
        "*",
        "*.example",
        "javascript:x",
    ),
    *(
        "a.example/../",
        "a.example#@b.example",
        "\u202ea.example",
        "x" * 256,
        "a..example",
        "-a.example",
        "a.example;",
    ),
]


def test_a_sites_hosts_are_hosts(world: World, parts: dict[str, object]) -> None:
    """They end up in a Content-Security-Policy: nothing else may come along."""
    path = path_of("site", parts)
    good = good_form("site", path, world)
    for host in HOSTS:
        answer = send(world.boss, path, {**good, "hosts": host})
        hosts = Site.objects.get(id=world.site.id).hosts
        assert answer.status_code in (302, 422), host
        assert all(re.fullmatch(r"[a-z0-9.:\[\]_-]+", each) for each in hosts), (host, hosts)


@pytest.mark.parametrize(
    "wanted",
    [
        *("//evil.example", "https://evil.example", "/\\evil.example", "\\\\evil.example", "///evil.example"),
        *(
            "javascript:alert(1)",
            "http:evil.example",
            "%2f%2fevil.example",
            "\x00//evil.example",
            " //evil.example",
        ),
        *(
            "//evil.example\r\nSet-Cookie: x=1",
            "x" * 10_000,
            "https:/\tevil.example",
            "//testserver@evil.example",
        ),
    ],
)
def test_after_logging_in_nobody_is_led_elsewhere(wanted: str, world: World) -> None:
    user = User.objects.get(username="boss")
    for client, path in ((Client(), "/admin/login/"), (world.boss, "/admin/second-factor/")):
        typed = {"username": user.username, "password": PASSWORD, "code": "1", "next": wanted}
        for answer in (send(client, path, typed), client.get(path, {"next": wanted})):
            leads_to = answer.headers.get("Location", "/admin/")
            assert answer.status_code in (200, 302), path
            assert re.match(r"/(?![/\\])", leads_to) or re.fullmatch(r"x+|%2f%2f\S*", leads_to), leads_to
            assert "Set-Cookie: x" not in str(answer.headers)


def test_a_post_without_the_token_is_refused(world: World, parts: dict[str, object]) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(User.objects.get(username="boss"))
    before = world.counts()
    for name in POSTED:
        for token in ({}, {"csrfmiddlewaretoken": "x" * 64}, {"csrfmiddlewaretoken": "\x00"}):
            answer = client.post(path_of(name, parts), {**RULES[name].post, **token})
            assert answer.status_code == 403, name
    for name in DOOR:
        assert client.post(reverse(f"admin:{name}"), {}).status_code == 403, name
    assert world.counts() == before


def test_no_page_of_the_admin_can_be_framed(world: World, parts: dict[str, object]) -> None:
    for name in (*RULES, *DOOR):
        path = path_of(name, parts) if name in RULES else reverse(f"admin:{name}")
        answer = world.boss.get(path)
        if name != "logout":  # the session ends with it
            assert answer["X-Frame-Options"] == "DENY", name
            assert "frame-ancestors 'none'" in answer["Content-Security-Policy"], name


def test_a_user_name_of_ten_kilobytes_is_refused(world: World) -> None:
    for name in ("x" * 10_240, "\u0130" * 3000, "boss" + " " * 10_000 + "x"):
        answer = Client().post("/admin/login/", {"username": name, "password": PASSWORD})
        assert (answer.status_code, "sessionid" in answer.cookies) == (200, False)
    form = {
        "username": "x" * 10_240,
        "email": "",
        "password1": "a b c d e f g h",
        "password2": "a b c d e f g h",
    }
    assert b"at most 150 characters" in world.boss.post("/admin/auth/user/add/", form).content
    assert not User.objects.filter(username__startswith="xxx").exists()
