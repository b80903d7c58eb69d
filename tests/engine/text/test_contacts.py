import pytest

from moderation.engine.text.contacts import contacts_of


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("call +1 (555) 010-0199 now", ("15550100199",)),
        ("call 1-555-010-0199 or 1 555 010 0199", ("15550100199",)),
        ("Telegram: @Lucky_Heron, whatsapp: +15550100", ("lucky_heron", "15550100")),
        ("on 2024-05-06 at 192.168.0.1", ()),
        ("nothing of the kind", ()),
    ],
)
def test_the_same_contact_has_one_spelling(text, expected):
    assert contacts_of(text) == expected
