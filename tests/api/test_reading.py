"""Threads, a comment's status and the list, as each kind of key sees them."""

from collections.abc import Callable

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from moderation.domain.status import Action
from moderation.flow.comments.decide import Choice, decide
from moderation.flow.record import SYSTEM
from moderation.flow.site.settings import change_site, revoke_key
from moderation.models import Comment, Site, SiteKey, Thread
from moderation.models.key import Scope
from moderation.queries.page_memory import pages
from tests.api.calls import Answer, Api, secret_api, submission
from tests.builders import LINKED as SOME_LINKED
from tests.builders import PAGE, build_moderator, build_site, person, submit, submit_screened
from tests.queries.branches import publish_replies

pytestmark = pytest.mark.django_db

LINKED = SOME_LINKED[0]


def test_a_page_reads_its_thread_by_a_simple_get(site: Site, public: Api) -> None:
    parent = submit_screened(site, website="https://ada.example")
    reply = submit_screened(site, "I agree.", parent_id=parent.id, email="bo@reader.example", name="Bo")
    submit_screened(site, LINKED, email="held@reader.example")
    answer = Api().get(f"/api/v1/sites/{public.key}/thread?url={PAGE}", Origin="https://anywhere.example")
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in answer.headers
    assert (answer.body["published_count"], answer.body["is_open"]) == (2, True)
    first, second = answer.body["comments"]
    assert (first["id"], first["author"]["name"]) == (str(parent.id), "Ada Reader")
    assert first["author"]["website"] == "https://ada.example/"
    assert first["body_html"] == "<p>A calm and reasonable remark.</p>"
    assert (second["id"], second["parent"], second["depth"]) == (str(reply.id), str(parent.id), 1)
    assert first["author"]["ref"] != second["author"]["ref"]
    stored = bytes(Comment.objects.select_related("author").get(id=parent.id).author.address_hash).hex()
    assert stored not in answer.raw.decode()


def test_the_thread_is_the_same_by_every_way(site: Site, public: Api, secret: Api) -> None:
    thread_id = submit_screened(site).thread_id
    bodies = [
        Api().get(f"/api/v1/sites/{public.key}/thread?url={PAGE}%23top").body,
        Api().get(f"/api/v1/sites/{public.key}/thread?key={PAGE}").body,
        public.get(f"/api/v1/thread?url={PAGE}").body,
        secret.get(f"/api/v1/threads/{thread_id}").body,
    ]
    assert all(body == bodies[0] for body in bodies)


def test_a_thread_is_read_page_by_page(site: Site, public: Api) -> None:
    ids = [str(submit_screened(site, f"Remark {n}.", email=f"r{n}@reader.example").id) for n in range(3)]
    path = f"/api/v1/thread?url={PAGE}&limit=2"
    first = public.get(path)
    second = public.get(f"{path}&after={first.body['next_after']}")
    assert [c["id"] for page in (first, second) for c in page.body["comments"]] == ids
    assert second.body["next_after"] is None


def test_a_copy_is_good_until_something_changes(site: Site, public: Api) -> None:
    submit_screened(site)
    path = f"/api/v1/sites/{public.key}/thread?url={PAGE}"
    first = Api().get(path)
    assert first.headers["Cache-Control"] == "no-cache"
    again = Api().get(path, If_None_Match=f'"other", {first.headers["ETag"]}')
    assert (again.status, again.raw) == (304, b"")
    assert again.headers["Access-Control-Allow-Origin"] == "*"
    submit_screened(site, "Another remark.", email="bo@reader.example")
    assert Api().get(path, If_None_Match=first.headers["ETag"]).status == 200
    latest = Api().get(path).headers["ETag"]
    change_site(site.id, {"is_open": False}, actor=SYSTEM)
    closed = Api().get(path, If_None_Match=latest)
    assert (closed.status, closed.body["is_open"]) == (200, False)


def test_a_page_without_comments_is_an_empty_thread(public: Api) -> None:
    answer = public.get("/api/v1/thread?url=https://news.example/new%3Futm_source=x")
    assert answer.body["comments"] == []
    assert (answer.body["id"], answer.body["url"]) == (None, "https://news.example/new")
    assert public.get("/api/v1/thread?url=https://other.example/new").status == 404
    assert public.get("/api/v1/thread?key=article-7").status == 404
    assert not Thread.objects.exists()


def test_a_removed_comment_keeps_its_place_without_its_words(site: Site, public: Api) -> None:
    parent = submit_screened(site)
    submit_screened(site, "I agree.", parent_id=parent.id, email="bo@reader.example")
    actor = person(build_moderator([site]))
    decide(Choice(parent.id), site_id=site.id, action=Action.REJECT, reason="insult", actor=actor)
    first = public.get(f"/api/v1/thread?url={PAGE}").body["comments"][0]
    assert (first["is_removed"], first["author"], first["body_html"]) == (True, None, "")


def test_an_unknown_public_key_in_a_path_is_nowhere(site: Site, public: Api, secret: Api) -> None:
    for wrong in ("cm_pk_unknown", "x", secret.key, "cm_pk_" + "a" * 500, "%00", "cm_pk_%FF"):
        for rest in (f"thread?url={PAGE}", f"form-token?thread={PAGE}"):
            assert Api().get(f"/api/v1/sites/{wrong}/{rest}").status == 404
    key = SiteKey.objects.get(public_id=public.key.removeprefix("cm_pk_"))
    revoke_key(key.id, site_id=site.id, actor=SYSTEM)
    assert Api().get(f"/api/v1/sites/{public.key}/thread?url={PAGE}").status == 404


def test_readers_of_one_network_have_a_pace(public: Api, one_read: None) -> None:
    path = f"/api/v1/sites/{public.key}/thread?url={PAGE}"
    assert [Api().get(path).status for _ in range(2)] == [200, 429]
    assert Api().get(path).headers["Access-Control-Allow-Origin"] == "*"


def test_every_read_of_a_public_key_is_counted_before_anything_is_looked_up(
    site: Site, public: Api, secret: Api, one_read: None
) -> None:
    comment = submit_screened(site)
    path = f"/api/v1/sites/{public.key}"
    assert Api().get(f"{path}/thread?url={PAGE}").status == 200
    calls: list[Callable[[], Answer]] = [
        lambda: Api().get(f"{path}/thread?url={PAGE}"),
        lambda: Api().get("/api/v1/sites/cm_pk_invented/thread?key=x"),
        lambda: Api().get(f"{path}/form-token?thread=x"),
        lambda: public.get(f"/api/v1/thread?url={PAGE}"),
        lambda: Api("cm_pk_invented").get(f"/api/v1/thread?url={PAGE}"),
        lambda: Api("nonsense").get(f"/api/v1/thread?url={PAGE}"),
        lambda: public.get(f"/api/v1/threads/{comment.thread_id}"),
        lambda: public.get(f"/api/v1/comments/{comment.id}"),
        lambda: Api().get(f"/api/v1/comments/{comment.id}?token=x"),
    ]
    for call in calls:
        with CaptureQueriesContext(connection) as captured:
            answer = call()
        assert (answer.status, answer.code, len(captured)) == (429, "rate_limited", 0)
        assert int(answer.headers["Retry-After"]) > 0
    assert secret.get(f"/api/v1/thread?url={PAGE}").status == 200


@pytest.mark.parametrize(
    "query",
    ["", "url=", "url=nonsense", "url=ftp://news.example/", "key=" + "k" * 501, "key=%00", "key=%FF"]
    + [f"url={PAGE}&{more}" for more in ("limit=0", "limit=101", "limit=-1", "limit=%D9%A1", "limit=1e1")]
    + [
        f"url={PAGE}&{more}"
        for more in ("after=1", "after=%00", "root=1", "ordering=password", "url=x", "url[]=x")
    ],
)
def test_a_query_that_makes_no_sense_is_refused(public: Api, query: str) -> None:
    assert public.get(f"/api/v1/thread?{query}").status == 400
    assert Api().get(f"/api/v1/sites/{public.key}/thread?{query}").status == 400


def test_an_author_follows_a_comment_by_its_token(site: Site, public: Api) -> None:
    url = public.post("/api/v1/comments", submission(body=LINKED)).body["status_url"]
    path = url.removeprefix(settings.PUBLIC_URL)
    comment_id = path.partition("?")[0].rpartition("/")[2]
    answer = Api().get(path)
    assert answer.body == {"id": comment_id, "status": "awaiting_moderation"}
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Cache-Control"] == "no-store"
    actor = person(build_moderator([site]))
    decide_all_held(site, actor=actor)
    assert Api().get(path).body["status"] == "not_published"
    other = submit(site, "Something else.")
    assert Api().get(path.replace(comment_id, str(other.id))).status == 404
    assert Api().get(path[:-1]).status == 404


def decide_all_held(site: Site, *, actor) -> None:
    from tests.builders import screen_all

    screen_all()
    for comment in Comment.objects.filter(site=site, status="held"):
        decide(Choice(comment.id), site_id=site.id, action=Action.SPAM, reason="spam", actor=actor)


def test_a_bare_id_answers_who_may_know(site: Site, public: Api, secret: Api) -> None:
    published, held = submit_screened(site), submit_screened(site, LINKED, email="b@reader.example")
    path = "/api/v1/comments/{}".format
    assert Api().get(path(published.id)).status == 401
    for key in (public, secret_api(site, Scope.SUBMIT)):
        assert key.get(path(published.id)).body == {"id": str(published.id), "status": "published"}
        assert key.get(path(held.id)).status == 404
    for scope in (Scope.READ, Scope.DECIDE):
        assert secret_api(site, scope).get(path(held.id)).body["status"] == "held"
    stranger = secret_api(build_site("Other", host="other.example"))
    unknown = stranger.get(path("019a0000-0000-7000-8000-000000000001"))
    assert stranger.get(path(published.id)).raw == unknown.raw


def test_a_site_sees_all_but_the_address(site: Site, secret: Api) -> None:
    comment = submit_screened(site, LINKED, email="ada.lovelace@reader.example")
    answer = secret.get(f"/api/v1/comments/{comment.id}")
    body = answer.body
    assert (body["status"], body["reader_status"], body["version"]) == ("held", "awaiting_moderation", 2)
    assert body["author"]["email_mask"] == "a…@reader.example"
    assert b"lovelace" not in answer.raw
    assert body["body"] == LINKED
    screening = body["screening"]
    assert (screening["outcome"], screening["runner"]) == ("hold", "run_jobs")
    reason = next(r for r in screening["reasons"] if r["code"] == "links.first_link")
    span = reason["spans"][0]
    assert LINKED[span["start"] : span["end"]] == "https://city.example/rents"
    assert "city.example" in reason["sentence"]
    assert [d["reason"] for d in body["decisions"]] == ["verdict.doubt"]


def test_a_site_lists_what_waits(site: Site, secret: Api) -> None:
    held = [submit_screened(site, SOME_LINKED[n], email=f"r{n}@reader.example") for n in range(3)]
    submit_screened(site)
    submit_screened(build_site("Other", host="other.example"), LINKED, url="https://other.example/a")
    first = secret.get("/api/v1/comments?status=held&limit=2")
    rest = secret.get(f"/api/v1/comments?status=held&limit=2&after={first.body['next_after']}")
    assert [c["id"] for page in (first, rest) for c in page.body["comments"]] == [str(c.id) for c in held]
    assert len(secret.get("/api/v1/comments").body["comments"]) == 4
    assert secret.get("/api/v1/comments?status=erased").body == {"comments": [], "next_after": None}


@pytest.mark.parametrize(
    "query", ["status=x", "status[]=held", "status=held&status=spam", "limit=101", "after=x", "a=%FF", "q=é"]
)
def test_a_list_is_asked_for_properly_or_not_at_all(secret: Api, query: str) -> None:
    assert secret.get(f"/api/v1/comments?{query}").status == 400


def test_pages_may_not_list(public: Api, site: Site) -> None:
    for key in (public, secret_api(site, Scope.SUBMIT)):
        answer = key.get("/api/v1/comments")
        assert (answer.status, answer.code) == (403, "missing_scope")


def test_what_reading_costs_in_queries_does_not_grow(site: Site, public: Api, secret: Api) -> None:
    def count(call) -> int:
        with CaptureQueriesContext(connection) as captured:
            call()
        return len(captured)

    def costs() -> list[int]:
        path = f"/api/v1/sites/{public.key}/thread?url={PAGE}"
        etag = Api().get(path).headers["ETag"]
        return [
            count(lambda: Api().get(path)),
            count(lambda: Api().get(path, If_None_Match=etag)),
            count(lambda: secret.get("/api/v1/comments")),
        ]

    submit_screened(site)
    few = costs()
    for n in range(8):
        submit_screened(site, f"Remark {n}.", email=f"r{n}@reader.example")
    assert costs() == few == [2, 2, 3]
    pages.clear()
    path = f"/api/v1/sites/{public.key}/thread?url={PAGE}"
    assert count(lambda: Api().get(path)) == 4


@pytest.mark.parametrize("header", ["Basic dXNlcjpwYXNz", "Bearer cm_sk_wrong_wrong", "Bearer"])
def test_what_is_everybodys_asks_for_no_key(site: Site, public: Api, header: str) -> None:
    for path in (f"thread?url={PAGE}", "form-token?thread=x"):
        answer = Api().get(f"/api/v1/sites/{public.key}/{path}", Authorization=header)
        assert answer.status == 200
        assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_every_reply_of_a_busy_branch_is_reached(site: Site, public: Api) -> None:
    root = submit_screened(site)
    reply = submit_screened(site, "I agree.", parent_id=root.id, email="bo@reader.example")
    wanted = [root, reply, *publish_replies(reply, 450)]
    other = submit_screened(site, "Another remark.", email="cy@reader.example")
    wanted += [other, submit_screened(site, "So it is.", parent_id=other.id, email="di@reader.example")]
    path = f"/api/v1/sites/{public.key}/thread?url={PAGE}"
    page = Api().get(path).body
    found = [comment["id"] for comment in page["comments"]]
    (more,) = page["more_replies"]
    assert more["root"] == str(root.id)
    after = more["after"]
    while after:
        branch = Api().get(f"{path}&root={more['root']}&after={after}&limit=100").body
        assert {comment["root"] for comment in branch["comments"]} == {str(root.id)}
        assert branch["more_replies"] == []
        found += [comment["id"] for comment in branch["comments"]]
        after = branch["next_after"]
    assert sorted(found) == sorted(str(comment.id) for comment in wanted)


def test_what_is_no_top_comment_of_the_thread_has_no_branch(site: Site, public: Api) -> None:
    root = submit_screened(site)
    elsewhere = "https://news.example/second"
    other = submit_screened(site, "Elsewhere.", url=elsewhere, email="bo@reader.example")
    path = f"/api/v1/thread?url={PAGE}&root="
    assert public.get(f"{path}{other.id}").status == 404
    assert public.get(f"{path}{root.id}").body["comments"] == []
