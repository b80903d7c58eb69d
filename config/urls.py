"""Which address leads where."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("moderation.api.health")),
    path("admin/", admin.site.urls),
]
