"""Reads a policy from plain values, stored or submitted, and converts it back to such values."""

import math
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from moderation.engine.verdict.defaults import DEFAULTS, current_defaults
from moderation.engine.verdict.deviations import settings_with
from moderation.engine.verdict.policy import Policy

_CODE = re.compile(r"[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*")
_FAMILY = re.compile(r"[a-z][a-z0-9_]*")
_MOST_POINTS = 1000.0
_LARGEST_WEIGHT = 100.0
_LARGEST_SAMPLE = 10.0  # percent; more would be a second queue rather than a sample


def default_policy() -> Policy:
    """The policy of a site without own settings: it holds first comments with a link, and doubtful ones."""
    return Policy(version=0, **_stored_fields(current_defaults()))


def read_settings(settings: Mapping[str, Any], version: int) -> Policy:
    """The policy that somebody submits; missing settings have today's defaults.

    Raises `ValueError`, whose message begins with the name of the wrong setting.
    """
    policy = Policy(version=version, **(_stored_fields(current_defaults()) | _checked_fields(settings)))
    if policy.hold_at > policy.spam_at:
        raise ValueError("hold_at: must not be above spam_at")
    return policy


def read_stored(deviations: Mapping[str, Any], version: int, defaults_version: int) -> Policy:
    """A stored policy, exactly as it acted at the time: its deviations applied to its version of the
    defaults.

    Raises `ValueError` for defaults of a later release.
    """
    if defaults_version not in DEFAULTS:
        raise ValueError(f"defaults_version: {defaults_version} is not known to this release")
    return Policy(version=version, **_stored_fields(settings_with(deviations, DEFAULTS[defaults_version])))


def _checked_fields(settings: Mapping[str, Any]) -> dict[str, Any]:
    """The checked fields that `settings` names. Raises `ValueError` naming the first wrong one."""
    unknown = sorted(str(name) for name in settings if name not in _READERS)
    if unknown:
        raise ValueError(f"{unknown[0]}: there is no such setting")
    return {name: _READERS[name](name, value) for name, value in settings.items()}


def _stored_fields(settings: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of complete settings that were checked when they were stored.

    They are not checked again: settings that today's rules would refuse must still give the same verdicts.
    """
    return {name: _KINDS.get(name, _same)(value) for name, value in settings.items()}


def settings_of(policy: Policy) -> dict[str, Any]:
    """The settings of a policy as plain JSON values, from which `read_settings` reads the same policy."""
    return {
        "spam_at": policy.spam_at,
        "hold_at": policy.hold_at,
        "abuse_hold_at": policy.abuse_hold_at,
        "weights": dict(sorted(policy.weights.items())),
        "family_caps": dict(sorted(policy.family_caps.items())),
        "hold_codes": sorted(policy.hold_codes),
        "spam_codes": sorted(policy.spam_codes),
        "reject_codes": sorted(policy.reject_codes),
        "premoderate": policy.premoderate,
        "sample_percent": policy.sample_percent,
    }


def _wrong(name: str, what: str) -> ValueError:
    return ValueError(f"{name}: {what}")


def _number(name: str, value: object, *, most: float) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise _wrong(name, "must be a number")
    if not 0 <= value <= most:
        raise _wrong(name, f"must be between 0 and {most:g}")
    return float(value)


def _threshold(name: str, value: object) -> float:
    number = _number(name, value, most=_MOST_POINTS)
    if number == 0:
        raise _wrong(name, "must be above 0")
    return number


def _sample(name: str, value: object) -> float:
    return _number(name, value, most=_LARGEST_SAMPLE)


def _numbers(name: str, value: object, *, key: re.Pattern[str], most: float) -> dict[str, float]:
    if not isinstance(value, Mapping):
        raise _wrong(name, "must be an object of numbers")
    _check_keys(name, value, key)
    return {item: _number(f"{name}.{item}", number, most=most) for item, number in value.items()}


def _check_keys(name: str, keys: Iterable[object], pattern: re.Pattern[str]) -> None:
    for key in keys:
        if not isinstance(key, str) or not pattern.fullmatch(key):
            raise _wrong(name, f"{key!r} is not a valid name")


def _weights(name: str, value: object) -> dict[str, float]:
    return _numbers(name, value, key=_CODE, most=_LARGEST_WEIGHT)


def _caps(name: str, value: object) -> dict[str, float]:
    return _numbers(name, value, key=_FAMILY, most=_MOST_POINTS)


def _codes(name: str, value: object) -> frozenset[str]:
    if isinstance(value, str) or not isinstance(value, Iterable):
        raise _wrong(name, "must be a list of codes")
    codes = list(value)
    _check_keys(name, codes, _CODE)
    return frozenset(codes)


def _flag(name: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise _wrong(name, "must be true or false")
    return value


def _same(value: Any) -> Any:
    return value


_KINDS: dict[str, Callable[[Any], Any]] = {
    "spam_at": float,
    "hold_at": float,
    "abuse_hold_at": float,
    "hold_codes": frozenset,
    "spam_codes": frozenset,
    "reject_codes": frozenset,
    "sample_percent": float,
}
_READERS: dict[str, Callable[[str, object], Any]] = {
    "spam_at": _threshold,
    "hold_at": _threshold,
    "abuse_hold_at": _threshold,
    "weights": _weights,
    "family_caps": _caps,
    "hold_codes": _codes,
    "spam_codes": _codes,
    "reject_codes": _codes,
    "premoderate": _flag,
    "sample_percent": _sample,
}
