"""Clients of people who are logged in, and their second factor."""

from typing import Any

from django.contrib.auth.models import User
from django.test import Client
from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice

from moderation.models import Site
from moderation.models.role import RoleName
from tests.builders import build_moderator

PASSWORD = "correct horse battery"


def client_of(user: User) -> Client:
    """A browser in which `user` is logged in."""
    client = Client()
    client.force_login(user)
    return client


def person_with(role: RoleName | None, site: Site, username: str = "mo", **fields: Any) -> Client:
    """A browser of somebody with `role` on `site`; None: an account without any role."""
    if role is None:
        return client_of(build_moderator([], username, **fields))
    return client_of(build_moderator([site], username, role=role, **fields))


def code_of(device: TOTPDevice, *, steps: int = 0) -> str:
    """What the authenticator shows; `steps` of 30 seconds from now."""
    return code_of_key(device.bin_key, steps=steps)


def code_of_key(key: bytes, *, steps: int = 0) -> str:
    """The code of a shared key."""
    return f"{totp(key, t0=-30 * steps):06d}"
