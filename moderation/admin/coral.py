"""A site's moderation phase in Coral: the addresses to enter there, and the secret that comes from there."""

from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from moderation.admin.access import access_site
from moderation.admin.page import access_person, actor_of, add_errors, show_page
from moderation.admin.sites import site_context
from moderation.domain.errors import Refused
from moderation.flow.site.coral import LONGEST_SECRET, change_coral_secret
from moderation.models import Site, SiteKey
from moderation.models.key import KeyKind
from moderation.models.role import RoleName
from moderation.queries.coral import has_secret

MOST_KEYS = 20


class CoralForm(forms.Form):
    """The secret is never shown after it is entered."""

    secret = forms.CharField(
        max_length=LONGEST_SECRET,
        required=False,
        label="Signing secret",
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text="As Coral shows it for the phase. Stored encrypted and never shown.",
    )
    forgets_secret = forms.BooleanField(
        required=False,
        label="Delete the stored secret",
        help_text="Every request of Coral's is refused then.",
    )

    def clean(self) -> None:
        """Either a secret or its deletion."""
        if bool(self.cleaned_data.get("secret")) == bool(self.cleaned_data.get("forgets_secret")):
            raise forms.ValidationError("Paste a secret, or choose to delete the stored one.")


@require_http_methods(["GET", "HEAD", "POST"])
def coral_page(request: HttpRequest, site_id: UUID) -> HttpResponse:
    """What to enter in Coral, and the form for its secret."""
    site = access_site(access_person(request), site_id, RoleName.OWNER)
    form = CoralForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            change_coral_secret(site.id, form.cleaned_data["secret"], actor=actor_of(request))
        except Refused as problem:
            add_errors(form, problem)
        else:
            messages.success(request, "Saved. It applies within a second.")
            return redirect("admin:site-coral", site.id)
    context = {
        **site_context(request, site, "keys"),
        "form": form,
        "has_secret": has_secret(site),
        "addresses": _addresses(site),
    }
    return show_page(request, "admin/sites/coral.html", context, status=422 if form.errors else 200)


def _addresses(site: Site) -> list[tuple[SiteKey, str]]:
    """Each public key in force with the address that Coral is to call."""
    keys = SiteKey.objects.filter(site=site, kind=KeyKind.PUBLIC, revoked_at__isnull=True)
    return [
        (key, settings.PUBLIC_URL + reverse("coral-phase", args=[f"cm_pk_{key.public_id}"]))
        for key in keys.order_by("created_at")[:MOST_KEYS]
    ]
