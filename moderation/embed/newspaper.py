"""The demo site: a fictional newspaper with articles of our own."""

from django.db import Error as StoreError
from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from moderation.embed.challenge import show_challenge
from moderation.embed.language import in_language, name_language
from moderation.embed.pace import limit_reads
from moderation.embed.page import Page
from moderation.embed.posting import UNAVAILABLE_RETRY_S, post_comment
from moderation.embed.showing import show_page
from moderation.flow.comments.threads import ThreadRef
from moderation.lib.database_errors import is_passing
from moderation.models import Site
from moderation.queries.articles import DEMO_SLUG, NEWSPAPER, Article, all_articles, article_url
from moderation.queries.pages import counts_of_threads, find_site_by_slug

MOST_DISCUSSED = 3
# Whether this process has seen the demo site. Without a database its articles are shown only if it has; if it
# has not, nobody is told that there are none.
_seen = {"demo": False}


@require_safe
@limit_reads
def front_page(request: HttpRequest) -> HttpResponse:
    """The list of articles, and the most discussed ones."""
    articles = list(all_articles().values())
    counts: dict[str, int] = {}
    try:
        keys = {article_url(article): article.slug for article in articles}
        found = counts_of_threads(_access_demo_site().id, keys)
        counts = {keys[key]: count for key, count in found.items()}
    except StoreError as error:
        if not is_passing(error):
            raise
        if not _seen["demo"]:
            return _say_unavailable()
    listed = [(article, counts.get(article.slug, 0)) for article in articles]
    discussed = sorted((each for each in listed if each[1]), key=lambda each: -each[1])[:MOST_DISCUSSED]
    context = {"newspaper": NEWSPAPER, "articles": listed, "discussed": discussed}
    response = HttpResponse(render_to_string("embed/front.html", context))
    response["Cache-Control"] = "no-cache"
    return response


@require_safe
@in_language
@limit_reads
def article_page(request: HttpRequest, slug: str) -> HttpResponse:
    """One article with its thread and the form. It can be read without a database, too."""
    article = _access_article(slug)
    try:
        return show_page(request, build_article_page(_access_demo_site(), article, name_language(request)))
    except StoreError as error:
        if not is_passing(error):
            raise
        return _say_unavailable(article if _seen["demo"] else None)


# No cookie grants a reader any right here, so a forged request can do nothing that anybody may not do by
# hand; the form's own token also works where third-party cookies are blocked.
@csrf_exempt
@require_POST
@in_language
def article_comments(request: HttpRequest, slug: str) -> HttpResponse:
    """Accept the form under an article."""
    language = name_language(request)
    return post_comment(
        request, lambda: build_article_page(_access_demo_site(), _access_article(slug), language)
    )


@require_safe
@limit_reads
def article_challenge(request: HttpRequest) -> HttpResponse:
    """A challenge for the form under an article, where the demo site asks for a proof of work."""
    return show_challenge(_access_demo_site())


def build_article_page(site: Site, article: Article, language: str = "") -> Page:
    """Where the article's thread is shown, in `language`; the article itself is in English."""
    return Page(
        site=site,
        ref=ThreadRef(url=article_url(article), title=article.title),
        path=article.path,
        challenge_path=reverse("article-challenge"),
        post_path=reverse("article-comments", args=[article.slug]),
        template="embed/article.html",
        query={"lang": language} if language else {},
        context=_article_context(article),
    )


def _article_context(article: Article) -> dict[str, object]:
    articles = all_articles()
    return {
        "newspaper": NEWSPAPER,
        "article": article,
        "previous": articles.get(article.previous),
        "next": articles.get(article.next),
    }


def _access_demo_site() -> Site:
    site = find_site_by_slug(DEMO_SLUG)
    if site is None:
        raise Http404("There is no demo site here.")
    _seen["demo"] = True
    return site


def _say_unavailable(article: Article | None = None) -> HttpResponse:
    """The article without its thread, or a notice that nothing can be shown."""
    if article is None:
        text = gettext("This page cannot be shown right now. Please try again in a moment.")
        page = render_to_string("embed/notice.html", {"text": text})
    else:
        page = render_to_string("embed/article.html", {**_article_context(article), "is_unavailable": True})
    response = HttpResponse(page, status=503)
    response["Retry-After"] = str(UNAVAILABLE_RETRY_S)
    response["Cache-Control"] = "no-store"
    return response


def _access_article(slug: str) -> Article:
    article = all_articles().get(slug)
    if article is None:
        raise Http404("There is no such article.")
    return article
