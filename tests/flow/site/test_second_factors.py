"""The second factor at rest: what the tables say, and what still works."""

import base64
import importlib
from itertools import pairwise

import pytest
import time_machine
from django.apps import apps
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connection
from django_otp.oath import totp
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice, default_key
from pytest_django.fixtures import Settings

from moderation.domain.errors import InvalidFields
from moderation.flow.keeping.rotate import check_stored_addresses, count_by_key
from moderation.flow.record import SYSTEM
from moderation.flow.site.accounts import add_second_factor, remove_second_factor, renew_backup_codes
from moderation.flow.site.second_factors import verify_second_factor
from moderation.models import SealedSeed
from moderation.privacy.second_factor import SEALED, unseal_seed
from moderation.privacy.vault import VaultError
from tests.builders import build_moderator

pytestmark = pytest.mark.django_db

OLD = "old:" + base64.b64encode(b"1" * 32).decode()
NEW = "new:" + base64.b64encode(b"2" * 32).decode()
CODES = ["aaaabbbb", "ccccdddd"]


@pytest.fixture(autouse=True)
def _keys(settings: Settings) -> None:
    settings.EMAIL_KEYS = [OLD]


@pytest.fixture
def mo() -> User:
    return build_moderator([], "mo")


def code_of(seed: str, *, steps: int = 0) -> str:
    """`steps` of 30 seconds from now: a code counts once."""
    return f"{totp(bytes.fromhex(seed), t0=-30 * steps):06d}"


def enrol(user: User) -> tuple[str, list[str]]:
    seed = default_key()
    _, codes = add_second_factor(user, key=seed, code=code_of(seed))
    return seed, codes


def enrol_as_before(user: User) -> str:
    """What the version before this one stored."""
    device = TOTPDevice.objects.create(user=user, name="app", key=default_key())
    kept = StaticDevice.objects.create(user=user, name="backup")
    StaticToken.objects.bulk_create([StaticToken(device=kept, token=code) for code in CODES])
    return str(device.key)


def tables_in_plain() -> str:
    """All that a backup holds of the second factor."""
    with connection.cursor() as cursor:
        rows = []
        for table in (
            "otp_totp_totpdevice",
            "otp_static_staticdevice",
            "otp_static_statictoken",
            "sealed_seed",
        ):
            cursor.execute(f"SELECT t::text FROM {table} AS t")
            rows += [row[0] for row in cursor.fetchall()]
    return "\n".join(rows)


def test_neither_seed_nor_backup_codes_stand_in_the_database(mo: User) -> None:
    seed, codes = enrol(mo)
    stored = tables_in_plain()
    assert seed not in stored
    assert base64.b32encode(bytes.fromhex(seed)).decode() not in stored
    assert not [code for code in codes if code in stored]
    assert StaticToken.objects.count() == len(codes) == 10


def test_a_wrong_first_code_stores_nothing(mo: User) -> None:
    with pytest.raises(InvalidFields):
        add_second_factor(mo, key=default_key(), code="000000x")
    assert not TOTPDevice.objects.exists()
    assert not SealedSeed.objects.exists()


def test_a_code_of_the_authenticator_counts_once(mo: User) -> None:
    seed, _ = enrol(mo)
    code = code_of(seed, steps=1)
    device = verify_second_factor(mo, code)
    assert isinstance(device, TOTPDevice)
    assert device.last_used_at is not None
    assert verify_second_factor(mo, code) is None


def test_a_clock_that_runs_ahead_is_followed(mo: User) -> None:
    with time_machine.travel("2026-03-01T12:00:10Z", tick=False) as clock:
        seed, _ = enrol(mo)
        for _ in range(3):
            clock.shift(60)
            assert verify_second_factor(mo, code_of(seed, steps=1))
    assert TOTPDevice.objects.get().drift == 1


def test_after_wrong_codes_one_waits_each_time_twice_as_long(mo: User) -> None:
    with time_machine.travel("2026-03-01T12:00:10Z", tick=False) as clock:
        seed, _ = enrol(mo)
        clock.shift(60)
        waits = []
        for _ in range(3):
            assert verify_second_factor(mo, "000000") is None
            seconds = 0
            while not TOTPDevice.objects.get().verify_is_allowed()[0]:
                assert verify_second_factor(mo, code_of(seed)) is None
                clock.shift(1)
                seconds += 1
            waits.append(seconds)
        assert all(after == 2 * before for before, after in pairwise(waits))
        assert verify_second_factor(mo, code_of(seed))
        assert TOTPDevice.objects.get().throttling_failure_count == 0


def test_a_backup_code_counts_once_and_for_its_person_only(mo: User) -> None:
    _, codes = enrol(mo)
    other = build_moderator([], "other")
    enrol(other)
    assert verify_second_factor(other, codes[0]) is None
    assert isinstance(verify_second_factor(mo, codes[0]), StaticDevice)
    assert verify_second_factor(mo, codes[0]) is None
    assert StaticToken.objects.filter(device__user=mo).count() == 9


def test_a_stored_hash_is_no_code(mo: User) -> None:
    enrol(mo)
    stored = StaticToken.objects.values_list("token", flat=True)[0]
    assert verify_second_factor(mo, stored) is None


def test_new_backup_codes_work_instead_of_the_former(mo: User) -> None:
    _, former = enrol(mo)
    new = renew_backup_codes(mo)
    assert verify_second_factor(mo, new[3])
    assert verify_second_factor(mo, former[3]) is None


def test_django_otp_by_itself_finds_no_seed_and_lets_nobody_in(mo: User) -> None:
    """An empty key would be worse than none: anybody can work out its codes."""
    enrol(mo)
    with pytest.raises(ValueError, match=r"hexadecimal|Odd-length"):
        TOTPDevice.objects.get().verify_token(code_of("00"))


def test_a_seed_opens_for_its_own_device_only(mo: User) -> None:
    enrol(mo)
    row = SealedSeed.objects.get()
    with pytest.raises(VaultError):
        unseal_seed(row.sealed, device_id=row.pk + 1)


def test_taking_the_second_factor_away_takes_the_seed_away(mo: User) -> None:
    enrol(mo)
    remove_second_factor(mo, actor=SYSTEM)
    assert tables_in_plain() == ""
    assert verify_second_factor(mo, "000000") is None


def seal_by_migration() -> None:
    importlib.import_module("moderation.migrations.0012_seal_seeds").seal_all(apps, None)


def seal_by_command() -> None:
    call_command("rotate_email_keys")


@pytest.mark.parametrize("seal", [seal_by_migration, seal_by_command])
def test_what_stood_in_plain_is_sealed_and_goes_on_working(mo: User, seal) -> None:
    seed = enrol_as_before(mo)
    seal()
    stored = tables_in_plain()
    assert not [secret for secret in (seed, *CODES) if secret in stored]
    seal()
    assert tables_in_plain() == stored, "a second run changes nothing"
    assert TOTPDevice.objects.get().key == SEALED
    assert verify_second_factor(mo, code_of(seed))
    assert verify_second_factor(mo, CODES[0])


def test_what_an_older_process_stores_during_an_upgrade_is_sealed_when_it_is_used(mo: User) -> None:
    seed = enrol_as_before(mo)
    assert verify_second_factor(mo, CODES[1])
    assert not [secret for secret in (seed, *CODES) if secret in tables_in_plain()]
    assert verify_second_factor(mo, code_of(seed))
    assert verify_second_factor(mo, CODES[1]) is None


def test_seeds_move_to_a_new_key_and_backup_codes_stay_good(mo: User, settings: Settings) -> None:
    seed, codes = enrol(mo)
    assert count_by_key() == {"old": 1}
    settings.EMAIL_KEYS = [NEW, OLD]
    call_command("rotate_email_keys")
    assert count_by_key() == {"new": 1}
    settings.EMAIL_KEYS = [NEW]
    assert verify_second_factor(mo, code_of(seed, steps=1))
    assert verify_second_factor(mo, codes[5])


def test_a_key_that_opens_no_seed_is_noticed_at_start(mo: User, settings: Settings) -> None:
    enrol(mo)
    check_stored_addresses()
    settings.EMAIL_KEYS = [NEW]
    with pytest.raises(VaultError, match="'old' is not in the key list"):
        check_stored_addresses()
