"""Logging in: the password, then the second factor."""

import base64
from typing import Any

import segno
from django import forms
from django.conf import settings
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.models import AnonymousUser, User
from django.contrib.auth.views import LogoutView
from django.core import signing
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django_otp import login as remember_device
from django_otp.models import Device
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice, default_key

from moderation.admin.access import sites_of
from moderation.admin.page import access_person, is_let_in, show_page
from moderation.domain.errors import InvalidFields, NotAllowed
from moderation.flow.site.accounts import add_second_factor, renew_backup_codes
from moderation.flow.site.second_factors import verify_second_factor

KEY_SALT = "second-factor-key"
KEY_AGE_S = 15 * 60  # how long a displayed key can be enrolled


class LoginForm(AdminAuthenticationForm):
    """User name and password; one message for whatever is wrong with them."""

    error_messages = {  # noqa: RUF012 - Django merges it as it is
        **AdminAuthenticationForm.error_messages,
        "invalid_login": "User name and password do not match. Both are case-sensitive.",
        "inactive": "User name and password do not match. Both are case-sensitive.",
    }


class CodeForm(forms.Form):
    """A code from the authenticator app, or one of the backup codes."""

    code = forms.CharField(
        label="Code",
        max_length=20,
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "autofocus": True, "autocapitalize": "none"}
        ),
    )

    def clean_code(self) -> str:
        """The code as devices store it: people type spaces and capitals."""
        return "".join(str(self.cleaned_data["code"]).split()).lower()


def awaits_second_factor(user: User | AnonymousUser) -> bool:
    """Whether the password was given and the second factor is still to come."""
    return user.is_active and (user.is_staff or user.is_superuser) and not is_let_in(user)


def redirect_to_second_factor(request: HttpRequest) -> HttpResponse:
    """Redirect to the second factor and keep the address that the person asked for."""
    query = urlencode({REDIRECT_FIELD_NAME: next_address(request)})
    return redirect(f"{reverse('admin:second-factor')}?{query}")


def next_address(request: HttpRequest) -> str:
    """Where to go after login: always an address of this service, whatever was asked for."""
    wanted = request.POST.get(REDIRECT_FIELD_NAME) or request.GET.get(REDIRECT_FIELD_NAME) or ""
    is_ours = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if is_ours else reverse("admin:index")


def log_out(request: HttpRequest) -> HttpResponseBase:
    """End the session, by POST only; also possible between the two steps of the login."""
    return LogoutView.as_view(next_page="admin:login", http_method_names=["post"])(request)


def index_context(request: HttpRequest) -> dict[str, Any]:
    """The person's sites, for the index."""
    return {"title": "Comment moderation", "sites": sites_of(access_person(request))[:200]}


def second_factor(request: HttpRequest) -> HttpResponse:
    """Enrol, enter a code, or manage the backup codes: whichever comes next for this person."""
    user = request.user
    if not settings.REQUIRE_SECOND_FACTOR:
        return redirect("admin:index")
    if not isinstance(user, User) or not (user.is_active and (user.is_staff or user.is_superuser)):
        return redirect("admin:login")
    device = TOTPDevice.objects.filter(user=user, confirmed=True).first()
    if device is None:
        return _enrol(request, user)
    if not user.is_verified():  # type: ignore[attr-defined]  # django-otp's middleware adds it
        return _verify(request, user, device)
    return _look_after(request, user)


def _enrol(request: HttpRequest, user: User) -> HttpResponse:
    """Show a key and take its first code. Nothing is stored until the code is right."""
    form = CodeForm(request.POST or None)
    key = _signed_key(request, user) or default_key()
    if request.method == "POST" and form.is_valid():
        try:
            device, codes = add_second_factor(user, key=key, code=form.cleaned_data["code"])
        except InvalidFields as problem:
            form.add_error("code", problem.errors[0].message)
        except NotAllowed:
            return redirect("admin:second-factor")
        else:
            _remember(request, device)
            return _show_codes(request, codes)
    return show_page(request, "admin/second_factor_enrol.html", _enrol_context(request, user, form, key))


def _enrol_context(request: HttpRequest, user: User, form: CodeForm, key: str) -> dict[str, Any]:
    device = TOTPDevice(user=user, key=key)
    code = segno.make(device.config_url, error="m")
    return {
        "title": "Set up your second factor",
        "form": form,
        "next": next_address(request),
        "signed_key": signing.dumps([user.pk, key], salt=KEY_SALT),
        "qr": code.svg_data_uri(scale=5, border=4, dark="#000", light="#fff"),
        "key_as_text": _in_groups(base64.b32encode(device.bin_key).decode()),
    }


def _signed_key(request: HttpRequest, user: User) -> str | None:
    """The key that this same person was shown in the step before."""
    try:
        owner, key = signing.loads(request.POST.get("key", ""), salt=KEY_SALT, max_age=KEY_AGE_S)
    except (signing.BadSignature, ValueError):
        return None
    return str(key) if owner == user.pk else None


def _verify(request: HttpRequest, user: User, device: TOTPDevice) -> HttpResponse:
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        code = form.cleaned_data["code"]
        asked: Device | None = device
        if not code.isdecimal():
            asked = StaticDevice.objects.filter(user=user, confirmed=True).first()
        accepting = verify_second_factor(user, code)
        if accepting is not None:
            _remember(request, accepting)
            return redirect(next_address(request))
        form.add_error("code", _what_is_wrong(asked))
    context = {"title": "Second factor", "form": form, "next": next_address(request)}
    return show_page(request, "admin/second_factor.html", context)


def _what_is_wrong(device: Device | None) -> str:
    """The error message. Each wrong code doubles the wait before the next attempt."""
    if device is not None:
        device.refresh_from_db()
        if getattr(device, "throttling_failure_count", 0) > 2:
            return "This code does not match. After several wrong codes, wait a while before you try again."
    return "This code does not match. Wait for the next code and try again."


def _look_after(request: HttpRequest, user: User) -> HttpResponse:
    if request.method == "POST":
        return _show_codes(request, renew_backup_codes(user))
    left = StaticToken.objects.filter(device__user=user).count()
    context = {"title": "Second factor", "codes_left": left}
    return show_page(request, "admin/second_factor_state.html", context)


def _show_codes(request: HttpRequest, codes: list[str]) -> HttpResponse:
    """Show the codes in the response to the POST itself: they cannot be shown again."""
    context = {"title": "Your backup codes", "codes": codes, "next": next_address(request)}
    return show_page(request, "admin/second_factor_codes.html", context)


def _remember(request: HttpRequest, device: Device) -> None:
    remember_device(request, device)
    request.session.cycle_key()


def _in_groups(text: str) -> str:
    return " ".join(text[start : start + 4] for start in range(0, len(text), 4))


def answer_lock_out(
    request: HttpRequest, response: HttpResponse | None = None, credentials: dict[str, Any] | None = None
) -> HttpResponse:
    """The page after too many wrong passwords. It is the same whether the account exists or not."""
    minutes = int(settings.AXES_COOLOFF_TIME.total_seconds() // 60)
    context = {"title": "Too many attempts", "minutes": minutes}
    answer = show_page(request, "admin/locked_out.html", context, status=429).render()
    answer["Cache-Control"] = "private, no-store"
    answer["Retry-After"] = str(minutes * 60)
    return answer
