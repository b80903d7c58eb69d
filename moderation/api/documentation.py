"""The description of the API: as OpenAPI for programs, and as a page for people."""

from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import get_resolver
from django.views.generic import TemplateView

from moderation.api.guide import build_guide
from moderation.api.openapi import build_document
from moderation.api.rendering import Response
from moderation.api.view import NO_KEY, ApiView, allow


@cache
def load_schema() -> dict[str, Any]:
    """The OpenAPI 3.1 document; it changes only with the code."""
    return build_document(get_resolver("moderation.api.urls").url_patterns, prefix="/api/")


class SchemaView(ApiView):
    """The OpenAPI document."""

    reads_keys = False

    @allow(NO_KEY)
    def get(self, request: HttpRequest) -> Response:
        """The document as JSON, for any page and program."""
        self.more_headers |= {"Access-Control-Allow-Origin": "*", "Cache-Control": "max-age=300"}
        return Response(load_schema())


class DocumentationView(TemplateView):
    """The description as one readable page without scripts."""

    template_name = "api/docs.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The page, with examples for the host that it was requested from."""
        base = request.build_absolute_uri("/").rstrip("/")
        return self.render_to_response({"guide": build_guide(load_schema(), base_url=base)})
