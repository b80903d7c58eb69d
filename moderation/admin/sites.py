"""Sites: a person's list, the settings of one site, and adding a new one."""

from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_safe

from moderation.admin.access import access_site, has_role, role_of, sites_of
from moderation.admin.fields import LinesField
from moderation.admin.page import access_person, actor_of, add_errors, show_page
from moderation.domain.errors import Refused
from moderation.domain.snippet import build_snippet
from moderation.domain.work import WorkMode
from moderation.flow.site.settings import change_site, open_site
from moderation.lib.markup import TextFormat
from moderation.models import Site, SiteKey
from moderation.models.key import KeyKind
from moderation.models.role import RoleName
from moderation.queries.people import find_user

MOST_SITES = 500
NO_ACCOUNT = "There is no active account of this name."
_HOSTS_HINT = "One per line, such as example.org or localhost:8000. Pages on these hosts can have comments."
_LANGUAGES_HINT = "Two-letter codes, one per line, such as en. Leave empty for any language."

WORK_MODES = {
    WorkMode.OFF.value: "No",
    WorkMode.WAVE.value: "While a wave of spam runs",
    WorkMode.ALWAYS.value: "Always",
}
FORMATS = {
    TextFormat.MARKDOWN.value: "Simple Markdown: emphasis, quotes, lists, code and links",
    TextFormat.PLAIN.value: "Plain text: paragraphs, line breaks and links",
}


class SiteForm(forms.Form):
    """The settings of a site."""

    name = forms.CharField(max_length=100)
    hosts = LinesField(rows=3, longest_entry=255, help_text=_HOSTS_HINT)
    languages = LinesField(rows=2, longest_entry=8, required=False, help_text=_LANGUAGES_HINT)
    staff_names = LinesField(
        rows=3,
        longest_entry=100,
        required=False,
        label="Staff names",
        help_text="One per line. Comments under these names or similar ones are held.",
    )
    is_open = forms.BooleanField(
        required=False, label="Accept comments", help_text="A thread can have its own setting."
    )
    requires_email = forms.BooleanField(required=False, label="Require name and email")
    text_format = forms.ChoiceField(
        required=False,  # what is not sent stays as it is
        label="Format of comments",
        choices=FORMATS,
        help_text=(
            "Applies to comments that are published from now on. Those that are published already stay as "
            "they are."
        ),
    )

    proof_of_work = forms.ChoiceField(
        required=False,
        label="Ask readers for a proof of work",
        choices=WORK_MODES,
        help_text=(
            "A reader's browser computes for a few seconds while they type; they see nothing of it. Comments "
            "without it are held, those of readers without scripts too. Your own server needs none."
        ),
    )

    def changes(self) -> dict[str, Any]:
        """What was typed or chosen."""
        return {name: value for name, value in self.cleaned_data.items() if value != "" or name == "name"}


class NewSiteForm(forms.Form):
    """The minimum that a site needs."""

    name = forms.CharField(max_length=100, label="Name of the publication")
    hosts = LinesField(rows=3, longest_entry=255, help_text=_HOSTS_HINT)
    languages = LinesField(rows=2, longest_entry=8, required=False, help_text=_LANGUAGES_HINT)
    owner = forms.CharField(
        max_length=150,
        required=False,
        label="Owner's user name",
        help_text="The person who runs it. Leave empty to own it yourself.",
    )

    def clean_owner(self) -> User | None:
        """The active account of this name."""
        name = self.cleaned_data["owner"]
        owner = find_user(name) if name else None
        if name and owner is None:
            raise forms.ValidationError(NO_ACCOUNT)
        return owner


def site_context(request: HttpRequest, site: Site, tab: str) -> dict[str, Any]:
    """What every page of one site needs: the tabs that this person may open."""
    role = role_of(access_person(request), site.id)
    return {
        "site": site,
        "tab": tab,
        "section": "sites",
        "role": role,
        "is_editor": has_role(role, RoleName.EDITOR),
        "is_owner": has_role(role, RoleName.OWNER),
        "title": site.name,
    }


@require_safe
def site_list(request: HttpRequest) -> HttpResponse:
    """The sites on which the person has a role."""
    sites = sites_of(access_person(request))[:MOST_SITES]
    return show_page(request, "admin/sites/list.html", {"title": "Sites", "section": "sites", "sites": sites})


@require_http_methods(["GET", "HEAD", "POST"])
def site_page(request: HttpRequest, site_id: UUID) -> HttpResponse:
    """One site; its owner may change it."""
    least = RoleName.OWNER if request.method == "POST" else RoleName.MODERATOR
    site = access_site(access_person(request), site_id, least)
    values = {name: getattr(site, name) for name in SiteForm.base_fields}
    form = SiteForm(request.POST or None, initial=values)
    if request.method == "POST" and form.is_valid():
        try:
            change_site(site.id, form.changes(), actor=actor_of(request))
        except Refused as problem:
            add_errors(form, problem)
        else:
            messages.success(request, "Saved. The change applies from the next comment on.")
            return redirect("admin:site", site.id)
    context = {
        **site_context(request, site, "site"),
        "form": form,
        "text_format": FORMATS[site.text_format],
        "proof_of_work": WORK_MODES[site.proof_of_work],
        "snippets": _snippets(site),
    }
    return show_page(request, "admin/sites/site.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def add_site(request: HttpRequest) -> HttpResponse:
    """Add a site with keys and an owner; superusers only. The secret key is shown only in the response."""
    person = access_person(request)
    if not person.is_superuser:
        raise Http404
    form = NewSiteForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            opened = open_site(
                values["name"],
                hosts=values["hosts"],
                languages=values["languages"],
                owner=values["owner"] or person,
                actor=actor_of(request),
            )
        except Refused as problem:
            add_errors(form, problem)
        else:
            context = {
                **site_context(request, opened.site, "site"),
                "opened": opened,
                "snippet": build_snippet(settings.PUBLIC_URL, opened.public.plain),
            }
            return show_page(request, "admin/sites/added.html", context)
    context = {"title": "Add a site", "section": "sites", "form": form}
    return show_page(request, "admin/sites/add.html", context, status=422 if form.errors else 200)


def _snippets(site: Site) -> list[tuple[SiteKey, str]]:
    """The snippet for the site's pages, for each valid public key."""
    keys = SiteKey.objects.filter(site=site, kind=KeyKind.PUBLIC, revoked_at__isnull=True)[:10]
    return [(key, build_snippet(settings.PUBLIC_URL, f"cm_pk_{key.public_id}")) for key in keys]
