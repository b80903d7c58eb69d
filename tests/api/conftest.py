"""A site, its pages and its server, for every test of the API."""

import pytest

from moderation.models import Site
from tests.api.calls import Api, public_api, secret_api
from tests.builders import build_site


@pytest.fixture
def site() -> Site:
    """A site with the default policy."""
    return build_site()


@pytest.fixture
def public(site: Site) -> Api:
    """Calls as the site's pages make them."""
    return public_api(site)


@pytest.fixture
def secret(site: Site) -> Api:
    """Calls as the site's server makes them, with every scope."""
    return secret_api(site)
