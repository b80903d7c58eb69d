"""Lists of big tables: newest first, never counted to the end."""

from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.contrib.admin.views.main import ChangeList
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.db.models.expressions import Combinable
from django.http import HttpRequest

# More is not counted, and pages beyond it are not offered: a search finds what is older.
MOST_COUNTED = 1000


# Generic for the type checker only.
if TYPE_CHECKING:
    AnyPaginator = Paginator[Any]
else:
    AnyPaginator = Paginator


class CappedPaginator(AnyPaginator):
    """Counts at most `MOST_COUNTED` rows."""

    @cached_property
    def count(self) -> int:
        """How many rows there are, as far as anybody wants to page."""
        rows = self.object_list
        assert isinstance(rows, QuerySet)
        return rows.order_by()[:MOST_COUNTED].count()


class NewestFirst(ChangeList):
    """Newest first, whatever the address asks for: only that order has an index."""

    def get_ordering(self, request: HttpRequest, queryset: QuerySet[Any]) -> list[str | Combinable]:
        """By the key, which rises with time."""
        return ["-pk"]
