"""The address to enter in Coral, under Configure, Moderation phases."""

from django.urls import path, re_path

from moderation.compat.coral import views

urlpatterns = [
    path("compat/coral/<str:public_key>", views.phase, name="coral-phase"),
    path("compat/coral/<str:public_key>/", views.phase),
    re_path("^compat/coral", views.nothing_here),
]
