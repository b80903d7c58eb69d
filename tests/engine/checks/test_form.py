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


@pytest.mark.parametrize("source", ["form", "script", "server", "import"])
@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("", set()),  # it came before the site asked
        ("done", set()),
        ("none", {"form.no_work"}),
        ("wrong", {"form.wrong_work"}),
        ("used", {"form.used_work"}),
    ],
)
def test_a_proof_of_work_is_missed_where_the_site_asks_readers_for_it(source, state, expected):
    form = FormFacts(source=source, token_age_s=60, work=state)
    assert run(Form(), form=form, asks_for_work=False).keys() == set()
    found = run(Form(), form=form, asks_for_work=True)
    assert found.keys() == (expected if source in ("form", "script") else set())
    assert {signal.points for signal in found.values()} <= {2.0}
