"""The discovery document: Google's clients read it and know which methods there are, and where."""

from collections.abc import Mapping
from typing import Any

_TEXT, _NUMBER, _WHOLE = {"type": "string"}, {"type": "number", "format": "float"}, {"type": "integer"}


def build_discovery(public_url: str) -> dict[str, Any]:
    """The document for a service that people reach at `public_url`."""
    root = f"{public_url}/"
    return {
        "kind": "discovery#restDescription",
        "discoveryVersion": "v1",
        "id": "commentanalyzer:v1alpha1",
        "name": "commentanalyzer",
        "version": "v1alpha1",
        "title": "Comment analysis, compatible with Perspective",
        "description": "Scores comments by attributes. Nothing of an analysed comment is stored.",
        "protocol": "rest",
        "rootUrl": root,
        "baseUrl": root,
        "basePath": "",
        "servicePath": "",
        "batchPath": "batch",
        "parameters": _PARAMETERS,
        "schemas": _SCHEMAS,
        "resources": {"comments": {"methods": {"analyze": _ANALYZE, "suggestscore": _SUGGEST_SCORE}}},
    }


def _method(name: str, request: str, response: str, description: str) -> dict[str, Any]:
    path = f"v1alpha1/comments:{name}"
    return {
        "id": f"commentanalyzer.comments.{name}",
        "httpMethod": "POST",
        "path": path,
        "flatPath": path,
        "description": description,
        "parameters": {},
        "parameterOrder": [],
        "request": {"$ref": request},
        "response": {"$ref": response},
    }


def _object(name: str, properties: Mapping[str, Any]) -> dict[str, Any]:
    return {"id": name, "type": "object", "properties": dict(properties)}


def _list(of: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": dict(of)}


def _ref(name: str) -> dict[str, Any]:
    return {"$ref": name}


def _by_name(name: str) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": _ref(name)}


_ANALYZE = _method(
    "analyze", "AnalyzeCommentRequest", "AnalyzeCommentResponse", "Scores a comment by attributes."
)
_SUGGEST_SCORE = _method(
    "suggestscore",
    "SuggestCommentScoreRequest",
    "SuggestCommentScoreResponse",
    "Tells the site's own filter what a moderator decided.",
)
_PARAMETERS = {
    "key": {"type": "string", "location": "query", "description": "A secret key of the site."},
    "alt": {"type": "string", "location": "query", "default": "json", "enum": ["json"]},
    "prettyPrint": {"type": "boolean", "location": "query", "default": "true"},
    "fields": {"type": "string", "location": "query"},
    "quotaUser": {"type": "string", "location": "query"},
}
_ABOUT_COMMENT = {
    "comment": _ref("TextEntry"),
    "context": _ref("Context"),
    "languages": _list(_TEXT),
    "clientToken": _TEXT,
    "communityId": _TEXT,
    "sessionId": _TEXT,
}
_SCHEMAS = {
    schema["id"]: schema
    for schema in (
        _object("TextEntry", {"text": _TEXT, "type": _TEXT}),
        _object(
            "ArticleAndParentComment", {"article": _ref("TextEntry"), "parentComment": _ref("TextEntry")}
        ),
        _object(
            "Context",
            {
                "entries": _list(_ref("TextEntry")),
                "articleAndParentComment": _ref("ArticleAndParentComment"),
            },
        ),
        _object("AttributeParameters", {"scoreType": _TEXT, "scoreThreshold": _NUMBER}),
        _object("Score", {"value": _NUMBER, "type": _TEXT}),
        _object("SpanScore", {"begin": _WHOLE, "end": _WHOLE, "score": _ref("Score")}),
        _object("AttributeScores", {"summaryScore": _ref("Score"), "spanScores": _list(_ref("SpanScore"))}),
        _object(
            "AnalyzeCommentRequest",
            {
                **_ABOUT_COMMENT,
                "requestedAttributes": _by_name("AttributeParameters"),
                "spanAnnotations": {"type": "boolean"},
                "doNotStore": {"type": "boolean"},
            },
        ),
        _object(
            "AnalyzeCommentResponse",
            {
                "attributeScores": _by_name("AttributeScores"),
                "languages": _list(_TEXT),
                "detectedLanguages": _list(_TEXT),
                "clientToken": _TEXT,
                "scoring": _ref("Scoring"),
            },
        ),
        _object(
            "Scoring",
            {"version": _TEXT, "languageSupport": _TEXT, "languageFallback": {"type": "boolean"}},
        ),
        _object(
            "SuggestCommentScoreRequest",
            {**_ABOUT_COMMENT, "attributeScores": _by_name("AttributeScores")},
        ),
        _object(
            "SuggestCommentScoreResponse",
            {"clientToken": _TEXT, "detectedLanguages": _list(_TEXT), "requestedLanguages": _list(_TEXT)},
        ),
    )
}
