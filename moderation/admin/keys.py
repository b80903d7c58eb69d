"""A site's API keys: list, create and revoke them."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from moderation.admin.access import access_site
from moderation.admin.page import access_person, actor_of, show_page
from moderation.admin.sites import site_context
from moderation.domain.errors import NotFound
from moderation.flow.site.settings import create_key, revoke_key
from moderation.models import Site, SiteKey
from moderation.models.key import KeyKind, Scope
from moderation.models.role import RoleName

MOST_KEYS = 200


class KeyForm(forms.Form):
    """A new key."""

    label = forms.CharField(max_length=100, help_text="What it is for, such as “Production server”.")
    kind = forms.ChoiceField(choices=KeyKind.choices, widget=forms.RadioSelect, initial=KeyKind.PUBLIC.value)
    scopes = forms.MultipleChoiceField(
        choices=Scope.choices,
        widget=forms.CheckboxSelectMultiple,
        required=False,
        label="What a secret key may do",
        help_text=(
            "A public key can only submit comments and read published ones. "
            "An Akismet key can check comments and report wrong verdicts."
        ),
    )

    def clean_scopes(self) -> list[str]:
        """A secret key needs at least one scope."""
        scopes: list[str] = self.cleaned_data["scopes"]
        if self.cleaned_data.get("kind") == KeyKind.SECRET and not scopes:
            raise forms.ValidationError("Choose at least one permission.")
        return scopes


@require_http_methods(["GET", "HEAD", "POST"])
def key_list(request: HttpRequest, site_id: UUID) -> HttpResponse:
    """The keys of a site. A new key that is not public is shown only in the response that creates it."""
    site = access_site(access_person(request), site_id, RoleName.OWNER)
    form = KeyForm(request.POST or None)
    new = None
    if request.method == "POST" and form.is_valid():
        new = create_key(
            site.id,
            KeyKind(form.cleaned_data["kind"]),
            actor=actor_of(request),
            label=form.cleaned_data["label"],
            scopes=[Scope(scope) for scope in form.cleaned_data["scopes"]],
        )
        form = KeyForm()
    keys = SiteKey.objects.filter(site=site).order_by("revoked_at", "-created_at")[:MOST_KEYS]
    context = {**site_context(request, site, "keys"), "form": form, "keys": keys, "new": new}
    return show_page(request, "admin/sites/keys.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def key_revoke(request: HttpRequest, site_id: UUID, key_id: UUID) -> HttpResponse:
    """Ask for confirmation; a POST revokes the key for good."""
    site = access_site(access_person(request), site_id, RoleName.OWNER)
    key = _access_key(site, key_id)
    if request.method == "POST":
        try:
            revoke_key(key.id, site_id=site.id, actor=actor_of(request))
        except NotFound:
            messages.info(request, "This key has already been revoked.")
        else:
            messages.success(request, f"The key “{key}” is revoked.")
        return redirect("admin:site-keys", site.id)
    context = {**site_context(request, site, "keys"), "key": key}
    return show_page(request, "admin/sites/key_revoke.html", context)


def _access_key(site: Site, key_id: UUID) -> SiteKey:
    key = SiteKey.objects.filter(site=site, id=key_id).first()
    if key is None:
        raise Http404("There is no such key.")
    return key
