"""The addresses of the Akismet API, versions 1.1 and 1.2."""

from django.urls import path

from moderation.compat.akismet import views

urlpatterns = [
    path("1.1/verify-key", views.verify_key),
    path("1.1/comment-check", views.comment_check),
    path("1.1/submit-spam", views.submit_spam),
    path("1.1/submit-ham", views.submit_ham),
    path("1.1/get-subscription", views.get_subscription),
    path("1.1/get-stats", views.get_stats),
    path("1.1/get-key-stats", views.get_stats),
    path("1.1/token", views.token),
    path("1.1/deactivate", views.deactivate),
    path("1.1/test", views.connectivity_test),
    path("1.2/usage-limit", views.usage_limit),
    path("1.2/key-sites", views.key_sites),
]
