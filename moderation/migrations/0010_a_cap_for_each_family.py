"""Each site gets a policy version on the second defaults, which have a cap for each family of signals."""

from typing import Any

from django.db import migrations, transaction
from django.db.models import F

DEFAULTS_VERSION = 2
LISTS = ("blocked_words", "allowed_words", "blocked_domains", "allowed_domains")


def move_to_new_defaults(apps: Any, _: object) -> None:
    """A new version with the same deviations and lists in force for each site whose policy stands on
    older defaults; a second run finds none. The former versions stay, so that verdicts can be repeated.
    """
    sites = apps.get_model("moderation", "Site").objects
    older = sites.filter(policies__version=F("policy_version"), policies__defaults_version__lt=DEFAULTS_VERSION)
    for site_id in list(older.order_by("id").values_list("id", flat=True)):
        with transaction.atomic():
            move_site(apps, sites.select_for_update(no_key=True).get(id=site_id))


def move_site(apps: Any, site: Any) -> None:
    versions = apps.get_model("moderation", "PolicyVersion").objects
    former = versions.get(site_id=site.id, version=site.policy_version)
    if former.defaults_version >= DEFAULTS_VERSION:
        return
    site.policy_version += 1
    versions.create(
        site_id=site.id,
        version=site.policy_version,
        settings=former.settings,
        defaults_version=DEFAULTS_VERSION,
        **{name: getattr(former, name) for name in LISTS},
    )
    site.save(update_fields=["policy_version"])
    apps.get_model("moderation", "AuditEvent").objects.create(
        site_id=site.id,
        kind="policy.changed",
        subject_kind="site",
        subject_id=str(site.id),
        actor_kind="system",
        data={"version": site.policy_version},
    )


class Migration(migrations.Migration):

    dependencies = [
        ('moderation', '0009_policy_deviations'),
    ]

    operations = [
        migrations.RunPython(move_to_new_defaults, migrations.RunPython.noop),
    ]
