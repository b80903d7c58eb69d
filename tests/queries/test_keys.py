"""Looking up hosts, as any page in the world may ask for it."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from moderation.models import Site
from moderation.queries.keys import is_registered_host
from tests.builders import build_site

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("host", "is_known"),
    [("news.example", True), ("two.example:8000", True), ("two.example", False), ("ews.example", False)],
)
def test_a_host_is_known_by_its_whole_name_and_port(host: str, is_known: bool) -> None:
    build_site(hosts=["one.example", "two.example:8000", "news.example"])
    assert is_registered_host(host) is is_known


def test_among_many_sites_a_host_is_found_by_an_index() -> None:
    Site.objects.bulk_create(Site(name="N", slug=f"n{n}", hosts=[f"n{n}.example"]) for n in range(3000))
    with connection.cursor() as cursor, CaptureQueriesContext(connection) as captured:
        cursor.execute("ANALYZE site")
        assert is_registered_host("n77.example")
        cursor.execute(f"EXPLAIN {captured[-1]['sql']}")
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "site_by_host" in plan, plan
