"""The WSGI application as servers call it."""

import io

import pytest

from config.wsgi import application
from config.wsgi_call import call_wsgi
from moderation.lib.answer import Answer


@pytest.mark.django_db  # the end of a request looks at the connections
@pytest.mark.parametrize("charset", ["base64", "utf-7", "utf-16", "rot13", "bogus", "utf-8"])
def test_a_charset_is_not_believed(charset: str) -> None:
    environ = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": "/api/v1/nothing",
        "QUERY_STRING": "x=%41",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "CONTENT_TYPE": f"application/json; charset={charset}",
        "CONTENT_LENGTH": "2",
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(b"{}"),
    }
    answer = call_wsgi(application, environ)
    assert isinstance(answer, Answer)
    assert (answer.status, b"not_found" in answer.body) == (404, True)
