"""The URLs of the scoring server: what answers without storing anything."""

from django.http import HttpRequest, HttpResponse
from django.urls import include, path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe


@never_cache
@require_safe
def livez(request: HttpRequest) -> HttpResponse:
    """200 as long as this process answers."""
    return HttpResponse("ok\n", content_type="text/plain")


urlpatterns = [
    path("livez", livez, name="livez"),
    path("", include("moderation.compat.openai_moderations.urls")),
    path("", include("moderation.compat.perspective.urls")),
]

handler400 = "config.web.error_pages.bad_request"
handler404 = "config.web.error_pages.not_found"
handler500 = "config.web.error_pages.server_error"
