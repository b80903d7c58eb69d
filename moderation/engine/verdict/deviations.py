"""The form in which policies are stored: only the differences from a version of the defaults."""

from collections.abc import Mapping
from typing import Any

from moderation.engine.verdict.defaults import OTHER_FAMILIES_CAP

# The weight of a code, and the cap of a family, that the settings do not name.
UNNAMED = {"weights": 1.0, "family_caps": OTHER_FAMILIES_CAP}


def settings_with(deviations: Mapping[str, Any], defaults: Mapping[str, Any]) -> dict[str, Any]:
    """The complete settings: `defaults` with `deviations` applied. Settings that no longer exist are left
    out.
    """
    return {
        name: _apply(deviations[name], default) if name in deviations else default
        for name, default in defaults.items()
    }


def deviations_of(settings: Mapping[str, Any], defaults: Mapping[str, Any]) -> dict[str, Any]:
    """The differences between complete `settings` (from `policy_io.settings_of`) and `defaults`.

    A number or flag is stored as it is. Of weights and caps only those that differ are stored, and of a list
    of codes those `added` and `removed`, so that the site gets codes that later defaults add.
    """
    found = {name: _differing(name, settings[name], default) for name, default in defaults.items()}
    return {name: deviation for name, deviation in found.items() if deviation is not None}


def _apply(deviation: Any, default: Any) -> Any:
    if isinstance(default, Mapping):
        return {**default, **deviation}
    if isinstance(default, list) and isinstance(deviation, Mapping):
        return sorted({*default, *deviation["added"]} - {*deviation["removed"]})
    return deviation  # also for a complete list of codes, as a process of an older release may have stored it


def _differing(name: str, own: Any, default: Any) -> Any:
    """The deviation of one setting, None where there is none."""
    if isinstance(default, Mapping):
        return _differing_numbers(own, default, UNNAMED[name]) or None
    if isinstance(default, list):
        added, removed = sorted({*own} - {*default}), sorted({*default} - {*own})
        return {"added": added, "removed": removed} if added or removed else None
    return None if own == default else own


def _differing_numbers(
    own: Mapping[str, float], default: Mapping[str, float], unnamed: float
) -> dict[str, float]:
    counted = {key: (own.get(key, unnamed), default.get(key, unnamed)) for key in {*own, *default}}
    return {key: here for key, (here, there) in sorted(counted.items()) if here != there}
