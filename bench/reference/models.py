"""A table of its own beside the product's."""

from django.db import connection, models


class LeanComment(models.Model):
    """A comment as the leanest of services would store it."""

    name = models.CharField(max_length=100)
    body = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)
    objects: models.Manager["LeanComment"] = models.Manager()

    class Meta:
        app_label = "reference"
        db_table = "reference_lean_comment"

    def __str__(self) -> str:
        return self.name


def make_table() -> None:
    """Create it where it is missing."""
    if "reference_lean_comment" not in connection.introspection.table_names():
        with connection.schema_editor() as editor:
            editor.create_model(LeanComment)
    connection.close()
