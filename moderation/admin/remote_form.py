"""The forms of outside services."""

from dataclasses import replace
from typing import Any

from django import forms

from moderation.domain.remote import (
    LEAST_TIME_LIMIT_S,
    LONGEST_KEY,
    LONGEST_MODEL,
    LONGEST_POLICY,
    LONGEST_URL,
    MOST_BUDGET,
    MOST_TIME_LIMIT_S,
    AsksAbout,
    OnFailure,
    ServiceSettings,
)

_NOT_SETTINGS = {"based_on", "key", "forgets_key"}


class ServiceForm(forms.Form):
    """What all services have. A key is typed in and never shown again."""

    based_on = forms.IntegerField(widget=forms.HiddenInput)
    is_on = forms.BooleanField(required=False, label="Ask this service")
    base_url = forms.CharField(
        max_length=LONGEST_URL, label="Address", help_text="Its host must be one that the operator allows."
    )
    key = forms.CharField(
        max_length=LONGEST_KEY,
        required=False,
        label="Key",
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text="Sealed when it is stored and never shown. Leave empty to keep the one that is there; "
        "another host needs a new one.",
    )
    forgets_key = forms.BooleanField(required=False, label="Forget the stored key")
    asks_about = forms.ChoiceField(
        label="Ask about",
        widget=forms.RadioSelect,
        choices=[
            (AsksAbout.ALL.value, "every comment that would be published or held"),
            (AsksAbout.DOUBT.value, "only what would be held"),
        ],
    )
    on_failure = forms.ChoiceField(
        label="Where no answer comes",
        widget=forms.RadioSelect,
        choices=[
            (OnFailure.HOLD.value, "hold the comment for a person"),
            (OnFailure.IGNORE.value, "go on without it"),
        ],
    )
    daily_budget = forms.IntegerField(
        min_value=0,
        max_value=MOST_BUDGET,
        label="Calls a day",
        help_text="Days are those of UTC. Beyond it no answer comes.",
    )
    time_limit_s = forms.IntegerField(
        min_value=LEAST_TIME_LIMIT_S, max_value=MOST_TIME_LIMIT_S, label="Time limit in seconds"
    )

    def read_settings(self, before: ServiceSettings) -> ServiceSettings:
        """What was typed; what this form does not ask for stays."""
        values: dict[str, Any] = {
            name: value for name, value in self.cleaned_data.items() if name not in _NOT_SETTINGS
        }
        values["asks_about"] = AsksAbout(values["asks_about"])
        values["on_failure"] = OnFailure(values["on_failure"])
        return replace(before, **values)


class AkismetForm(ServiceForm):
    """Akismet, or whatever speaks its API."""

    sends_email = forms.BooleanField(
        required=False,
        label="Send e-mail addresses too",
        help_text="Off, no address leaves this server. On, each one that does is on record.",
    )
    is_test = forms.BooleanField(
        required=False, label="Test mode", help_text="Akismet learns nothing from what it is sent."
    )


class PolicyModelForm(ServiceForm):
    """A model behind an OpenAI-compatible server."""

    field_order = ("based_on", "is_on", "base_url", "key", "forgets_key", "model", "policy_text")

    model = forms.CharField(
        max_length=LONGEST_MODEL, required=False, label="Model", help_text="As its server names it."
    )
    policy_text = forms.CharField(
        max_length=LONGEST_POLICY,
        required=False,
        label="Your policy",
        widget=forms.Textarea(attrs={"rows": 12}),
        help_text="What comments may not do here, clause by clause, with an example or two.",
    )
