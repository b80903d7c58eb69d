"""Which address leads where."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("moderation.api.health")),
    path("api/", include("moderation.api.urls")),
    path("admin/", admin.site.urls),
    path("", include("moderation.embed.urls")),
]
