"""`GET /empty` does nothing at all; `POST /lean` reads JSON, checks two fields and inserts one row."""

import orjson
from django.http import HttpRequest, HttpResponse
from django.urls import path

from bench.reference.models import LeanComment


def empty(request: HttpRequest) -> HttpResponse:
    """Nothing."""
    return HttpResponse(b"ok")


def lean(request: HttpRequest) -> HttpResponse:
    """One durable insert."""
    fields = orjson.loads(request.body)
    name, body = fields.get("name"), fields.get("body")
    if not (isinstance(name, str) and 0 < len(name) <= 100 and isinstance(body, str) and body):
        return HttpResponse(b'{"code":"invalid"}', status=400, content_type="application/json")
    stored = LeanComment.objects.create(name=name, body=body)
    answer = orjson.dumps({"id": stored.pk, "created_at": stored.created_at})
    return HttpResponse(answer, status=202, content_type="application/json")


urlpatterns = [path("empty", empty), path("lean", lean)]
