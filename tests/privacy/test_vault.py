"""The vault: what opens, what does not, and what can be found again."""

import base64
import re
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_django.fixtures import Settings

from moderation.privacy import vault
from moderation.privacy.cipher import parse_key_ring
from moderation.privacy.hashes import truncate_ip
from moderation.privacy.vault import VaultError

SITE, OTHER_SITE = UUID(int=1), UUID(int=2)
COMMENT, OTHER_COMMENT = UUID(int=3), UUID(int=4)
ADDRESS = "canary.anna@example.org"
DAY = date(2026, 3, 3)
BASE = Path(__file__).resolve().parent.parent.parent


def key(number: int) -> str:
    return base64.b64encode(bytes([number]) * 32).decode()


@pytest.fixture(autouse=True)
def _keys(settings: Settings) -> None:
    settings.EMAIL_KEYS = [f"2026:{key(1)}"]
    settings.EMAIL_INDEX_KEY = key(9)


def sealed() -> str:
    return vault.seal(ADDRESS, site_id=SITE, comment_id=COMMENT)


def unseal(value: str) -> str:
    return vault.unseal(value, site_id=SITE, comment_id=COMMENT)


def test_a_sealed_address_opens_in_its_own_row() -> None:
    assert unseal(sealed()) == ADDRESS


def test_a_sealed_address_names_its_version_and_key_and_hides_the_rest() -> None:
    value = sealed()
    assert value.startswith("v1:2026:")
    assert b"canary" not in base64.b64decode(value.split(":")[2])


def test_the_same_address_is_sealed_differently_each_time() -> None:
    assert sealed() != sealed()


def test_a_value_of_another_row_site_or_purpose_does_not_open() -> None:
    value = sealed()
    with pytest.raises(VaultError):
        vault.unseal(value, site_id=SITE, comment_id=OTHER_COMMENT)
    with pytest.raises(VaultError):
        vault.unseal(value, site_id=OTHER_SITE, comment_id=COMMENT)
    with pytest.raises(VaultError):
        vault.unseal_secret(value, site_id=SITE, row_id=COMMENT)


def test_a_wrong_key_under_the_right_name_is_an_error_and_never_a_value(settings: Settings) -> None:
    value = sealed()
    settings.EMAIL_KEYS = [f"2026:{key(2)}"]
    with pytest.raises(VaultError, match="does not open"):
        unseal(value)


def test_a_missing_key_is_named(settings: Settings) -> None:
    value = sealed()
    settings.EMAIL_KEYS = [f"2027:{key(2)}"]
    with pytest.raises(VaultError, match="'2026' is not in the key list"):
        unseal(value)


def test_every_flipped_bit_is_noticed() -> None:
    head, _, encoded = sealed().rpartition(":")
    raw = base64.b64decode(encoded)
    for place in range(len(raw)):
        damaged = raw[:place] + bytes([raw[place] ^ 1]) + raw[place + 1 :]
        with pytest.raises(VaultError):
            unseal(f"{head}:{base64.b64encode(damaged).decode()}")


@pytest.mark.parametrize(
    "value", ["", "v1", "v1:2026:", "v1:2026:%%%", "v1:2026:QUJD", "v2:2026:QUJD", ADDRESS]
)
def test_what_is_no_sealed_value_is_an_error(value: str) -> None:
    with pytest.raises(VaultError) as caught:
        unseal(value)
    assert "canary" not in str(caught.value)


@given(st.text().filter(lambda text: text.isprintable()))
def test_any_text_survives_sealing(text: str) -> None:
    assert unseal(vault.seal(text, site_id=SITE, comment_id=COMMENT)) == text


def test_a_new_key_seals_and_the_old_one_still_opens(settings: Settings) -> None:
    old = sealed()
    settings.EMAIL_KEYS = [f"2027:{key(2)}", f"2026:{key(1)}"]
    assert not old.startswith("v1:2027:")
    assert unseal(old) == ADDRESS
    renewed = vault.reseal(old, site_id=SITE, comment_id=COMMENT)
    assert renewed.startswith("v1:2027:")
    settings.EMAIL_KEYS = [f"2027:{key(2)}"]
    assert unseal(renewed) == ADDRESS


@pytest.mark.parametrize(
    ("entries", "complaint"),
    [
        ([], "empty"),
        (["no-colon"], "Entry 1"),
        ([":" + key(1)], "Entry 1"),
        (["a b:" + key(1)], "Entry 1"),
        (["a:" + key(1), "a:" + key(2)], "repeats the id 'a'"),
        (["a:c2hvcnQ="], "'a' has 5 bytes instead of 32"),
        (["a:###"], "'a' is not base64"),
        (["a:é"], "'a' is not base64"),
    ],
)
def test_a_key_list_that_does_not_work_says_where(entries: list[str], complaint: str) -> None:
    with pytest.raises(VaultError, match=complaint):
        parse_key_ring(entries)


def test_url_safe_base64_is_taken_too() -> None:
    raw = b"\xfb\xff" * 16
    assert parse_key_ring([f"a:{base64.urlsafe_b64encode(raw).decode()}"]).keys["a"] == raw


def test_complaints_and_representations_never_show_a_key() -> None:
    with pytest.raises(VaultError) as caught:
        parse_key_ring(["a:" + key(1)[:20]])
    assert key(1)[:20] not in str(caught.value)
    assert repr(bytes([1]) * 32) not in repr(parse_key_ring([f"a:{key(1)}"]))


def test_usable_keys_pass_the_check(settings: Settings) -> None:
    vault.check_keys()
    settings.EMAIL_KEYS = [f"2027:{key(2)}", f"2026:{key(1)}"]
    vault.check_keys()
    assert vault.newest_key_id() == "2027"


def test_unusable_keys_fail_the_check(settings: Settings) -> None:
    settings.EMAIL_INDEX_KEY = "short"
    with pytest.raises(VaultError, match="EMAIL_INDEX_KEY"):
        vault.check_keys()
    settings.EMAIL_INDEX_KEY = key(9)
    settings.EMAIL_KEYS = []
    with pytest.raises(VaultError, match="empty"):
        vault.check_keys()


def test_one_mailbox_has_one_hash_per_site() -> None:
    assert vault.address_hash(ADDRESS, site_id=SITE) == vault.address_hash(ADDRESS.upper(), site_id=SITE)
    assert vault.address_hash(ADDRESS, site_id=SITE) != vault.address_hash(ADDRESS, site_id=OTHER_SITE)
    assert vault.address_hash(ADDRESS, site_id=SITE) != vault.address_hash("x" + ADDRESS, site_id=SITE)


def test_hashes_depend_on_the_master_key(settings: Settings) -> None:
    before = vault.address_hash(ADDRESS, site_id=SITE)
    settings.EMAIL_INDEX_KEY = key(8)
    assert vault.address_hash(ADDRESS, site_id=SITE) != before


def test_an_author_reference_is_stable_per_site_and_is_not_the_hash() -> None:
    found_by = vault.address_hash(ADDRESS, site_id=SITE)
    reference = vault.author_ref(found_by, site_id=SITE)
    assert reference == vault.author_ref(found_by, site_id=SITE)
    assert reference != vault.author_ref(found_by, site_id=OTHER_SITE)
    assert reference not in found_by.hex()


@pytest.mark.parametrize(
    ("ip", "kept"),
    [
        ("203.0.113.77", "203.0.113.0"),
        ("2001:db8:1:2:3::4", "2001:db8:1::"),
        ("::ffff:203.0.113.77", "203.0.113.0"),
        ("fe80::1%eth0", "fe80::"),
    ],
)
def test_an_ip_address_loses_its_last_part(ip: str, kept: str) -> None:
    assert truncate_ip(ip) == kept


def test_no_ip_address_is_a_value_error() -> None:
    with pytest.raises(ValueError, match="does not appear to be"):
        truncate_ip("not-an-address")


def ip_hash(ip: str, *, day: date = DAY, site_id: UUID = SITE) -> bytes:
    return vault.ip_hash(ip, site_id=site_id, day=day)


def test_an_ip_hash_knows_an_address_and_a_household() -> None:
    assert ip_hash("203.0.113.7") == ip_hash("::ffff:203.0.113.7")
    assert ip_hash("203.0.113.7") != ip_hash("203.0.113.8")
    assert ip_hash("2001:db8::1") == ip_hash("2001:db8::2:1")
    assert ip_hash("203.0.113.7") != ip_hash("203.0.113.7", site_id=OTHER_SITE)


def test_an_ip_hash_rotates_within_a_week() -> None:
    days = [DAY + timedelta(days=n) for n in range(28)]
    assert len({ip_hash("203.0.113.7", day=day) for day in days}) in {4, 5}
    assert ip_hash("203.0.113.7", day=DAY) != ip_hash("203.0.113.7", day=DAY + timedelta(days=7))


def test_a_secret_is_sealed_for_its_row_and_purpose() -> None:
    value = vault.seal_secret("key", site_id=SITE, row_id=COMMENT)
    assert vault.unseal_secret(value, site_id=SITE, row_id=COMMENT) == "key"
    with pytest.raises(VaultError):
        unseal(value)


def test_bucket_names_are_shared_by_a_network_and_give_nothing_away() -> None:
    name = vault.ip_bucket_name("203.0.113.7", site_id=SITE)
    assert name == vault.ip_bucket_name("203.0.113.99", site_id=SITE)
    assert name != vault.ip_bucket_name("203.0.114.7", site_id=SITE)
    assert name != vault.bucket_name("author", "203.0.113.0", site_id=SITE)
    assert len(name) == 32


def test_a_request_is_known_again_on_its_site_only() -> None:
    digest = vault.request_digest("body", b"typed", site_id=SITE)
    assert digest == vault.request_digest("body", b"typed", site_id=SITE)
    assert digest != vault.request_digest("key", b"typed", site_id=SITE)
    assert digest != vault.request_digest("body", b"typed", site_id=OTHER_SITE)
    assert len(digest) == 32


def test_a_domain_is_known_again_on_all_sites_and_tells_nothing(settings: Settings) -> None:
    known = vault.domain_key("heron.example")
    assert known == vault.domain_key("heron.example")
    assert known not in (vault.domain_key("egret.example"), vault.contact_key("heron.example"))
    settings.EMAIL_INDEX_KEY = key(8)
    assert vault.domain_key("heron.example") != known


def test_every_function_of_the_vault_is_used() -> None:
    """What nobody calls is a promise that nobody keeps."""
    folders = [BASE / "moderation", BASE / "config"]
    sources = [path for folder in folders for path in folder.rglob("*.py") if path.name != "vault.py"]
    text = "\n".join(path.read_text() for path in sources)
    unused = [name for name in vault.__all__ if not re.search(rf"\bvault\.{name}\b|\b{name}\b[,)(]", text)]
    assert unused == []
