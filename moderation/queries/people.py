"""People with a role on a site, and the sites on which a person has one."""

from uuid import UUID

from django.contrib.auth.models import User

from moderation.models import Role, Site
from moderation.models.role import RoleName


def sites_with_roles(user: User) -> list[tuple[Site, RoleName]]:
    """The sites of a person with the role on each, sorted by name; a superuser owns every site."""
    if user.is_superuser:
        return [(site, RoleName.OWNER) for site in Site.objects.order_by("name", "id")]
    roles = roles_of(user)
    return [(role.site, RoleName(role.name)) for role in roles]


def roles_of(user: User) -> list[Role]:
    """A person's own roles with their sites, sorted by the sites' names."""
    return list(Role.objects.filter(user=user).select_related("site").order_by("site__name", "site_id"))


def people_of(site_id: UUID) -> list[Role]:
    """Everybody with a role on a site, sorted by username."""
    return list(Role.objects.filter(site_id=site_id).select_related("user").order_by("user__username"))


def find_user(username: str) -> User | None:
    """The active account with exactly this name."""
    return User.objects.filter(username=username, is_active=True).first()
