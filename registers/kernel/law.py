"""How a source of law is cited in a language.

Sources are written once, in the short form of the Union's English texts (`Art. 28(3)(g)`).
"""

import re

_ARTICLE = re.compile(r"Art\. (\d+)((?:\([0-9a-z]+\))*)")
_PART = re.compile(r"\(([0-9]+|[a-z])\)")


def cite(source: str, language: str) -> str:
    """The source as jurists of the language write it: `art. 28, § 3, g)` in French.

    No line ends between a sign and its number.
    """
    if language != "fr":
        return source
    french = _ARTICLE.sub(_french_article, source)
    return (
        french.replace(" to ", " à ")
        .replace("EDPB Opinion", "avis du CEPD")
        .replace("Decision (EU)", "décision (UE)")
        .replace("annex ", "annexe ")
    )


def _french_article(found: re.Match[str]) -> str:
    parts = [
        f"§\N{NO-BREAK SPACE}{part}" if part.isdigit() else f"{part})"
        for part in _PART.findall(found.group(2))
    ]
    return ", ".join([f"art.\N{NO-BREAK SPACE}{found.group(1)}", *parts])
