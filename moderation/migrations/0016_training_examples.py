"""Tables and columns of the learned filters get the usual names: training example, label, sample weight.

No row is lost. `RENAME_SQL` and `AXES_SQL` change only what still has its former name, so they may run again.
A process of the former version does not find the tables any more, and must be restarted with this release.
"""

from django.db import migrations, models

# Constraints, indexes and sequences carry the name of their table, and keep it when the table is renamed.
# A constraint's index goes by the name of the constraint, and is renamed with it.
RENAME_SQL = """
DO $$
DECLARE found record;
BEGIN
    FOR found IN
        SELECT conname AS name FROM pg_constraint
        WHERE conrelid = '{table}'::regclass AND starts_with(conname, '{prefix}_')
    LOOP
        EXECUTE format('ALTER TABLE {table} RENAME CONSTRAINT %I TO %I',
                       found.name, '{new_prefix}' || substr(found.name, length('{prefix}') + 1));
    END LOOP;
    FOR found IN
        SELECT relname AS name, CASE relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'INDEX' END AS kind FROM pg_class
        WHERE starts_with(relname, '{prefix}_') AND (
            oid IN (SELECT indexrelid FROM pg_index WHERE indrelid = '{table}'::regclass)
            OR oid IN (SELECT objid FROM pg_depend WHERE refobjid = '{table}'::regclass) AND relkind = 'S'
        )
    LOOP
        EXECUTE format('ALTER %s %I RENAME TO %I',
                       found.kind, found.name, '{new_prefix}' || substr(found.name, length('{prefix}') + 1));
    END LOOP;
END $$
"""

# What a filter stores of each axis; what cannot be read stays as it is, and is reported as before.
AXES_SQL = """
UPDATE site_filter SET axes = (
    SELECT jsonb_object_agg(axis, CASE
        WHEN jsonb_typeof(stored) = 'object' AND stored ?& ARRAY['speaks', 'lessons', 'running']
             AND jsonb_typeof(stored->'running') = 'object'
        THEN stored - 'speaks' - 'lessons' - 'running' || jsonb_build_object(
            'is_fitted', stored->'speaks',
            'example_count', stored->'lessons',
            'validation', (stored->'running') - 'site' - 'shared' || jsonb_build_object(
                'site_auc', stored->'running'->'site', 'shared_auc', stored->'running'->'shared'
            )
        )
        ELSE stored END)
    FROM jsonb_each(axes) AS each (axis, stored)
)
WHERE jsonb_typeof(axes) = 'object' AND axes <> '{}'
"""
FORMER_AXES_SQL = """
UPDATE site_filter SET axes = (
    SELECT jsonb_object_agg(axis, CASE
        WHEN jsonb_typeof(stored) = 'object' AND stored ?& ARRAY['is_fitted', 'example_count', 'validation']
             AND jsonb_typeof(stored->'validation') = 'object'
        THEN stored - 'is_fitted' - 'example_count' - 'validation' || jsonb_build_object(
            'speaks', stored->'is_fitted',
            'lessons', stored->'example_count',
            'running', (stored->'validation') - 'site_auc' - 'shared_auc' || jsonb_build_object(
                'site', stored->'validation'->'site_auc', 'shared', stored->'validation'->'shared_auc'
            )
        )
        ELSE stored END)
    FROM jsonb_each(axes) AS each (axis, stored)
)
WHERE jsonb_typeof(axes) = 'object' AND axes <> '{}'
"""

NEW_NAMES = {
    "storedexample": {
        "answers": "labels",
        "before": "prior_predictions",
        "shift": "moderator_hour",
        "stands_for": "sample_weight",
        "read_by": "feature_version",
        "taught_at": "created_at",
    },
    "sitefilter": {
        "read_by": "feature_version",
        "lessons": "example_count",
        "learned_at": "fitted_at",
    },
}


def rename_what_belongs_to(table, former):
    """Rename what carries the former name of a table that has its new name already, and back."""
    return migrations.RunSQL(
        RENAME_SQL.format(table=table, prefix=former, new_prefix=table),
        RENAME_SQL.format(table=table, prefix=table, new_prefix=former),
    )


# Django's state of the indexes and the constraint, which the statement above renames in the database.
STATE_OF_NAMES = [
    migrations.RemoveIndex("storedexample", "lesson_by_site"),
    migrations.AddIndex(
        "storedexample", models.Index(fields=["site", "decision_id"], name="training_example_by_site")
    ),
    migrations.RemoveIndex("domainlabel", "domain_lesson_lately"),
    migrations.AddIndex(
        "domainlabel", models.Index(fields=["domain", "is_spam", "-created_at"], name="domain_label_lately")
    ),
    migrations.RemoveConstraint("domainlabel", "domain_lesson_once"),
    migrations.AddConstraint(
        "domainlabel", models.UniqueConstraint(fields=("comment", "domain"), name="domain_label_once")
    ),
]


class Migration(migrations.Migration):
    dependencies = [("moderation", "0015_job_heartbeat")]

    operations = [
        migrations.RenameModel("Lesson", "StoredExample"),
        migrations.AlterModelTable("storedexample", "training_example"),
        migrations.RenameModel("DomainLesson", "DomainLabel"),
        migrations.AlterModelTable("domainlabel", "domain_label"),
        rename_what_belongs_to("training_example", former="lesson"),
        rename_what_belongs_to("domain_label", former="domain_lesson"),
        migrations.SeparateDatabaseAndState(state_operations=STATE_OF_NAMES),
        *[
            migrations.RenameField(model, former, name)
            for model, names in NEW_NAMES.items()
            for former, name in names.items()
        ],
        migrations.AlterField(
            "storedexample",
            "feature_version",
            models.CharField(
                help_text="Which features, and which shared model they come from.", max_length=80
            ),
        ),
        migrations.RunSQL(AXES_SQL, FORMER_AXES_SQL),
    ]
