"""The bar of the desk survives an upgrade: the session may hold what another release stored."""

from typing import Any

import pytest

from moderation.models.role import RoleName
from tests.admin.desk import QUEUE
from tests.admin.people import person_with
from tests.builders import build_site

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("stored", "shown"),
    [
        ({"text": "One comment approved (fine).", "batch": "", "colour": "green"}, True),
        ({"text": "One comment approved (fine)."}, True),
        ({"said": "One comment approved (fine).", "batch": ""}, False),
        ({}, False),
        ("One comment approved (fine).", False),
    ],
)
def test_a_bar_of_another_release_breaks_no_page(stored: Any, shown: bool) -> None:
    client = person_with(RoleName.MODERATOR, build_site(), "mo")
    session = client.session
    session["desk_last"] = stored
    session.save()
    answer = client.get(QUEUE)
    assert answer.status_code == 200
    assert ("One comment approved (fine)." in answer.content.decode()) is shown
