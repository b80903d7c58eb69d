"""What a reader may send in each field: by the API and by the form alike. `number` is the corpus' row."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Typed:
    """A value in one field. Row 0 is of our own adding."""

    number: int
    field: str
    value: Any
    name: str = ""

    @property
    def label(self) -> str:
        return f"{self.number} {self.field} {self.name or repr(self.value)[:40]}"


def texts(number: int, field: str, *values: str) -> list[Typed]:
    return [Typed(number, field, value) for value in values]


def values(number: int, field: str, *sent: Any) -> list[Typed]:
    return [Typed(number, field, value) for value in sent]


FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466"
HEBREW = "\u05d1\u05b0\u05bc\u05e8\u05b5\u05d0\u05e9\u05b4\u05c1\u0596\u05d9\u05ea"
EMOJI = "\U0001f600" * 10_000

REFUSED: list[Typed] = [
    *texts(33, "body", "a\x00b"),
    *texts(33, "name", "a\x00b"),
    *texts(33, "website", "https://a.example/\x00"),
    *texts(40, "body", " \t\r\n ", " " * 10_000),
    *texts(41, "body", "\u200b", "\ufeff", "\u2800", "\u3164"),
    *texts(0, "body", "\u00ad\u200d\u2060", "\ufe0f", "\U000e0041" * 5, "\u115f\u1160\uffa0", "\x1b[31mred"),
    *texts(43, "body", "x" * 10_001),
    *texts(0, "body", "x" * 100_000, "x" * 10_000 + "\n\n\n"),
    *texts(46, "body", "Z" + "\u0301" * 500, "Z" + "\u0301\u200d" * 9),
    *texts(0, "name", "Z" + "\u0301" * 9),
    *texts(49, "name", "abc\u202edef"),
    *texts(0, "name", "\u2067abc", "abc\u061c", "a\u2028b", "a\x85b"),
    *texts(51, "name", "Ada\r\nBcc: x@y.example"),
    *texts(52, "name", "n" * 101, ""),
    *texts(0, "name", "\u200b", "n" * 10_000),
    *texts(56, "email", "", "a"),
    *texts(0, "email", "a@b", "a@b.example, c@d.example", "Ada <a@b.example>", "a@b..example", "@b.example"),
    *texts(57, "email", "a@b.example\r\nBcc: c@d.example", "a\x00@b.example"),
    *texts(58, "email", "a@" + "b" * 250 + ".example", "a" * 65 + "@b.example"),
    *texts(0, "email", "a@" + "b" * 64 + ".example", "a" * 100_000 + "@b.example"),
    *texts(60, "email", '"a b"@example.org', "a@[127.0.0.1]"),
    *texts(63, "website", "javascript:alert(1)", "JaVaScRiPt:alert(1)", "jav\tascript:alert(1)"),
    *texts(63, "website", "data:text/html,x", "vbscript:x", "file:///etc/passwd"),
    *texts(64, "website", "ftp://a/"),
    *texts(0, "website", "https://user:pass@a.example/", "https://a.example\\@b.example/", "https:a.example"),
    *texts(67, "website", "http://[::1", "http://a:99999999/", "//host", "http:///x"),
    *texts(0, "website", "http://a b/", "http://" + "a" * 300, "https://\u202ea.example/", "http://a.example:0/"),
]  # fmt: skip

# Taken and returned as it was sent; `name` and `website` too.
TAKEN: list[Typed] = [
    Typed(42, "body", "x" * 10_000, "10,000 letters"),
    Typed(44, "body", EMOJI, "10,000 emoji"),
    *texts(45, "body", FAMILY, "\U0001f1e9\U0001f1ea\U0001f1eb\U0001f1f7", "\u0915\u094d\u0937\u093f"),
    *texts(45, "body", HEBREW, "\u0645\u064e\u0631\u0652\u062d\u064e\u0628\u064b\u0627"),
    *texts(50, "body", "right to left: \u202eabc"),
    *texts(0, "body", "\ufdfa" * 10_000, "\ufffd", "{{ 7*7 }} {% debug %}", "%s %n ${jndi:ldap://a.example}"),
    *texts(0, "body", "'; DROP TABLE comment; --", "a\u2028b", "<!-- --><![CDATA[x]]>", "a\ufffe\uffff"),
    *texts(53, "name", "<script>alert(1)</script>", '"><img src=x onerror=y>', "' onx='"),
    *texts(55, "name", '=HYPERLINK("https://a.example")', "@SUM(1)", "+1", "\uff1d1"),
    *texts(68, "website", "http://127.0.0.1/", "http://169.254.169.254/latest/meta-data/"),
    *texts(69, "body", "<script>alert(1)</script><svg onload=alert(1)>", "[x](javascript:alert(1))"),
    *texts(69, "body", "![x](https://a.example/x.png)", "<math><mtext><mglyph><style><img src=x onerror=a>"),
    Typed(70, "body", "<b>" * 3000, "3,000 <b>"),
    Typed(70, "body", "<a href=" * 1250, "1,250 unclosed links"),
    Typed(70, "body", "[" * 5000, "5,000 ["),
    Typed(70, "body", "*" * 5000, "5,000 *"),
]  # fmt: skip

# Trimmed first, so that it does not come back with its TAB.
TRIMMED = Typed(55, "name", "\t=1")

# Only JSON can send these.
OF_JSON_ONLY: list[Typed] = [
    *texts(36, "body", "\ud800"),
    *texts(36, "name", "a\udfff"),
    *values(56, "email", ["x"], {"x": 1}, None),
    *values(52, "name", None, [], 7),
    *values(0, "body", [], {"x": 1}, 7, 1.5, True),
    *values(0, "website", [], {"x": 1}, 7, 1.5, True),
    Typed(0, "body", None),
    *values(28, "parent", True, [1], {}),
    Typed(26, "parent", 1.5),
    *values(0, "parent", "1", "", "{019a0000-0000-7000-8000-000000000001}", "0" * 5000),
    *values(0, "thread", None, [], "x", 7, {}, {"url": ["x"]}, {"key": " "}, {"key": {}}),
    *values(0, "thread", {"url": "javascript:alert(1)"}, {"url": "//a.example/"}, {"url": "https://[::1"}),
    *values(0, "thread", {"url": "https://news.example/" + "a" * 2000}, {"key": "k" * 501}, {"key": "a\nb"}),
    *values(0, "thread", {"key": "k", "title": "t" * 301}, {"key": "k", "site": "x"}, {"key": "k" * 100_000}),
    *values(0, "author_ip", "999.1.1.1", "localhost", 7, ["::1"], "1" * 5000),
    *values(0, "submitted_at", "yesterday", "2026-01-01", "2026-01-01T00:00:00", 7, []),
    *texts(0, "submitted_at", "2026-W01-1T00:00:00Z", "2026-13-01T00:00:00Z", "\u0662026-01-01T00:00:00Z"),
    *texts(0, "submitted_at", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"),
    *values(0, "author_verified", "true", 1, [], {}),
]  # fmt: skip
# Out of the range of any number that JSON readers agree on.
NUMBERS = {25: "1e400", 29: str(2**63), 30: str(2**200)}
