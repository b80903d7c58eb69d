"""Addresses of the admin's own pages; each view is guarded by `ModerationAdminSite`."""

from django.urls import path

from moderation.admin import keys, policies, records, roles, sites, threads

SITE = "sites/<uuid:site_id>/"

urlpatterns = [
    path("sites/", sites.site_list, name="sites"),
    path("sites/add/", sites.add_site, name="site-add"),
    path(SITE, sites.site_page, name="site"),
    path(f"{SITE}policy/", policies.policy_page, name="site-policy"),
    path(f"{SITE}policy/<int:version>/", policies.policy_version, name="site-policy-version"),
    path(f"{SITE}keys/", keys.key_list, name="site-keys"),
    path(f"{SITE}keys/<uuid:key_id>/revoke/", keys.key_revoke, name="site-key-revoke"),
    path(f"{SITE}people/", roles.role_list, name="site-people"),
    path(f"{SITE}people/mail/", roles.own_notify, name="site-own-notify"),
    path(f"{SITE}people/<int:role_id>/", roles.role_page, name="site-person"),
    path(f"{SITE}people/<int:role_id>/remove/", roles.role_remove, name="site-person-remove"),
    path(f"{SITE}threads/", threads.thread_list, name="site-threads"),
    path(f"{SITE}threads/<uuid:thread_id>/", threads.thread_change, name="site-thread"),
    path("records/", records.record_index, name="records"),
]
