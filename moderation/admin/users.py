"""Accounts of moderators; superusers only. They are never deleted, because the audit record names them."""

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.contrib.admin import AdminSite, action
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern

from moderation.admin.page import access_person, actor_of
from moderation.flow.site.accounts import record_password_change, remove_second_factor, save_account

# Generic for the type checker only.
if TYPE_CHECKING:
    AnyUserAdmin = UserAdmin[User]
else:
    AnyUserAdmin = UserAdmin


class AccountAdmin(AnyUserAdmin):
    """User name, email, password, and whether it is active and a superuser."""

    list_display = ("username", "email", "is_active", "is_superuser", "last_login")
    list_filter = ("is_active", "is_superuser")
    search_fields = ("username",)
    ordering = ("username",)
    filter_horizontal = ()
    fieldsets = (
        (None, {"fields": ("username", "email", "password")}),
        ("Permissions", {"fields": ("is_active", "is_superuser")}),
    )
    add_fieldsets = ((None, {"fields": ("username", "email", "password1", "password2")}),)
    actions = ("reset_second_factor",)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Our actions only: Django's would delete accounts."""
        return {name: what for name, what in super().get_actions(request).items() if name in self.actions}

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest | None = None) -> bool:
        """Only the filters of our own links: patterns in a URL would run, or fail, in the database."""
        return lookup in ("is_active__exact", "is_superuser__exact")

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Superusers."""
        return access_person(request).is_superuser

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Superusers."""
        return access_person(request).is_superuser

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Superusers."""
        return access_person(request).is_superuser

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Superusers."""
        return access_person(request).is_superuser

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody."""
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Nobody can lock themselves out."""
        return ("is_active", "is_superuser") if obj is not None and obj.pk == request.user.pk else ()

    def get_urls(self) -> list[URLPattern]:
        """Without deletion and without Django's history page: the audit record holds more."""
        gone = {f"auth_user_{name}" for name in ("delete", "history")}
        return [url for url in super().get_urls() if getattr(url, "name", None) not in gone]

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Save through `flow`, which records it. Every account may log in; roles say what it may do."""
        obj.is_staff = True
        save_account(obj, is_new=not change, fields=form.changed_data, actor=actor_of(request))

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:  # noqa: A002
        """Django's page for another person's password; the change is recorded."""
        with transaction.atomic():
            response = super().user_change_password(request, id, form_url)
            if request.method == "POST" and response.status_code == HTTPStatus.FOUND:
                record_password_change(User.objects.get(pk=id), actor=actor_of(request))
        return response

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> None:  # type: ignore[override]
        """Nothing: `flow` wrote the audit event."""

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> None:  # type: ignore[override]
        """Nothing: `flow` wrote the audit event."""

    @action(description="Remove the second factor (it has to be set up again at the next login)")
    def reset_second_factor(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """For people who have lost their phone and their backup codes."""
        for user in queryset:
            remove_second_factor(user, actor=actor_of(request))
        messages.success(request, f"Done for {len(queryset)}.")


def register(site: AdminSite) -> None:
    """Register the accounts with the admin."""
    site.register(User, AccountAdmin)
