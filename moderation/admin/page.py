"""What every admin page shares: its layout and how it is rendered."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.models import AnonymousUser, User
from django.http import HttpRequest
from django.template.response import TemplateResponse

from moderation.domain.errors import InvalidFields, Refused
from moderation.flow.record import Actor


def is_let_in(user: User | AnonymousUser) -> bool:
    """Whether `user` may see any page of the admin: an active account, with the second factor given
    where `REQUIRE_SECOND_FACTOR` asks for one.
    """
    has_account = user.is_active and (user.is_staff or user.is_superuser)
    if not has_account or not settings.REQUIRE_SECOND_FACTOR:
        return has_account
    return bool(user.is_verified())  # type: ignore[union-attr]  # django-otp's middleware adds it


def page_context(request: HttpRequest) -> dict[str, Any]:
    """What `admin/base_site.html` needs on every page."""
    return {
        "site_title": "Comment moderation",
        "site_header": "Comment moderation",
        "site_url": None,
        "has_permission": is_let_in(request.user),
        "asks_second_factor": settings.REQUIRE_SECOND_FACTOR,
        "is_popup": False,
        "is_nav_sidebar_enabled": False,
        "available_apps": [],
    }


def show_page(
    request: HttpRequest, template: str, context: Mapping[str, Any], *, status: int = 200
) -> TemplateResponse:
    """Render an admin page in the common layout. `context` needs a `title`."""
    return TemplateResponse(request, template, {**page_context(request), **context}, status=status)


def access_person(request: HttpRequest) -> User:
    """The logged-in person; only for views that `admin_view` guards."""
    user = request.user
    assert isinstance(user, User)
    return user


def actor_of(request: HttpRequest) -> Actor:
    """The logged-in person as the actor of what is recorded."""
    return Actor("person", user_id=request.user.pk)


def add_errors(form: forms.Form, problem: Refused) -> None:
    """Show the errors from `flow` beside their fields; those without a field go on top."""
    if not isinstance(problem, InvalidFields):
        form.add_error(None, problem.message)
        return
    for error in problem.errors:
        form.add_error(error.field if error.field in form.fields else None, error.message)
