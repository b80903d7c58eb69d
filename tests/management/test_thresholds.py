"""`manage.py thresholds`: compare, and put in force."""

import io
import json
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from moderation.engine.verdict import presets
from moderation.engine.verdict.presets import PRESETS
from moderation.models import PolicyVersion
from tests.builders import build_site, submit_screened

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> tuple[str, str]:
    out, err = io.StringIO(), io.StringIO()
    call_command("thresholds", *arguments, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def test_it_compares_the_presets_with_what_is_in_force():
    site = build_site()
    submit_screened(site)
    out, err = run(site.slug)
    lines = out.splitlines()[1:]
    assert [line.split()[0] for line in lines] == ["in", *PRESETS, *PRESETS]
    assert "stopped 46 of 100 toxic news comments" in lines[4]
    assert "0 of 1" in out
    assert "fitting needs 300" in err


def test_it_puts_a_preset_in_force():
    site = build_site()
    _, err = run(site.slug, "--use", "relaxed")
    assert "Version 2 is in force" in err
    assert PolicyVersion.objects.get(site=site, version=2).settings["spam_at"] == 7.0


def test_fitting_needs_comments(monkeypatch: pytest.MonkeyPatch):
    site = build_site()
    with pytest.raises(CommandError, match="Too few"):
        run(site.slug, "--use", "fitted")
    monkeypatch.setattr(presets, "FEWEST_TO_FIT", 1)
    submit_screened(site)
    rows: dict[str, Any] = json.loads(run(site.slug, "--json", "--use", "fitted")[0])
    assert rows["fitted"]["hold_at"] == 2.0
    assert rows["fitted"]["approved"] == {"total": 1, "held": 0, "removed": 0}
    assert PolicyVersion.objects.get(site=site, version=2).settings["hold_at"] == 2.0


@pytest.mark.parametrize("arguments", [("nowhere",), ("SITE", "--share", "0"), ("SITE", "--share", "50")])
def test_wrong_requests_are_told(arguments: tuple[str, ...]):
    slug = build_site().slug
    with pytest.raises(CommandError):
        run(*[slug if word == "SITE" else word for word in arguments])
