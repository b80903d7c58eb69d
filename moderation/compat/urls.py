"""The addresses of the services that this one stands in for, by service."""

from django.urls import URLPattern, URLResolver, include, path

# config/web/wsgi.py names the prefixes that are served without the middleware of pages.
urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("moderation.compat.akismet.urls")),
    path("", include("moderation.compat.cleantalk.urls")),
    path("", include("moderation.compat.coral.urls")),
    path("", include("moderation.compat.openai_moderations.urls")),
    path("", include("moderation.compat.perspective.urls")),
]
