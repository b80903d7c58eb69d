"""One spelling per mailbox, and the mask."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.lib.addresses import mask_address, normalise_address


@pytest.mark.parametrize(
    ("typed", "spelling"),
    [
        ("Anna@Example.ORG", "anna@example.org"),
        ("  anna@example.org ", "anna@example.org"),
        ("anna@bücher.example", "anna@xn--bcher-kva.example"),
        ("anna@BÜCHER.example", "anna@xn--bcher-kva.example"),
        ("anna@XN--BCHER-KVA.example", "anna@xn--bcher-kva.example"),
        ("anna@straße.example", "anna@xn--strae-oqa.example"),
        ("andre\u0301@example.org", "andré@example.org"),
        ("anna+news@example.org", "anna+news@example.org"),
        ("a.n.na@example.org", "a.n.na@example.org"),
    ],
)
def test_spellings_of_one_mailbox_become_one(typed: str, spelling: str) -> None:
    assert normalise_address(typed) == spelling


def test_domains_that_only_look_alike_stay_apart() -> None:
    assert normalise_address("a@straße.example") != normalise_address("a@strasse.example")


@given(st.text())
def test_no_text_makes_it_raise(text: str) -> None:
    once = normalise_address(text)
    assert isinstance(once, str)


@pytest.mark.parametrize(
    ("address", "mask"),
    [
        ("anna.long.name@Example.org", "a…@example.org"),
        ("a@example.org", "a…@example.org"),
        ("öz@bücher.example", "ö…@bücher.example"),
        ("nonsense", "…"),
        ("", "…"),
    ],
)
def test_the_mask_shows_one_letter_and_the_domain(address: str, mask: str) -> None:
    assert mask_address(address) == mask
