"""Akismet's comment check by its published API 1.1: the request is a form, the answer one word."""

from typing import Any
from urllib.parse import urlencode

from moderation.clients.outside import Reply, Request, check_status
from moderation.domain.remote import CallFailed, Failure, Question

CHECK_PATH = "/1.1/comment-check"


class Akismet:
    """Asks whether a comment is spam."""

    def build_request(self, question: Question) -> Request:
        """The form. Akismet requires the sender's address. A comment without a network raises `CallFailed`,
        because Akismet would judge an invented address.
        """
        if not question.comment.network:
            raise CallFailed(Failure.INCOMPLETE)
        values = {name: value for name, value in _values(question).items() if value}
        return Request(
            url=question.settings.base_url + CHECK_PATH,
            headers={"Content-Type": "application/x-www-form-urlencoded"},
            body=urlencode({"api_key": question.key, **values}, errors="replace").encode(),
            fields=tuple(values),
        )

    def read_reply(self, reply: Reply) -> dict[str, Any]:
        """`spam`, and `discard` if Akismet is certain. Raises `CallFailed`.

        Errors have status 200, too: any answer but `true` or `false` is one.
        """
        check_status(reply)
        word = reply.body.strip()
        if word == b"invalid":
            raise CallFailed(Failure.UNAUTHORISED)
        if word not in (b"true", b"false"):
            raise CallFailed(Failure.BAD_ANSWER)
        is_spam = word == b"true"
        return {"spam": is_spam, "discard": is_spam and reply.headers.get("x-akismet-pro-tip") == "discard"}


def _values(question: Question) -> dict[str, str]:
    comment, settings = question.comment, question.settings
    return {
        "blog": comment.site_url,
        "user_ip": comment.network,
        "permalink": comment.page_url,
        "comment_type": "reply" if comment.is_reply else "comment",
        "comment_author": comment.name,
        "comment_author_email": comment.email if settings.sends_email else "",
        "comment_author_url": comment.website,
        "comment_content": comment.text,
        "comment_date_gmt": comment.submitted_at.isoformat(),
        "blog_lang": ", ".join(comment.languages),
        "blog_charset": "UTF-8",
        "is_test": "1" if settings.is_test else "",
    }
