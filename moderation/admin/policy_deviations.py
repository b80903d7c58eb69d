"""What a site's policy changes in the defaults, in words."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms

from moderation.engine.verdict.defaults import DEFAULTS
from moderation.engine.verdict.deviations import UNNAMED
from moderation.models import PolicyVersion


@dataclass(frozen=True, slots=True)
class Deviation:
    """One setting: what the site says, and what the default is."""

    name: str
    here: str
    default: str


def tell_deviations(row: PolicyVersion, fields: Mapping[str, forms.Field]) -> list[Deviation]:
    """What a version changes in the defaults on which it stands; `fields` give the settings' names."""
    defaults = DEFAULTS.get(row.defaults_version, {})
    known = [(name, defaults[name]) for name in defaults if name in row.settings]
    return [
        told
        for name, default in known
        for told in _tell(_name(name, fields), row.settings[name], default, UNNAMED.get(name, 0.0))
    ]


def _tell(name: str, here: Any, default: Any, unnamed: float) -> Iterator[Deviation]:
    if isinstance(default, Mapping):
        for key, number in sorted(here.items()):
            yield Deviation(f"{name}: {key}", _show(number), _show(default.get(key, unnamed)))
    elif isinstance(here, Mapping):
        yield from (Deviation(f"{name}: {code}", "yes", "no") for code in here["added"])
        yield from (Deviation(f"{name}: {code}", "no", "yes") for code in here["removed"])
    else:
        yield Deviation(name, _show(here), _show(default))


def _name(name: str, fields: Mapping[str, forms.Field]) -> str:
    label = fields[name].label if name in fields else None
    return str(label) if label else name.replace("_", " ").capitalize()


def _show(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(map(str, value)) if isinstance(value, list) else f"{value:g}"
