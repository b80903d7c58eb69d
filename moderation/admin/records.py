"""Read-only records: comments, decisions, screenings, the audit record, mails, reviews, dead jobs."""

from typing import TYPE_CHECKING, Any, ClassVar, NoReturn
from uuid import UUID

from django.contrib.admin import AdminSite, ModelAdmin, display
from django.contrib.admin.views.main import ChangeList
from django.db.models import Model, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path

from moderation.admin.access import sites_of
from moderation.admin.page import access_person, show_page
from moderation.admin.paging import CappedPaginator, NewestFirst
from moderation.models import (
    AuditEvent,
    Comment,
    Decision,
    Delivery,
    Job,
    RemoteAnswer,
    ReviewItem,
    Screening,
)
from moderation.models.job import JobState
from moderation.models.role import RoleName

# A search by name covers this many of the newest comments, which their index finds.
NAMES_AMONG = 20_000


# Generic for the type checker only.
if TYPE_CHECKING:
    AnyAdmin = ModelAdmin[Any]
else:
    AnyAdmin = ModelAdmin


class RecordAdmin(AnyAdmin):
    """A read-only list with a page for each row, limited to the person's sites."""

    least: ClassVar[RoleName] = RoleName.MODERATOR
    lookups: ClassVar[frozenset[str]] = frozenset()
    actions = None
    show_full_result_count = False
    paginator = CappedPaginator
    list_per_page = 50
    list_max_show_all = 0
    sortable_by = ()
    change_form_template = "admin/record.html"
    change_list_template = "admin/record_list.html"

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Anybody with the role on at least one site; `get_queryset` limits the rows."""
        person = access_person(request)
        return person.is_superuser or sites_of(person, self.least).exists()

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nobody."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody."""
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Rows of the person's sites; a superuser also sees rows without a site."""
        rows = super().get_queryset(request)
        person = access_person(request)
        if person.is_superuser:
            return rows
        return rows.filter(site_id__in=list(sites_of(person, self.least).values_list("id", flat=True)))

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        """Newest first, always."""
        return NewestFirst

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:
        """Only the filters of our own links: an address could be guessed through any other field."""
        return lookup in self.lookups

    def _get_obj_does_not_exist_redirect(self, request: HttpRequest, opts: Any, object_id: str) -> NoReturn:
        raise Http404("There is no such row, or it is another site's.")

    def get_urls(self) -> list[URLPattern]:
        """A list and a page for each row."""
        names = f"{self.opts.app_label}_{self.opts.model_name}"
        view = self.admin_site.admin_view
        return [
            path("", view(self.changelist_view), name=f"{names}_changelist"),
            path("<path:object_id>/", view(self.change_view), name=f"{names}_change"),
        ]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The list, with its own title and navigation."""
        title = str(self.opts.verbose_name_plural).capitalize()
        own = {"section": "records", "title": title}
        return super().changelist_view(request, {**own, **(extra_context or {})})

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """One row, read-only."""
        return super().change_view(
            request, object_id, form_url, {"section": "records", **(extra_context or {})}
        )


class CommentRecords(RecordAdmin):
    """Comments, without anything that could reveal an address."""

    list_display = ("id", "site", "thread", "author_name", "status", "submitted_at")
    list_select_related = ("site", "thread")
    fields = (
        "id",
        "site",
        "thread",
        "parent_id",
        "author_name",
        "website",
        "email_mask",
        "text",
        "status",
        "version",
        "is_decided_by_person",
        "submitted_at",
        "published_at",
        "created_at",
    )
    readonly_fields = ("text", "parent_id")
    search_fields = ("id",)
    search_help_text = "A comment's id, or the beginning of its author's name (newest comments only)."

    @display(description="Text")
    def text(self, comment: Comment) -> str:
        """The text of the latest revision, as it was written."""
        return comment.current_revision.body

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """By id or by the beginning of the name; never by an address."""
        term = search_term.strip()
        if not term:
            return queryset, False
        try:
            return queryset.filter(id=UUID(term)), False
        except ValueError:
            newest = queryset.order_by("-id").values("id")[:NAMES_AMONG]
            return queryset.filter(id__in=newest, author_name__istartswith=term), False


class DecisionRecords(RecordAdmin):
    """Decisions, with who made them and why."""

    list_display = ("created_at", "site", "comment_id", "action", "reason", "actor", "to_status")
    list_display_links = ("created_at",)
    list_select_related = ("site", "actor_user", "actor_key")
    lookups = frozenset({"comment__id__exact"})
    readonly_fields = ("actor", "comment_id", "reverses_id")
    fields = (
        "created_at",
        "site",
        "comment_id",
        "action",
        "from_status",
        "to_status",
        "reason",
        "note",
        "actor",
        "reverses_id",
        "comment_version",
        "batch_id",
    )

    @display(description="By")
    def actor(self, decision: Decision) -> str:
        """The name of the person or key, else the kind of actor."""
        return str(decision.actor_user or decision.actor_key or decision.actor_kind)


class ScreeningRecords(RecordAdmin):
    """Screenings, with what each check found."""

    list_display = ("created_at", "site", "comment_id", "outcome", "runner", "duration_ms")
    list_display_links = ("created_at",)
    list_select_related = ("site",)
    lookups = frozenset({"comment__id__exact"})
    readonly_fields = ("comment_id",)
    fields = (
        "created_at",
        "site",
        "comment_id",
        "outcome",
        "explanation",
        "scores",
        "reasons",
        "signals",
        "engine_version",
        "policy_version",
        "runner",
        "duration_ms",
    )


class RemoteAnswerRecords(RecordAdmin):
    """Requests to outside services, and their answers."""

    least = RoleName.EDITOR
    list_display = ("created_at", "site", "comment_id", "service", "state", "error", "duration_ms")
    list_display_links = ("created_at",)
    list_select_related = ("site", "service")
    lookups = frozenset({"comment__id__exact"})
    readonly_fields = ("comment_id",)
    fields = (
        "created_at",
        "site",
        "comment_id",
        "service",
        "service_version",
        "fields",
        "state",
        "error",
        "on_failure",
        "findings",
        "duration_ms",
        "answered_at",
    )


class ReviewRecords(RecordAdmin):
    """Comments that waited for review, and how long."""

    list_display = ("opened_at", "site", "comment_id", "queue", "closed_at")
    list_display_links = ("opened_at",)
    list_select_related = ("site",)
    lookups = frozenset({"comment__id__exact"})
    readonly_fields = ("comment_id",)
    fields = ("opened_at", "site", "comment_id", "queue", "priority_at", "closed_at")


class AuditRecords(RecordAdmin):
    """Everything that was changed or revealed."""

    least = RoleName.EDITOR
    list_display = ("created_at", "site", "kind", "subject_kind", "subject_id", "actor")
    list_select_related = ("site", "actor_user")
    lookups = frozenset({"subject_id", "subject_id__exact"})
    readonly_fields = ("actor",)
    fields = ("created_at", "site", "kind", "subject_kind", "subject_id", "actor", "data")

    @display(description="By")
    def actor(self, event: AuditEvent) -> str:
        """The name of the person, else the key's id or the kind of actor."""
        return str(event.actor_user or event.actor_key_id or event.actor_kind)


class DeliveryRecords(RecordAdmin):
    """Emails to moderators, with their state."""

    least = RoleName.EDITOR
    list_display = ("created_at", "site", "recipient", "kind", "state", "attempts", "sent_at")
    list_select_related = ("site", "recipient")
    fields = ("created_at", "site", "recipient", "kind", "state", "attempts", "last_error", "sent_at")


class DeadJobRecords(RecordAdmin):
    """Jobs that failed for good; for superusers."""

    list_display = ("created_at", "kind", "site", "subject_id", "attempts", "last_error")
    list_select_related = ("site",)
    fields = ("created_at", "kind", "site", "subject_id", "attempts", "last_error")

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Superusers."""
        return access_person(request).is_superuser

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Dead ones only."""
        return super().get_queryset(request).filter(Q(state=JobState.DEAD))


RECORDS: tuple[tuple[type[Model], type[RecordAdmin], str], ...] = (
    (Comment, CommentRecords, "Comments"),
    (Decision, DecisionRecords, "Decisions"),
    (Screening, ScreeningRecords, "Screenings"),
    (RemoteAnswer, RemoteAnswerRecords, "Outside services"),
    (ReviewItem, ReviewRecords, "Reviews"),
    (AuditEvent, AuditRecords, "Audit record"),
    (Delivery, DeliveryRecords, "Mails to moderators"),
    (Job, DeadJobRecords, "Dead jobs"),
)


def register(site: AdminSite) -> None:
    """Register the records with the admin."""
    for model, record_admin, _ in RECORDS:
        site.register(model, record_admin)


def record_index(request: HttpRequest) -> HttpResponse:
    """Which records the person may read."""
    person = access_person(request)
    shown = []
    for model, record_admin, label in RECORDS:
        if record_admin is DeadJobRecords and not person.is_superuser:
            continue
        if person.is_superuser or sites_of(person, record_admin.least).exists():
            address = f"admin:moderation_{model.__name__.lower()}_changelist"
            shown.append((label, record_admin.__doc__, address))
    context = {"title": "Records", "section": "records", "records": shown}
    return show_page(request, "admin/records.html", context)
