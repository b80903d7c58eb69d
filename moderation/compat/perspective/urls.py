"""The addresses of Perspective's version v1alpha1, and of its discovery document in both forms."""

from django.urls import path, re_path

from moderation.compat.perspective.views import (
    AnalyzeView,
    DiscoveryView,
    SuggestScoreView,
    UnknownMethodView,
)

urlpatterns = [
    path("v1alpha1/comments:analyze", AnalyzeView.as_view()),
    path("v1alpha1/comments:suggestscore", SuggestScoreView.as_view()),
    path("$discovery/rest", DiscoveryView.as_view()),
    path("discovery/v1/apis/commentanalyzer/v1alpha1/rest", DiscoveryView.as_view()),
    re_path(r"^(v1alpha1|\$discovery|discovery)/", UnknownMethodView.as_view()),
]
