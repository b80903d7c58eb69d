"""Policies store what differs from the defaults, and on which version of the defaults they stand."""

from typing import Any

from django.db import migrations, models

# The defaults of every release so far, which stored policies whole.
DEFAULTS: dict[str, Any] = {
    "spam_at": 6.0,
    "hold_at": 3.0,
    "abuse_hold_at": 4.0,
    "weights": {},
    "family_caps": {
        "link": 5.0, "list": 10.0, "profanity": 8.0, "form": 6.0, "campaign": 8.0, "disguise": 4.0,
        "identity": 4.0, "content": 3.0, "rate": 4.0, "history": 5.0, "remote": 8.0, "test": 100.0,
    },
    "hold_codes": [
        "domains.blocked", "engine.check_failed", "impersonation.staff", "links.first_link",
        "patterns.email_address", "test.hold", "wordlist.blocked",
    ],
    "spam_codes": ["test.spam"],
    "reject_codes": [],
    "premoderate": False,
    "sample_percent": 1.0,
}  # fmt: skip
WHOLE, FIRST = 0, 1  # versions of the defaults
# What those releases counted for a family or code that a stored policy did not name.
UNNAMED = {"weights": {}, "family_caps": {"remote": 8.0}}
UNNAMED_NUMBER = {"weights": 1.0, "family_caps": 4.0}
CHUNK = 500


def deviations_of(settings: dict[str, Any]) -> dict[str, Any]:
    """What differs in a policy that was stored whole, or in part, from the defaults of its time."""
    found: dict[str, Any] = {}
    for name, own in settings.items():
        default = DEFAULTS.get(name)
        if isinstance(default, dict):
            deviation: Any = differing_numbers(name, own)
        elif isinstance(default, list):
            added, removed = sorted({*own} - {*default}), sorted({*default} - {*own})
            deviation = {"added": added, "removed": removed} if added or removed else None
        else:
            deviation = None if own == default else own
        if deviation not in (None, {}):
            found[name] = deviation
    return found


def differing_numbers(name: str, own: dict[str, float]) -> dict[str, float]:
    default, unnamed, number = DEFAULTS[name], UNNAMED[name], UNNAMED_NUMBER[name]
    counted = {key: own.get(key, unnamed.get(key, number)) for key in {*own, *default}}
    return {key: here for key, here in sorted(counted.items()) if here != default.get(key, number)}


def whole_of(deviations: dict[str, Any]) -> dict[str, Any]:
    """The policy as those releases store it."""
    whole = {**DEFAULTS, **deviations}
    for name, default in DEFAULTS.items():
        own = whole[name]
        if isinstance(default, dict):
            whole[name] = {**default, **own}
        elif isinstance(own, dict):
            whole[name] = sorted({*default, *own["added"]} - {*own["removed"]})
    return whole


def turn_into_deviations(apps: Any, _: object) -> None:
    """Each version that was stored whole; a second run finds none."""
    versions = apps.get_model("moderation", "PolicyVersion").objects
    rewrite(versions.filter(defaults_version=WHOLE), FIRST, deviations_of)


def turn_back(apps: Any, _: object) -> None:
    """Each version, whole again, as a former release reads it: on the only defaults that it knows."""
    versions = apps.get_model("moderation", "PolicyVersion").objects
    rewrite(versions.exclude(defaults_version=WHOLE), WHOLE, whole_of)


def rewrite(versions: Any, defaults_version: int, change: Any) -> None:
    while rows := list(versions.order_by("id")[:CHUNK]):
        for row in rows:
            row.settings, row.defaults_version = change(row.settings), defaults_version
        versions.model.objects.bulk_update(rows, ["settings", "defaults_version"])


class Migration(migrations.Migration):

    dependencies = [
        ('moderation', '0008_reputation'),
    ]

    operations = [
        migrations.AddField(
            model_name='policyversion',
            name='defaults_version',
            field=models.PositiveSmallIntegerField(db_default=0),
        ),
        migrations.RunPython(turn_into_deviations, turn_back),
    ]
