"""Finds telephone numbers, invitations to messengers and mail addresses in a text."""

import re

_PHONE = re.compile(
    r"(?<![\w./#=-])\+?\(?\d{1,4}\)?(?:[ .()/-]{1,2}\d{2,8}){2,5}(?![\w/]|[.-]\d)"
    r"|(?<![\w/#=.-])\+\d{9,15}\b"
)
_MESSENGER = re.compile(
    r"\b(?:t\.me|telegram\.me|wa\.me|chat\.whatsapp\.com|discord\.gg)/\S"
    r"|\b(?:whats\s?app|telegram|tele\s?gram|signal|skype|kik|wechat|viber|icq|line id|snapchat)\b"
    r"(?: (?:me|us|him|her|number|no|id|channel|group|at|on|via))*\s?[:@+=#]\s?[@+]?(?P<handle>[\w.+-]{3,})",
    re.IGNORECASE,
)
_EMAIL = re.compile(
    r"[A-Za-z0-9][\w.+-]{0,63}(?:@|\s?[\[(]at[\])]\s?)[A-Za-z0-9-]{1,63}(?:(?:\.|\s?[\[(]dot[\])]\s?)[A-Za-z0-9-]{2,24}){1,4}"
)
_NO_PHONE = re.compile(r"\d{4}-\d{2}-\d{2}|\d{1,3}(?:\.\d{1,3}){3}|.*\d{1,2}[./]\d{1,2}[./](?:19|20)\d{2}")
# The most contacts of a text that are compared; a text with more is a directory.
MOST_CONTACTS = 2


def find_phones(text: str) -> list[re.Match[str]]:
    """Matches of numbers with 9 to 15 digits that are neither dates nor IP addresses."""
    return [
        match
        for match in _PHONE.finditer(text)
        if 9 <= sum(map(str.isdigit, match.group())) <= 15 and not _NO_PHONE.match(match.group())
    ]


def find_messengers(text: str) -> list[re.Match[str]]:
    """Invitations to a messenger, with a name or number."""
    return list(_MESSENGER.finditer(text))


def find_emails(text: str) -> list[re.Match[str]]:
    """Mail addresses, including those spelled with (at) and (dot)."""
    return list(_EMAIL.finditer(text)) if "@" in text or "at" in text else []


def contacts_of(text: str) -> tuple[str, ...]:
    """At most `MOST_CONTACTS` numbers and handles of `text`, normalised for comparison, not for display."""
    numbers = ["".join(filter(str.isdigit, match.group())) for match in find_phones(text)]
    handles = [match["handle"].lower() for match in find_messengers(text) if match["handle"]]
    return tuple(dict.fromkeys((*numbers, *handles)))[:MOST_CONTACTS]
