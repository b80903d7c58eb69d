"""A site with an Akismet key, for every test of that API."""

import pytest

from moderation.models import Site, SiteKey
from tests.builders import build_site
from tests.compat.akismet.calls import adopt_key


@pytest.fixture
def site() -> Site:
    """A site with the default policy."""
    return build_site()


@pytest.fixture
def key(site: Site) -> SiteKey:
    """Its Akismet key, `calls.KEY`."""
    return adopt_key(site)
