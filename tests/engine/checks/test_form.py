import pytest

from moderation.engine.checks.form import Form
from moderation.engine.facts import FormFacts
from tests.engine.contexts import run


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        (FormFacts(source="form", token_age_s=60), set()),
        (FormFacts(source="form", token_age_s=60, honeypot_filled=True), {"form.honeypot"}),
        (FormFacts(source="server", honeypot_filled=True), {"form.honeypot"}),
        (FormFacts(source="form", token_age_s=1), set()),  # the page may be a cached one
        (FormFacts(source="form", token_age_s=1, token_by_script=True), {"form.too_fast"}),
        (FormFacts(source="form", token_age_s=-5, token_by_script=True), {"form.too_fast"}),
        (FormFacts(source="form"), {"form.no_token"}),
        (FormFacts(source="script"), {"form.no_token"}),
        (FormFacts(source="server"), set()),
        (FormFacts(source="import"), set()),
        (FormFacts(source="form", token_age_s=90_000), {"form.stale_token"}),
        (FormFacts(source="form", token_age_s=90_000, token_confirmed=True), set()),
    ],
)
def test_it_says_how_the_form_was_filled_in(form, expected):
    assert run(Form(), form=form).keys() == expected


def test_a_missing_token_weighs_more_where_our_own_form_was_used():
    points = [run(Form(), form=FormFacts(source=s))["form.no_token"].points for s in ("form", "script")]
    assert points == [2.0, 1.0]
