"""The address that CleanTalk's clients call when their server is `https://this.server/compat/cleantalk`."""

from django.urls import path

from moderation.compat.cleantalk import views

urlpatterns = [
    path("compat/cleantalk/api2.0", views.api),
    path("compat/cleantalk/api2.0/", views.api),
    path("compat/cleantalk", views.api),
    path("compat/cleantalk/", views.api),
]
