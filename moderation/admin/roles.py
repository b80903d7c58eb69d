"""A site's people: who has which role, and how each is notified of held comments."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST

from moderation.admin.access import access_site
from moderation.admin.page import access_person, actor_of, add_errors, show_page
from moderation.admin.sites import NO_ACCOUNT, site_context
from moderation.domain.errors import Refused
from moderation.flow.site.settings import change_notify, remove_role, set_role
from moderation.models import Role, Site
from moderation.models.role import NotifyMode, RoleName
from moderation.queries.people import find_user, people_of


class RoleForm(forms.Form):
    """A role for a person who has an account."""

    username = forms.CharField(max_length=150, label="User name")
    name = forms.ChoiceField(choices=RoleName.choices, label="Role")
    notify = forms.ChoiceField(
        choices=NotifyMode.choices, label="Email about held comments", initial=NotifyMode.OFF.value
    )

    def clean_username(self) -> User:
        """The active account of this name."""
        user = find_user(self.cleaned_data["username"])
        if user is None:
            raise forms.ValidationError(NO_ACCOUNT)
        return user


class RoleChangeForm(forms.Form):
    """The changeable fields of a person's role."""

    name = forms.ChoiceField(choices=RoleName.choices, label="Role")
    notify = forms.ChoiceField(choices=NotifyMode.choices, label="Email about held comments")


class NotifyForm(forms.Form):
    """How a person is notified of held comments."""

    notify = forms.ChoiceField(choices=NotifyMode.choices, label="Email about held comments")


@require_http_methods(["GET", "HEAD", "POST"])
def role_list(request: HttpRequest, site_id: UUID) -> HttpResponse:
    """Owners see and add people; everybody can change their own notifications."""
    person = access_person(request)
    least = RoleName.OWNER if request.method == "POST" else RoleName.MODERATOR
    site = access_site(person, site_id, least)
    form = RoleForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            set_role(
                site.id,
                values["username"],
                RoleName(values["name"]),
                actor=actor_of(request),
                notify=values["notify"],
            )
        except Refused as problem:
            add_errors(form, problem)
        else:
            messages.success(request, f"{values['username'].username} is {values['name']} now.")
            return redirect("admin:site-people", site.id)
    own = Role.objects.filter(site=site, user=person).first()
    context = {
        **site_context(request, site, "people"),
        "form": form,
        "own": own,
        "own_form": NotifyForm(initial={"notify": own.notify}, auto_id="own_%s") if own else None,
    }
    if context["is_owner"]:
        context["people"] = people_of(site.id)
    return show_page(request, "admin/sites/people.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def role_page(request: HttpRequest, site_id: UUID, role_id: int) -> HttpResponse:
    """Change one person's role."""
    site = access_site(access_person(request), site_id, RoleName.OWNER)
    role = _access_role(site, role_id)
    form = RoleChangeForm(request.POST or None, initial={"name": role.name, "notify": role.notify})
    if request.method == "POST" and form.is_valid():
        name, notify = RoleName(form.cleaned_data["name"]), form.cleaned_data["notify"]
        try:
            set_role(site.id, role.user, name, actor=actor_of(request), notify=notify)
        except Refused as problem:
            add_errors(form, problem)
        else:
            messages.success(request, f"{role.user.username} is {name.value} now.")
            return redirect("admin:site-people", site.id)
    context = {**site_context(request, site, "people"), "form": form, "person": role}
    return show_page(request, "admin/sites/person.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def role_remove(request: HttpRequest, site_id: UUID, role_id: int) -> HttpResponse:
    """Ask for confirmation; a POST removes the role."""
    site = access_site(access_person(request), site_id, RoleName.OWNER)
    role = _access_role(site, role_id)
    if request.method == "POST":
        try:
            remove_role(role.id, site_id=site.id, actor=actor_of(request))
        except Refused as problem:
            messages.error(request, problem.message)
        else:
            messages.success(request, f"{role.user.username} no longer has a role here.")
        return redirect("admin:site-people", site.id)
    context = {**site_context(request, site, "people"), "person": role}
    return show_page(request, "admin/sites/person_remove.html", context)


@require_POST
def own_notify(request: HttpRequest, site_id: UUID) -> HttpResponse:
    """How the logged-in person is notified of held comments on this site."""
    person = access_person(request)
    site = access_site(person, site_id)
    form = NotifyForm(request.POST)
    role = Role.objects.filter(site=site, user=person).first()
    if role is None or not form.is_valid():
        raise Http404
    mode = NotifyMode(form.cleaned_data["notify"])
    change_notify(role.id, site_id=site.id, mode=mode, actor=actor_of(request))
    messages.success(request, "Saved.")
    return redirect("admin:site-people", site.id)


def _access_role(site: Site, role_id: int) -> Role:
    role = Role.objects.select_related("user").filter(site=site, id=role_id).first()
    if role is None:
        raise Http404("There is no such role.")
    return role
