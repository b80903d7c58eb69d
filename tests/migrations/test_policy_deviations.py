"""A migration: policies that were stored whole become deviations, and give the same verdicts."""

from typing import Any

import pytest
from django.apps import apps
from hypothesis import given
from hypothesis import strategies as st

from moderation.domain.signals import Axis, Signal
from moderation.engine.verdict.defaults import DEFAULTS
from moderation.engine.verdict.judging import judge
from moderation.engine.verdict.policy import Policy
from moderation.engine.verdict.policy_io import read_stored
from moderation.models import PolicyVersion
from tests.builders import build_site
from tests.migrations.finding import find_migration

migration = find_migration("policy_deviations")

FAMILIES = ["link", "remote", "model", "profanity", "gone"]
CODES = ["a.one", "b.two", "links.first_link", "test.spam"]
numbers = st.sampled_from([0.0, 1.0, 2.5, 4.0, 5.0, 8.0, 9.0])
signals = st.builds(
    Signal,
    code=st.sampled_from(CODES),
    axis=st.sampled_from(Axis),
    points=numbers,
    family=st.sampled_from(FAMILIES),
)
codes = st.lists(st.sampled_from(CODES), unique=True)
wholes = st.fixed_dictionaries(
    {},
    optional={
        "spam_at": st.sampled_from([6.0, 7.0]),
        "hold_at": st.sampled_from([2.0, 3.0]),
        "abuse_hold_at": st.sampled_from([4.0, 5.5]),
        "weights": st.dictionaries(st.sampled_from(CODES), numbers),
        "family_caps": st.dictionaries(st.sampled_from(FAMILIES), numbers),
        "hold_codes": codes,
        "spam_codes": codes,
        "reject_codes": codes,
        "premoderate": st.booleans(),
    },
)


def as_it_was_read(whole: dict[str, Any]) -> Policy:
    """The policy as releases before deviations read it, later caps and all."""
    settings = {**DEFAULTS[1], **whole}
    caps = {"remote": 8.0, **settings["family_caps"]}
    lists = {name: frozenset(settings[name]) for name in ("hold_codes", "spam_codes", "reject_codes")}
    return Policy(version=7, **{**settings, **lists, "family_caps": caps})


@given(wholes, st.lists(signals, max_size=8))
def test_an_old_verdict_is_repeated_byte_for_byte(whole: dict[str, Any], found: list[Signal]):
    stored = migration.deviations_of(whole)
    again = read_stored(stored, 7, migration.FIRST)
    assert judge(found, again).to_json() == judge(found, as_it_was_read(whole)).to_json()


@given(wholes, st.lists(signals, max_size=8))
def test_the_way_back_gives_the_same_verdicts_too(whole: dict[str, Any], found: list[Signal]):
    back = migration.whole_of(migration.deviations_of(whole))
    assert judge(found, as_it_was_read(back)).to_json() == judge(found, as_it_was_read(whole)).to_json()


def test_the_migration_s_defaults_are_those_of_the_first_version():
    assert DEFAULTS[1] == migration.DEFAULTS


@pytest.mark.django_db
def test_each_whole_policy_is_turned_once():
    site = build_site()
    whole = {**DEFAULTS[1], "hold_at": 2.0, "reject_codes": ["a.one"]}
    PolicyVersion.objects.filter(site=site).update(settings=whole, defaults_version=0)
    for _ in range(2):
        migration.turn_into_deviations(apps, None)
        row = PolicyVersion.objects.get(site=site)
        assert row.settings == {"hold_at": 2.0, "reject_codes": {"added": ["a.one"], "removed": []}}
        assert row.defaults_version == 1
    migration.turn_back(apps, None)
    row.refresh_from_db()
    assert (row.settings, row.defaults_version) == (whole, 0)
