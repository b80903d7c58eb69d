"""The admin site: its login, its layout and all its pages."""

from collections.abc import Callable
from functools import update_wrapper
from http import HTTPStatus
from typing import Any

from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path
from django.utils.cache import patch_cache_control
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_http_methods

from moderation.admin import accounts, records, users
from moderation.admin import urls as own_pages
from moderation.admin.desk import urls as desk_pages
from moderation.admin.page import access_person, actor_of, is_let_in, page_context, show_page
from moderation.flow.site.accounts import record_password_change

# Django's own pages that are not needed here; the second would reveal which objects exist.
_UNUSED = frozenset({"autocomplete", "view_on_site", "logout"})
View = Callable[..., HttpResponseBase]
# Many of Django's pages answer any other method, including TRACE, like GET.
_METHODS = ["GET", "HEAD", "OPTIONS", "POST"]
_PAGES_METHODS = require_http_methods(_METHODS)


class ModerationAdminSite(AdminSite):
    """Guards each page: login, the second factor where it is required, and no caching.

    A page that does not exist and one that is not theirs look the same to a person: 404.
    """

    site_title = "Comment moderation"
    site_header = "Comment moderation"
    index_title = "Comment moderation"
    site_url = None
    enable_nav_sidebar = False
    login_form = accounts.LoginForm

    def has_permission(self, request: HttpRequest) -> bool:
        """Whether the person may see any page at all."""
        return is_let_in(request.user)

    def admin_view(self, view: View, cacheable: bool = False) -> View:  # type: ignore[override]
        """Wrap a view: login, CSRF protection, `no-store`, and 404 for whatever the person may not see."""

        def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            try:
                _check_query(request)
                return view(request, *args, **kwargs)
            except (Http404, PermissionDenied):
                return show_page(request, "admin/missing.html", {"title": "Page not found"}, status=404)

        return _PAGES_METHODS(super().admin_view(update_wrapper(answer, view), cacheable=False))

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Ask for the password, then redirect to the second factor."""
        if request.method not in _METHODS:
            return HttpResponseNotAllowed(_METHODS)
        if request.method == "GET" and accounts.awaits_second_factor(request.user):
            return accounts.redirect_to_second_factor(request)
        response = super().login(request, extra_context)
        patch_cache_control(response, private=True, no_store=True)
        return response

    def password_change(  # type: ignore[override]
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Django's page for one's own password; the change is recorded."""
        with transaction.atomic():
            response = super().password_change(request, extra_context)
            if request.method == "POST" and response.status_code == HTTPStatus.FOUND:
                record_password_change(access_person(request), actor=actor_of(request))
        return response

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        """The start page: the queue, the person's sites and the records."""
        return show_page(request, "admin/index.html", accounts.index_context(request))

    def app_index(  # type: ignore[override]
        self, request: HttpRequest, app_label: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Our index in place of Django's list of an application's models."""
        return redirect("admin:index")

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """What Django's own pages need, without asking every model for its permissions."""
        return page_context(request)

    def get_urls(self) -> list[URLPattern | URLResolver]:
        """Ours first, then the desk's, then Django's."""
        own: list[URLPattern | URLResolver] = [
            path("logout/", never_cache(csrf_protect(accounts.log_out)), name="logout"),
            path(
                "second-factor/",
                _PAGES_METHODS(never_cache(csrf_protect(accounts.second_factor))),
                name="second-factor",
            ),
        ]
        kept = [url for url in super().get_urls() if getattr(url, "name", None) not in _UNUSED]
        return [*own, *self._guarded([*own_pages.urlpatterns, *desk_pages.urlpatterns]), *kept]

    def _guarded(self, urls: list[URLPattern | URLResolver]) -> list[URLPattern | URLResolver]:
        """The same addresses, each view wrapped by `admin_view`."""
        flat: list[URLPattern | URLResolver] = []
        for url in urls:
            if isinstance(url, URLResolver):
                flat.extend(self._guarded(url.url_patterns))
            else:
                flat.append(
                    URLPattern(url.pattern, self.admin_view(url.callback), url.default_args, url.name)
                )
        return flat


def _check_query(request: HttpRequest) -> None:
    """Raise `Http404` for a NUL in the query: lists filter by it, and the database refuses it."""
    if any("\x00" in text for name, values in request.GET.lists() for text in (name, *values)):
        raise Http404("There is no such text.")


site_admin = ModerationAdminSite()
records.register(site_admin)
users.register(site_admin)
