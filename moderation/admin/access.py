"""Access control: the only way from a person to a site and its data."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast
from uuid import UUID

from django.contrib.auth.models import AnonymousUser, User
from django.db.models import QuerySet
from django.http import Http404, HttpRequest

from moderation.flow.record import Actor
from moderation.models import Role, Site
from moderation.models.role import RoleName
from moderation.queries.people import sites_with_roles

RANKS = {RoleName.MODERATOR: 1, RoleName.EDITOR: 2, RoleName.OWNER: 3}


def sites_of(user: User | AnonymousUser, least: RoleName = RoleName.MODERATOR) -> QuerySet[Site]:
    """The sites on which `user` has a role of at least `least`; a superuser owns every site."""
    if not user.is_active:
        return Site.objects.none()
    if user.is_superuser:
        return Site.objects.all()
    enough = [name.value for name, rank in RANKS.items() if rank >= RANKS[least]]
    return Site.objects.filter(id__in=Role.objects.filter(user_id=user.pk, name__in=enough).values("site_id"))


def role_of(user: User | AnonymousUser, site_id: UUID) -> RoleName | None:
    """The role of `user` on a site, or None."""
    if not user.is_active:
        return None
    if user.is_superuser:
        return RoleName.OWNER
    name = Role.objects.filter(user_id=user.pk, site_id=site_id).values_list("name", flat=True).first()
    return RoleName(name) if name else None


def has_role(role: RoleName | None, least: RoleName) -> bool:
    """Whether `role` is at least `least`."""
    return role is not None and RANKS[role] >= RANKS[least]


def access_site(user: User | AnonymousUser, site_id: UUID, least: RoleName = RoleName.MODERATOR) -> Site:
    """The site, if the person's role there is at least `least`. Raises `Http404` otherwise: a site that is
    not theirs looks like one that does not exist.
    """
    site = sites_of(user, least).filter(id=site_id).first()
    if site is None:
        raise Http404("There is no such site.")
    return site


@dataclass(frozen=True, slots=True)
class Access:
    """The sites that one person may reach, ordered by name, and their role on each."""

    user: User
    sites: Mapping[UUID, Site]
    roles: Mapping[UUID, RoleName]

    @property
    def actor(self) -> Actor:
        """The person as the actor of what is recorded."""
        return Actor("person", user_id=self.user.pk)

    def may(self, site_id: UUID, least: RoleName) -> bool:
        """Whether their role on the site is at least `least`."""
        role = self.roles.get(site_id)
        return role is not None and RANKS[role] >= RANKS[least]

    def site_ids(self, least: RoleName = RoleName.MODERATOR) -> list[UUID]:
        """The sites on which their role is at least `least`."""
        return [site_id for site_id in self.sites if self.may(site_id, least)]


def read_access(request: HttpRequest) -> Access:
    """What the person behind `request` may reach; read from the database once per request."""
    known = getattr(request, "_access", None)
    if known is None:
        known = _load_access(cast("User", request.user))
        vars(request)["_access"] = known
    return known


def _load_access(user: User) -> Access:
    found = sites_with_roles(user) if user.is_active else []
    return Access(
        user=user,
        sites={site.id: site for site, _ in found},
        roles={site.id: role for site, role in found},
    )
