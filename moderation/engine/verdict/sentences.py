"""One plain English sentence for each signal code, as moderators read it."""

from collections.abc import Mapping

from moderation.domain.signals import Param

_SENTENCES: dict[str, str] = {
    "engine.check_failed": "The check “{check}” could not finish ({error})",
    "policy.premoderated": "This site looks at every comment before it is published",
    "rules.hold": "Rule “{rule}” (version {version})",
    "rules.spam": "Rule “{rule}” (version {version})",
    "rules.reject": "Rule “{rule}” (version {version})",
    "rules.route": "Rule “{rule}” (version {version}), for the queue “{queue}”",
    "rules.shadow": "Rule “{rule}” (version {version}) only watches; its action would be: {action}",
    "links.count": "{count} link(s)",
    "links.only": "Nothing but links",
    "links.dense": "Links make up {percent} % of the text",
    "links.first_link": "A link ({host}) from an author without a record",
    "links.shortener": "{count} link(s) through a shortener ({host})",
    "links.punycode": "A link to a host in coded spelling ({host})",
    "links.lookalike_host": "A link to a host whose letters only look Latin ({host})",
    "links.ip_host": "A link to a bare IP address ({host})",
    "links.userinfo": "A link that hides its host behind a user name ({host})",
    "links.markup": "{kind} link markup, which people do not type here",
    "links.anchor_mismatch": "A link that shows {shown} and leads to {host}",
    "links.broken_up": "A link broken up so that it is not seen as one",
    "links.website_shortener": "The website is a shortened link ({host})",
    "links.name": "The name is a link",
    "model.insult": "Reads like an insult ({rarity} harmless comments do)",
    "model.identity": "Reads like an attack on a group of people ({rarity} harmless comments do)",
    "model.threat": "Reads like a threat ({rarity} harmless comments do)",
    "model.profanity": "Swears a lot ({rarity} harmless comments do so much)",
    "model.sexual": "Reads like a sexual remark ({rarity} harmless comments do)",
    "model.abuse": "Reads like abuse in its language ({language}; {rarity} harmless comments do)",
    "model.spam": "Reads like advertising ({rarity} harmless comments do)",
    "model.unjudged": "Written in a language in which abuse is found by word lists only",
    "wordlist.blocked": "{count} word(s) that this site blocks: {words}",
    "wordlist.threat": "A threat or a wish of death: {words}",
    "wordlist.hatred": "Says that it hates a group of people: {words}",
    "wordlist.mild": "{count} mild swear word(s): {words}",
    "wordlist.strong": "{count} strong swear word(s): {words}",
    "wordlist.severe": "{count} severe insult(s): {words}",
    "wordlist.slur": "{count} slur(s) against a group: {words}",
    "domains.blocked": "A domain that this site blocks: {domain}",
    "domains.listed": "A domain known from spam: {domain}",
    "reputation.spam": "People found {count} comment(s) that led to {domain} to be spam",
    "reputation.known_good": "Leads only where comments that people published lead, too",
    "reputation.new_domain": "The first links to {domain} here, from an author without a record",
    "disposable_mail.provider": "A throw-away mail provider: {domain}",
    "form.honeypot": "A form field was filled in that people do not see",
    "form.too_fast": "Written and sent within {seconds} s",
    "form.no_token": "Sent without the form's token",
    "form.stale_token": "The form was opened {hours} hours before and not confirmed",
    "duplicates.own": "The author posted the same text {count} time(s) before",
    "duplicates.exact": "{count} other comment(s) with the same text",
    "duplicates.near": "{count} other comment(s) with nearly the same text ({percent} %)",
    "duplicates.of_spam": "The text was found to be spam {count} time(s) before",
    "campaign.cluster": "{authors} authors, {threads} threads, one day: the same address in like words",
    "campaign.link": "{authors} authors, {threads} threads, one day: the same new domain",
    "rate.author_burst": "{count} comments of this author within 10 minutes",
    "rate.author_day": "{count} comments of this author within a day",
    "rate.ip_burst": "{count} comments from this connection within 10 minutes",
    "rate.ip_day": "{count} comments from this connection within a day",
    "disguise.invisible": "Invisible characters inside words, {count} time(s)",
    "disguise.mixed_script": "{count} word(s) that mix letters of several alphabets",
    "disguise.zalgo": "Stacked accents, {count} time(s)",
    "disguise.bidi": "Characters that turn the direction of writing, {count} time(s)",
    "disguise.styled": "Letters in fancy type",
    "disguise.hidden_word": "A word in disguise: {word}",
    "disguise.masked_word": "{count} word(s) with letters blotted out: {word}",
    "gibberish.text": "Keys hit at random, {percent} % of the text",
    "gibberish.words": "{count} word(s) of keys hit at random",
    "impersonation.staff": "The name passes for {staff_name}, who is on the staff",
    "identity.keyword_name": "The name is made of {count} words to be found by: {words}",
    "identity.name_is_site": "The name advertises the website ({host})",
    "identity.name_is_host": "The name is the website's host ({host})",
    "identity.unrelated_website": "Praise for any article, and a website ({host}) of nobody in it",
    "identity.website_in_text": "The text links to the author's own website ({host})",
    "language.other": "Written in {language}; this site reads {expected}",
    "history.spam": "{count} of the author's {of} comments were spam",
    "history.rejected": "{count} of the author's {of} comments were rejected",
    "history.published": "{count} comment(s) of this proven author were published",
    "site_filter.abuse": "This site would most likely reject it ({percent} %, from {lessons} decisions)",
    "site_filter.spam": "This site would most likely call it spam ({percent} %, from {lessons} decisions)",
    "site_filter.clean": "This site lets such comments pass ({percent} % against, from {lessons} decisions)",
    "test.spam": "The marker for testing spam",
    "test.hold": "The marker for testing holding",
    "patterns.praise_with_link": "Praise that fits any article, with a link",
    "patterns.pitch": "Advertising: “{phrase}”",
    "patterns.phone": "A telephone number",
    "patterns.messenger": "An invitation to a messenger",
    "patterns.email_address": "An e-mail address",
    "remote.akismet_spam": "Akismet takes it for spam{sure}",
    "remote.policy_broken": "The policy model says: {category}, {percent} % sure. “{reason}”",
    "remote.unavailable": "No answer from {service}: {error}",
    "remote.ignored_failure": "No answer from {service}: {error}; this site goes on without it",
    "spun.template": "Words of a template that fits any page ({rarity} harmless comments have so many)",
    "patterns.spin": "A template with words to choose from: {{a|b}}",
}


class _Gaps(dict[str, Param]):
    """Leaves a gap where a stored signal lacks a parameter that today's sentence names."""

    def __missing__(self, key: str) -> str:
        return "…"


def has_sentence(code: str) -> bool:
    """Whether `code` has words of its own."""
    return code in _SENTENCES


def say(code: str, params: Mapping[str, Param]) -> str:
    """What a signal says, for people. An unknown code speaks for itself."""
    sentence = _SENTENCES.get(code, code.replace("{", "{{").replace("}", "}}"))
    sentence = sentence.format_map(_Gaps(params))
    count = params.get("count")
    return sentence.replace("(s)", "" if count == 1 else "s")
