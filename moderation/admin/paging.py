"""Lists of big tables: newest first, never counted to the end."""

from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.contrib.admin.views.main import ChangeList
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.db.models.expressions import Combinable
from django.http import HttpRequest

# Rows beyond this number are neither counted nor paged: a search finds older ones.
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
        """The number of rows, at most `MOST_COUNTED`."""
        rows = self.object_list
        assert isinstance(rows, QuerySet)
        return rows.order_by()[:MOST_COUNTED].count()


class NewestFirst(ChangeList):
    """Newest first, whatever the address asks for: only that order has an index."""

    def get_ordering(self, request: HttpRequest, queryset: QuerySet[Any]) -> list[str | Combinable]:
        """By the primary key, which increases with time."""
        return ["-pk"]
