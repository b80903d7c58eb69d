"""The address that OpenAI's clients call when their base URL is `https://this.server/v1`."""

from django.urls import path, re_path

from moderation.compat.openai_moderations import views

urlpatterns = [
    path("v1/moderations", views.moderation_create),
    path("v1/moderations/", views.moderation_create),
    re_path("^v1/moderations", views.nothing_here),
]
