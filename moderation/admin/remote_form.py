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
    """The fields that all services share. A key is never shown after it is entered."""

    based_on = forms.IntegerField(widget=forms.HiddenInput)
    is_on = forms.BooleanField(required=False, label="Use this service")
    base_url = forms.CharField(
        max_length=LONGEST_URL, label="Address", help_text="The operator must allow its host."
    )
    key = forms.CharField(
        max_length=LONGEST_KEY,
        required=False,
        label="Key",
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text="Stored encrypted and never shown. Leave empty to keep the stored key; a different host "
        "needs a new one.",
    )
    forgets_key = forms.BooleanField(required=False, label="Delete the stored key")
    asks_about = forms.ChoiceField(
        label="Ask about",
        widget=forms.RadioSelect,
        choices=[
            (AsksAbout.ALL.value, "every comment that would be published or held"),
            (AsksAbout.DOUBT.value, "only comments that would be held"),
        ],
    )
    on_failure = forms.ChoiceField(
        label="If there is no answer",
        widget=forms.RadioSelect,
        choices=[
            (OnFailure.HOLD.value, "hold the comment for review"),
            (OnFailure.IGNORE.value, "continue without it"),
        ],
    )
    daily_budget = forms.IntegerField(
        min_value=0,
        max_value=MOST_BUDGET,
        label="Calls per day",
        help_text="Counted per day in UTC. Beyond this limit the service is not called.",
    )
    time_limit_s = forms.IntegerField(
        min_value=LEAST_TIME_LIMIT_S, max_value=MOST_TIME_LIMIT_S, label="Time limit in seconds"
    )

    def read_settings(self, before: ServiceSettings) -> ServiceSettings:
        """The entered settings; those that the form does not show stay as they are."""
        values: dict[str, Any] = {
            name: value for name, value in self.cleaned_data.items() if name not in _NOT_SETTINGS
        }
        values["asks_about"] = AsksAbout(values["asks_about"])
        values["on_failure"] = OnFailure(values["on_failure"])
        return replace(before, **values)


class AkismetForm(ServiceForm):
    """Akismet, or a service with the same API."""

    sends_email = forms.BooleanField(
        required=False,
        label="Send email addresses too",
        help_text="When off, no address leaves this server. When on, each address that is sent is recorded.",
    )
    is_test = forms.BooleanField(
        required=False, label="Test mode", help_text="Akismet learns nothing from what it is sent."
    )


class PolicyModelForm(ServiceForm):
    """A model behind an OpenAI-compatible server."""

    field_order = ("based_on", "is_on", "base_url", "key", "forgets_key", "model", "policy_text")

    model = forms.CharField(
        max_length=LONGEST_MODEL, required=False, label="Model", help_text="The name that the server uses."
    )
    policy_text = forms.CharField(
        max_length=LONGEST_POLICY,
        required=False,
        label="Your policy",
        widget=forms.Textarea(attrs={"rows": 12}),
        help_text="What comments may not do here, clause by clause, with an example or two.",
    )
