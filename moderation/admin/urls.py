"""Addresses of the admin's own pages; each view is guarded by `ModerationAdminSite`."""

from django.urls import path

from moderation.admin import (
    backtests,
    coral,
    keys,
    learning,
    policies,
    records,
    roles,
    rule_acts,
    rules,
    sites,
    threads,
    thresholds,
)
from moderation.admin import remote_services as remote

SITE = "sites/<uuid:site_id>/"
RULE = f"{SITE}rules/<uuid:rule_id>/"
BACKTEST = f"{RULE}backtests/<uuid:backtest_id>/"
REMOTE = f"{SITE}remote/<str:kind>/"

urlpatterns = [
    path("sites/", sites.site_list, name="sites"),
    path("sites/add/", sites.add_site, name="site-add"),
    path(SITE, sites.site_page, name="site"),
    path(f"{SITE}policy/", policies.policy_page, name="site-policy"),
    path(f"{SITE}policy/thresholds/", thresholds.thresholds_page, name="site-thresholds"),
    path(f"{SITE}policy/<int:version>/", policies.policy_version, name="site-policy-version"),
    path(f"{SITE}learning/", learning.learning_page, name="site-learning"),
    path(f"{SITE}rules/", rules.rule_list, name="site-rules"),
    path(f"{SITE}rules/add/", rules.rule_add, name="site-rule-add"),
    path(RULE, rules.rule_page, name="site-rule"),
    path(f"{RULE}mode/", rule_acts.rule_mode, name="site-rule-mode"),
    path(f"{RULE}undo/", rule_acts.rule_undo, name="site-rule-undo"),
    path(f"{RULE}move/", rule_acts.rule_move, name="site-rule-move"),
    path(f"{RULE}versions/<int:version>/", rule_acts.rule_restore, name="site-rule-restore"),
    path(f"{RULE}backtests/", backtests.backtest_start, name="site-backtests"),
    path(BACKTEST, backtests.backtest_page, name="site-backtest"),
    path(f"{BACKTEST}cancel/", backtests.backtest_cancel, name="site-backtest-cancel"),
    path(f"{SITE}remote/", remote.service_list, name="site-remote"),
    path(REMOTE, remote.service_page, name="site-remote-service"),
    path(f"{REMOTE}versions/<int:version>/", remote.service_restore, name="site-remote-restore"),
    path(f"{SITE}keys/", keys.key_list, name="site-keys"),
    path(f"{SITE}keys/<uuid:key_id>/revoke/", keys.key_revoke, name="site-key-revoke"),
    path(f"{SITE}coral/", coral.coral_page, name="site-coral"),
    path(f"{SITE}people/", roles.role_list, name="site-people"),
    path(f"{SITE}people/mail/", roles.own_notify, name="site-own-notify"),
    path(f"{SITE}people/<int:role_id>/", roles.role_page, name="site-person"),
    path(f"{SITE}people/<int:role_id>/remove/", roles.role_remove, name="site-person-remove"),
    path(f"{SITE}threads/", threads.thread_list, name="site-threads"),
    path(f"{SITE}threads/<uuid:thread_id>/", threads.thread_change, name="site-thread"),
    path("records/", records.record_index, name="records"),
]
