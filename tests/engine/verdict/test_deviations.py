"""Policies are stored as what differs from a version of the defaults."""

import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.engine.verdict.defaults import CURRENT_DEFAULTS, DEFAULTS, current_defaults
from moderation.engine.verdict.deviations import deviations_of, settings_with
from moderation.engine.verdict.policy import Policy
from moderation.engine.verdict.policy_io import default_policy, read_stored, settings_of

# Of each version of the defaults that was released: what one says never changes. Only a setting that is
# new to all of them gives a reason to write other hashes.
RELEASED = {
    0: "940f50f0538104ae",
    1: "940f50f0538104ae",
    2: "c1054d283d31f9d7",
}
codes = st.frozensets(
    st.sampled_from(["links.first_link", "test.hold", "test.spam", "a.one", "b.two"]), max_size=4
)
policies = st.builds(
    Policy,
    version=st.just(1),
    spam_at=st.sampled_from([6.0, 7.5]),
    hold_at=st.sampled_from([3.0, 2.5]),
    abuse_hold_at=st.sampled_from([4.0, 2.7]),
    weights=st.dictionaries(st.sampled_from(["a.one", "b.two"]), st.sampled_from([0.0, 1.0, 2.0])),
    family_caps=st.dictionaries(
        st.sampled_from(["link", "remote", "new"]), st.sampled_from([4.0, 5.0, 8.0])
    ).map(lambda caps: {**current_defaults()["family_caps"], **caps}),
    hold_codes=codes,
    spam_codes=codes,
    reject_codes=codes,
    premoderate=st.booleans(),
    sample_percent=st.sampled_from([0.0, 1.0, 5.0]),
)


def test_the_default_policy_deviates_in_nothing():
    assert deviations_of(settings_of(default_policy()), current_defaults()) == {}
    assert read_stored({}, 0, CURRENT_DEFAULTS) == default_policy()


@given(policies)
def test_what_is_stored_is_the_same_policy_again(policy: Policy):
    stored = json.loads(json.dumps(deviations_of(settings_of(policy), current_defaults())))
    again = read_stored(stored, policy.version, CURRENT_DEFAULTS)
    assert settings_of(again) | {"weights": 0, "family_caps": 0} == settings_of(policy) | {
        "weights": 0,
        "family_caps": 0,
    }
    for code in ("a.one", "b.two"):
        assert again.weights.get(code, 1.0) == policy.weights.get(code, 1.0)
    for family in ("link", "remote", "new"):
        assert again.family_caps.get(family, 4.0) == policy.family_caps.get(family, 4.0)


def test_only_what_differs_is_stored():
    settings = settings_of(default_policy())
    settings["hold_at"] = 2.5
    settings["weights"] = {"links.many": 2.0, "links.name": 1.0}
    settings["family_caps"]["link"] = 3.0
    settings["hold_codes"] = sorted({*settings["hold_codes"], "links.many"} - {"test.hold"})
    assert deviations_of(settings, current_defaults()) == {
        "hold_at": 2.5,
        "weights": {"links.many": 2.0},
        "family_caps": {"link": 3.0},
        "hold_codes": {"added": ["links.many"], "removed": ["test.hold"]},
    }


def test_new_defaults_reach_what_a_site_has_not_changed():
    stored = {"family_caps": {"link": 3.0}, "hold_codes": {"added": ["a.one"], "removed": ["b.two"]}}
    later = {**current_defaults(), "spam_at": 7.0, "family_caps": {"link": 5.0, "young": 9.0}}
    later["hold_codes"] = ["b.two", "c.three"]
    whole = settings_with(stored, later)
    assert whole["spam_at"] == 7.0
    assert whole["family_caps"] == {"link": 3.0, "young": 9.0}
    assert whole["hold_codes"] == ["a.one", "c.three"]


def test_what_todays_rules_refuse_is_still_read_as_it_acted():
    stored = {"sample_percent": 50, "hold_at": 9.0, "dropped": True}
    policy = read_stored(stored, 3, CURRENT_DEFAULTS)
    assert (policy.sample_percent, policy.hold_at, policy.version) == (50.0, 9.0, 3)


def test_a_list_that_an_older_process_wrote_whole_is_read():
    assert read_stored({"hold_codes": ["a.one"]}, 1, 0).hold_codes == {"a.one"}


def test_defaults_of_a_later_release_are_refused():
    with pytest.raises(ValueError, match=r"^defaults_version: 99"):
        read_stored({}, 1, 99)


def test_each_version_of_the_defaults_names_each_setting():
    """Otherwise what an old version does not name would follow the defaults of today."""
    names = settings_of(default_policy()).keys()
    assert [version for version, defaults in DEFAULTS.items() if defaults.keys() != names] == []


def test_released_defaults_never_change():
    """A verdict that was stored is repeated with the defaults of its time."""
    found = {
        version: hashlib.sha256(json.dumps(defaults, sort_keys=True).encode()).hexdigest()[:16]
        for version, defaults in DEFAULTS.items()
    }
    assert found == RELEASED
