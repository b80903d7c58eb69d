"""A site's comments as a file."""

import csv
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from moderation.models import AuditEvent, Comment, Site
from moderation.queries.exports import exported_comments
from tests.builders import build_site, submit_screened

pytestmark = pytest.mark.django_db

COLUMNS = ["id", "submitted_at", "status", "name", "website", "address", "thread_url", "body"]
FORMULAS = ["=HYPERLINK(1)", "@SUM(1)", "+1", "\t=1", "＝1"]


@pytest.fixture
def site() -> Site:
    return build_site()


def export(site: Site) -> list[list[str]]:
    said = StringIO(newline="")
    call_command("export_comments", site.slug, stdout=said, stderr=StringIO())
    return list(csv.reader(StringIO(said.getvalue(), newline=""), strict=True))


def test_it_writes_all_but_the_addresses(site: Site) -> None:
    comment = submit_screened(site, "Two\nlines.", website="https://ada.example/")
    submit_screened(build_site("Another paper", host="other.example"), url="https://other.example/")
    columns, row = export(site)
    assert columns == COLUMNS
    assert row[0] == str(comment.id)
    assert row[2:] == [
        "published",
        "Ada Reader",
        "https://ada.example/",
        comment.email_mask,
        "https://news.example/first",
        "Two\nlines.",
    ]
    assert "ada@reader.example" not in "".join(row)


def test_no_name_or_text_is_a_formula(site: Site) -> None:
    for number, formula in enumerate(FORMULAS):
        submit_screened(site, f"{formula} and text", name=formula, email=f"r{number}@reader.example")
    _, *rows = export(site)
    assert [row[3] for row in rows] == [f"'{formula.strip()}" for formula in FORMULAS]
    assert all(cell[:1] not in "=+-@\t＝" for row in rows for cell in row if cell)


def test_deleted_ones_are_left_out(site: Site) -> None:
    comment = submit_screened(site)
    Comment.objects.filter(id=comment.id).update(status="deleted")
    assert export(site) == [COLUMNS]


def test_it_is_on_record(site: Site) -> None:
    export(site)
    event = AuditEvent.objects.get(kind="comments.exported")
    assert (event.site_id, event.actor_kind, event.subject_id) == (site.id, "system", str(site.id))


def test_it_goes_step_by_step(site: Site) -> None:
    for number in range(5):
        submit_screened(site, f"Remark {number}.", email=f"r{number}@reader.example")
    with CaptureQueriesContext(connection) as captured:
        found = list(exported_comments(site.id, step=2))
    assert [comment.body for comment in found] == [f"Remark {number}." for number in range(5)]
    assert len(captured) == 4


def test_a_file_is_new_and_its_owners_alone(site: Site, tmp_path: Path) -> None:
    submit_screened(site, "Ünïcode.")
    out = tmp_path / "comments.csv"
    call_command("export_comments", site.slug, "--out", str(out), stderr=StringIO())
    assert out.stat().st_mode & 0o777 == 0o600
    assert out.read_bytes().startswith(b"\xef\xbb\xbf")
    assert "Ünïcode." in out.read_text(encoding="utf-8-sig")
    with pytest.raises(CommandError, match="File exists"):
        call_command("export_comments", site.slug, "--out", str(out), stderr=StringIO())


def test_an_unknown_site_is_named() -> None:
    with pytest.raises(CommandError, match="no site 'nowhere'"):
        call_command("export_comments", "nowhere")
