"""The URLs of compatible services, for the handler that answers nothing else."""

from django.urls import include, path

from config import urls

urlpatterns = [path("", include("moderation.compat.urls"))]

handler400, handler404, handler500 = urls.handler400, urls.handler404, urls.handler500
