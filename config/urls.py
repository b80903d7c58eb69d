"""The URLs of the service."""

from django.urls import include, path

from moderation.admin.site import site_admin

urlpatterns = [
    path("", include("moderation.api.health")),
    path("api/", include("moderation.api.urls")),
    path("", include("moderation.compat.urls")),
    path("admin/", site_admin.urls),
    path("", include("moderation.embed.urls")),
]

handler400 = "config.web.error_pages.bad_request"
handler404 = "config.web.error_pages.not_found"
handler500 = "config.web.error_pages.server_error"
