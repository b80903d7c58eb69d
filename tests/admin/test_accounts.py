"""Logging in: password, lock-out, second factor, and nothing cached."""

import base64
import re

import pytest
from django.contrib.auth.hashers import get_hasher
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django_otp.plugins.otp_static.models import StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice
from pytest_django.fixtures import Settings

from config.settings.base import PASSWORD_HASHERS
from moderation.models import AuditEvent
from moderation.models.role import RoleName
from tests.admin.people import PASSWORD, client_of, code_of, code_of_key
from tests.builders import build_moderator, build_site

pytestmark = pytest.mark.django_db

LOGIN = "/admin/login/"
FACTOR = "/admin/second-factor/"


def log_in(client: Client, username: str = "mo", password: str = PASSWORD, **more: str):
    return client.post(LOGIN, {"username": username, "password": password, **more})


def without_tokens(body: bytes) -> str:
    return re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"|nonce="[^"]+"', "", body.decode())


def enrol(client: Client) -> str:
    """Go through the enrolment; what the last page says."""
    page = client.get(FACTOR).content.decode()
    key = re.search(r'name="key" value="([^"]+)"', page)
    text = re.search(r'class="key">([^<]+)<', page)
    assert key
    assert text
    secret = base64.b32decode(text[1].replace(" ", ""))
    answer = client.post(FACTOR, {"key": key[1], "code": code_of_key(secret)})
    assert answer.status_code == 200
    return answer.content.decode()


def codes_on(page: str) -> list[str]:
    """The backup codes that a page shows."""
    return re.findall(r"<code>([a-z2-7]{8})</code>", page)


@pytest.fixture
def _second_factor(settings: Settings) -> None:
    settings.REQUIRE_SECOND_FACTOR = True


@pytest.fixture
def mo() -> User:
    return build_moderator([build_site()])


def test_passwords_are_hashed_by_argon2(settings: Settings):
    settings.PASSWORD_HASHERS = PASSWORD_HASHERS
    assert get_hasher().algorithm == "argon2"


def test_it_lets_a_moderator_in(mo: User, client: Client):
    answer = log_in(client)
    assert answer.status_code == 302
    assert answer["Location"] == "/admin/"
    assert b"The Evening News" in client.get("/admin/").content


def test_it_goes_where_the_person_was_going(mo: User, client: Client):
    assert log_in(client, next="/admin/sites/")["Location"] == "/admin/sites/"


@pytest.mark.parametrize("where", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_it_goes_to_no_other_host(mo: User, client: Client, where: str):
    assert log_in(client, next=where)["Location"] == "/admin/"


def test_an_account_that_is_no_staff_stays_out(client: Client):
    User.objects.create_user("reader", password=PASSWORD)
    assert log_in(client, "reader").status_code == 200
    assert client.get("/admin/").status_code == 302


def test_a_deactivated_account_is_out_at_once(mo: User, client: Client):
    log_in(client)
    User.objects.filter(pk=mo.pk).update(is_active=False)
    assert client.get("/admin/").status_code == 302
    assert log_in(Client()).status_code == 200


def test_a_wrong_password_and_an_unknown_name_are_answered_alike(mo: User):
    wrong = log_in(Client(), "mo", "wrong")
    unknown = log_in(Client(), "om", "wrong")
    assert without_tokens(wrong.content) == without_tokens(unknown.content).replace('"om"', '"mo"')


@pytest.mark.parametrize("username", ["mo", "nobody"])
def test_five_failures_lock_name_and_address(mo: User, settings: Settings, username: str):
    settings.AXES_ENABLED = True
    answers = [log_in(Client(), username, "wrong") for _ in range(5)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 200, 429]
    locked = log_in(Client(), username)
    assert locked.status_code == 429
    assert locked["Cache-Control"] == "private, no-store"
    assert b"15 minutes" in locked.content
    assert f">{username}<".encode() not in locked.content


def test_a_lock_of_one_address_leaves_the_others_free(mo: User, settings: Settings):
    settings.AXES_ENABLED = True
    for _ in range(6):
        Client().post(LOGIN, {"username": "mo", "password": "wrong"}, REMOTE_ADDR="203.0.113.9")
    answer = Client().post(LOGIN, {"username": "mo", "password": PASSWORD}, REMOTE_ADDR="203.0.113.10")
    assert answer.status_code == 302


def test_logging_out_takes_a_post(mo: User, client: Client):
    log_in(client)
    assert client.get("/admin/logout/").status_code == 405
    assert client.get("/admin/").status_code == 200
    assert client.post("/admin/logout/")["Location"] == LOGIN
    assert client.get("/admin/").status_code == 302


def test_a_post_without_csrf_token_is_refused(mo: User):
    client = Client(enforce_csrf_checks=True)
    assert log_in(client).status_code == 403


@pytest.mark.parametrize("path", ["/admin/", LOGIN, "/admin/sites/", "/admin/nowhere/", "/admin/jsi18n/"])
def test_no_answer_is_kept_by_a_cache(mo: User, path: str):
    for client in (Client(), client_of(mo)):
        rules = client.get(path)["Cache-Control"]
        assert "no-store" in rules
        assert "private" in rules


def test_ones_own_password_change_is_recorded(mo: User, client: Client):
    log_in(client)
    new = "a quite different sentence"
    values = {"old_password": PASSWORD, "new_password1": new, "new_password2": new}
    assert client.post("/admin/password_change/", values).status_code == 302
    assert AuditEvent.objects.filter(kind="user.password_changed", actor_user=mo).count() == 1
    assert client.get("/admin/").status_code == 200


@pytest.mark.usefixtures("_second_factor")
class TestSecondFactor:
    def test_the_password_alone_leads_to_enrolment_and_no_further(self, mo: User, client: Client):
        log_in(client)
        assert (
            client.get("/admin/sites/", follow=True).redirect_chain[-1][0]
            == f"{FACTOR}?next=%2Fadmin%2Fsites%2F"
        )
        page = client.get(FACTOR).content.decode()
        assert "data:image/svg+xml" in page
        assert not TOTPDevice.objects.exists()

    def test_enrolment_shows_backup_codes_once_and_opens_the_admin(self, mo: User, client: Client):
        log_in(client)
        page = enrol(client)
        codes = codes_on(page)
        assert len(codes) == 10
        assert StaticToken.objects.filter(device__user=mo).count() == 10
        assert client.get("/admin/").status_code == 200
        assert not any(code in client.get(FACTOR).content.decode() for code in codes)

    def test_a_wrong_code_enrols_nothing(self, mo: User, client: Client):
        log_in(client)
        key = re.search(r'name="key" value="([^"]+)"', client.get(FACTOR).content.decode())
        assert key
        answer = client.post(FACTOR, {"key": key[1], "code": "000000"})
        assert "does not match" in answer.content.decode()
        assert key[1].split(":")[0] in answer.content.decode()
        assert not TOTPDevice.objects.exists()

    def test_a_key_that_was_shown_to_somebody_else_is_not_enrolled(self, mo: User, client: Client):
        other = Client()
        build_moderator([], "other")
        log_in(other, "other")
        log_in(client)
        page = other.get(FACTOR).content.decode()
        key = re.search(r'name="key" value="([^"]+)"', page)
        text = re.search(r'class="key">([^<]+)<', page)
        assert key
        assert text
        code = code_of_key(base64.b32decode(text[1].replace(" ", "")))
        client.post(FACTOR, {"key": key[1], "code": code})
        assert not TOTPDevice.objects.filter(user=mo).exists()

    def test_the_next_login_asks_for_a_code(self, mo: User):
        device = TOTPDevice.objects.create(user=mo, name="app", confirmed=True)
        client = Client()
        log_in(client)
        assert client.get("/admin/").status_code == 302
        answer = client.post(FACTOR, {"code": code_of(device), "next": "/admin/sites/"})
        assert answer["Location"] == "/admin/sites/"
        assert client.get("/admin/").status_code == 200

    def test_it_goes_to_no_other_host_after_the_code(self, mo: User):
        device = TOTPDevice.objects.create(user=mo, name="app", confirmed=True)
        client = client_of(mo)
        answer = client.post(FACTOR, {"code": code_of(device), "next": "//evil.example/"})
        assert answer["Location"] == "/admin/"

    def test_a_code_counts_once(self, mo: User):
        device = TOTPDevice.objects.create(user=mo, name="app", confirmed=True)
        code = code_of(device)
        assert client_of(mo).post(FACTOR, {"code": code}).status_code == 302
        assert client_of(mo).post(FACTOR, {"code": code}).status_code == 200

    def test_a_backup_code_counts_once(self, mo: User, client: Client):
        log_in(client)
        code = codes_on(enrol(client))[0]
        assert client_of(mo).post(FACTOR, {"code": code.upper()}).status_code == 302
        assert client_of(mo).post(FACTOR, {"code": code}).status_code == 200

    def test_after_wrong_codes_even_the_right_one_has_to_wait(self, mo: User):
        device = TOTPDevice.objects.create(user=mo, name="app", confirmed=True)
        client = client_of(mo)
        for _ in range(3):
            client.post(FACTOR, {"code": "000000"})
        assert client.post(FACTOR, {"code": code_of(device)}).status_code == 200
        assert client.get("/admin/").status_code == 302

    def test_a_stolen_password_cannot_replace_the_second_factor(self, mo: User):
        device = TOTPDevice.objects.create(user=mo, name="app", confirmed=True)
        client = client_of(mo)
        page = client.get(FACTOR).content.decode()
        assert 'name="key"' not in page
        client.post(FACTOR, {"key": "x", "code": "123456"})
        assert list(TOTPDevice.objects.all()) == [device]

    def test_new_backup_codes_end_the_former_ones(self, mo: User, client: Client):
        log_in(client)
        enrol(client)
        former = set(StaticToken.objects.values_list("token", flat=True))
        client.post(FACTOR)
        assert former.isdisjoint(StaticToken.objects.values_list("token", flat=True))

    def test_one_can_log_out_before_the_code(self, mo: User, client: Client):
        log_in(client)
        assert client.post("/admin/logout/")["Location"] == LOGIN
        assert client.get(FACTOR)["Location"] == LOGIN

    def test_a_superuser_takes_a_lost_second_factor_away(self, mo: User):
        TOTPDevice.objects.create(user=mo, name="app", confirmed=True)
        boss = User.objects.create_superuser("boss", password=PASSWORD)
        client = client_of(boss)
        enrol(client)
        values = {"action": "reset_second_factor", "_selected_action": [mo.pk]}
        client.post(reverse("admin:auth_user_changelist"), values)
        assert not TOTPDevice.objects.filter(user=mo).exists()
        assert AuditEvent.objects.filter(kind="account.second_factor_removed", actor_user=boss).exists()


class TestAccounts:
    """The superusers' list of accounts."""

    @pytest.fixture
    def boss(self) -> Client:
        return client_of(User.objects.create_superuser("boss", password=PASSWORD))

    def test_a_new_account_can_log_in_and_has_no_role(self, boss: Client):
        new = "a quite different sentence"
        values = {"username": "ann", "email": "ann@news.example", "password1": new, "password2": new}
        assert (
            boss.post(reverse("admin:auth_user_add"), {**values, "usable_password": "true"}).status_code
            == 302
        )
        client = Client()
        assert log_in(client, "ann", new).status_code == 302
        assert b"no role on any site" in client.get("/admin/").content
        assert AuditEvent.objects.filter(kind="user.created").exists()

    def test_an_account_is_deactivated_not_deleted(self, boss: Client, mo: User):
        page = reverse("admin:auth_user_change", args=[mo.pk])
        assert boss.post(page, {"username": "mo", "email": ""}).status_code == 302
        mo.refresh_from_db()
        assert not mo.is_active
        assert boss.post(f"/admin/auth/user/{mo.pk}/delete/", {"post": "yes"}).status_code in {302, 404}
        assert User.objects.filter(pk=mo.pk).exists()
        boss.post(
            reverse("admin:auth_user_changelist"), {"action": "delete_selected", "_selected_action": [mo.pk]}
        )
        assert User.objects.filter(pk=mo.pk).exists()

    def test_nobody_locks_themselves_out(self, boss: Client):
        me = User.objects.get(username="boss")
        boss.post(reverse("admin:auth_user_change", args=[me.pk]), {"username": "boss", "email": ""})
        me.refresh_from_db()
        assert me.is_active
        assert me.is_superuser

    def test_anothers_password_is_set_on_record(self, boss: Client, mo: User):
        new = "a quite different sentence"
        values = {"password1": new, "password2": new, "usable_password": "true"}
        assert boss.post(reverse("admin:auth_user_password_change", args=[mo.pk]), values).status_code == 302
        assert log_in(Client(), "mo", new).status_code == 302
        assert AuditEvent.objects.filter(kind="user.password_changed", subject_id=str(mo.pk)).exists()

    def test_owners_see_no_accounts(self):
        owner = client_of(build_moderator([build_site()], role=RoleName.OWNER))
        assert owner.get(reverse("admin:auth_user_changelist")).status_code == 404
