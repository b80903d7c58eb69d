"""Creates the demo site once and stores in `var/demo.json` what it created."""

import json
import os
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.management import CommandError

from moderation.domain.status import Status
from moderation.flow.comments.screen import screen_due
from moderation.flow.demo import create_demo_account, fill_demo, hosts_at, move_demo
from moderation.flow.record import SYSTEM
from moderation.flow.site.settings import create_key, create_site, set_role
from moderation.models import Comment, Site
from moderation.models.key import KeyKind, Scope
from moderation.models.role import NotifyMode, RoleName
from moderation.queries.articles import (
    DEMO_SLUG,
    FIRST_ARTICLE,
    NEWSPAPER,
    all_articles,
    article_url,
    demo_comments,
)
from moderation.queries.keys import find_site_of_public_key
from moderation.queries.pages import find_site_by_slug

RUNNER = "demo"
# A running service screens by itself; after this time we screen in this process.
_PATIENCE_S = 4.0
_SCREENED_WITHIN_S = 30.0


def access_demo() -> dict[str, Any]:
    """Everything created for the demo, now if it is missing; follows a changed `PUBLIC_URL`."""
    known = _read_known()
    if known is None:
        known = _make_site()
        _write_known(known)
    site = find_site_by_slug(DEMO_SLUG)
    assert site is not None
    if known["url"] != settings.PUBLIC_URL:
        move_demo(site.id, from_url=known["url"], to_url=settings.PUBLIC_URL)
        known |= {"url": settings.PUBLIC_URL, "thread": _first_thread()}
        _write_known(known)
    if not known["is_filled"]:
        fill_demo(site, demo_comments(), screen=_build_screen(site))
        known["is_filled"] = True
        _write_known(known)
    return known


def _make_site() -> dict[str, Any]:
    site = find_site_by_slug(DEMO_SLUG) or create_site(
        NEWSPAPER, hosts=hosts_at(settings.PUBLIC_URL), slug=DEMO_SLUG, languages=["en"]
    )
    admin = create_demo_account("admin", is_superuser=True)
    # An address that is never delivered to; without a mail server, mails are written to a folder.
    moderator = create_demo_account("moderator", is_superuser=False, email="moderator@demo.invalid")
    set_role(site.id, admin.user, RoleName.OWNER, actor=SYSTEM, notify=NotifyMode.OFF)
    mode = NotifyMode.OFF if settings.EMAIL_URL else NotifyMode.EACH
    set_role(site.id, moderator.user, RoleName.MODERATOR, actor=SYSTEM, notify=mode)
    return {
        "url": settings.PUBLIC_URL,
        "site_key": create_key(site.id, KeyKind.PUBLIC, actor=SYSTEM, label="Demo").plain,
        "api_key": _make_secret(site, "Demo server", Scope.SUBMIT, Scope.READ),
        "moderator_key": _make_secret(site, "Demo moderator", Scope.DECIDE),
        "admin": {"username": admin.user.username, "password": admin.password},
        "moderator": {"username": moderator.user.username, "password": moderator.password},
        "thread": _first_thread(),
        "is_filled": False,
    }


def _make_secret(site: Site, label: str, *scopes: Scope) -> str:
    return create_key(site.id, KeyKind.SECRET, actor=SYSTEM, label=label, scopes=scopes).plain


def _first_thread() -> str:
    return article_url(all_articles()[FIRST_ARTICLE])


def _known_file() -> Path:
    path: Path = settings.VAR_DIR / "demo.json"
    return path


def _read_known() -> dict[str, Any] | None:
    """What was created, unless it is no longer in the database."""
    try:
        known: dict[str, Any] = json.loads(_known_file().read_text())
    except (OSError, ValueError):
        return None
    site = find_site_of_public_key(known["site_key"])
    has_admin = User.objects.filter(username=known["admin"]["username"]).exists()
    return known if site is not None and site.slug == DEMO_SLUG and has_admin else None


def _write_known(known: dict[str, Any]) -> None:
    """Holds secrets: readable by the owner only, and written atomically."""
    path = _known_file()
    new = path.with_suffix(".new")
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(known, file, indent=2)
    new.replace(path)


def _build_screen(site: Site) -> Callable[[], None]:
    """Waits until all of the site's comments are screened, by the running service or else in this process."""
    patience_s = _PATIENCE_S if _is_served() else 0.0

    def screen() -> None:
        began = time.monotonic()
        while Comment.objects.filter(site=site, status=Status.SCREENING).exists():
            waited_s = time.monotonic() - began
            if waited_s > _SCREENED_WITHIN_S:
                raise CommandError("The demo's comments are not screened yet; see the workers' logs.")
            if waited_s >= patience_s:
                screen_due(runner=RUNNER)
            time.sleep(0.02)

    return screen


def _is_served() -> bool:
    try:
        with urllib.request.urlopen(f"{settings.PUBLIC_URL}/livez", timeout=1):  # noqa: S310 - our own address
            return True
    except OSError:
        return False
