"""A site, and its public key as pages hold it."""

from typing import Any

import pytest

from moderation.flow.record import SYSTEM
from moderation.flow.site.settings import create_key
from moderation.models import Site
from moderation.models.key import KeyKind
from tests.builders import build_site


@pytest.fixture
def site() -> Site:
    return build_site()


@pytest.fixture
def key(site: Site) -> Any:
    """What `create_key` gives: `plain` is what pages hold."""
    return create_key(site.id, KeyKind.PUBLIC, actor=SYSTEM)
