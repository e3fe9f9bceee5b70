"""The project speaks the language of its field: private words occur in no code, help text, document or test."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
FOLDERS = ("kgrec_gds", "cypher", "plugin", "tests", "benchmarks", "docs", "docker", "import")
SUFFIXES = {".py", ".md", ".java", ".cypher", ".html", ".grass", ".toml", ".yml", ".yaml", ".css", ".js"}
#: The list of words itself, and the page that says what they mean.
EXEMPT = {"tests/unit/test_vocabulary.py", "docs/glossary.md"}

#: Private word -> the field's word. A space also matches a line break, in a comment too.
WORDS = {
    "krig[a-z]*": "Gaussian process, posterior mean",
    "sights?": "covariates",
    "own( |_|-)errors": "past errors",
    "committee": "ensemble",
    "complement(s|ed|ing)?": "blend",
    "what the trees leave": "residuals of the trees",
    "is moved by": "is shifted by",
    "lean(s|ing)?": "ridge regression, coefficient",
    "rooms?": "package, module, stage",
    "opinions?": "ratings",
    "sieves?": "filter",
    "parted": "split",
    "br(oken|oke) off": "interrupted",
    "of before": "earlier",
    "(is|are|was|were|be) told": "is called, is set",
    "told (of|that|how|which|what)": "called with",
    "aloud": "says, warns",
    "by all that": "from all ratings that",
    "way of the data": "pipeline, steps",
    "goes on where": "continues",
    "go_on": "resume",
}


def pattern(word: str) -> re.Pattern[str]:
    spaced = word.replace(" ", r"[\s#/*]+")
    return re.compile(rf"(?<![a-z])(?:{spaced})(?![a-z])", re.IGNORECASE)


PATTERNS = {word: pattern(word) for word in WORDS}


def files() -> Iterator[Path]:
    for path in sorted(ROOT.iterdir()):
        if path.is_file() and (path.suffix in SUFFIXES or path.name == "Makefile"):
            yield path
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.is_file() and path.suffix in SUFFIXES and "__pycache__" not in path.parts:
                yield path


TEXTS = {
    name: path.read_text(encoding="utf-8")
    for path in files()
    if (name := str(path.relative_to(ROOT))) not in EXEMPT
}


def test_the_patterns_find_words_in_names_and_across_lines_but_not_within_words() -> None:
    assert PATTERNS["krig[a-z]*"].search("def kriged_log")
    assert PATTERNS["own( |_|-)errors"].search("benchmarks/own_errors.py")
    assert PATTERNS["br(oken|oke) off"].search("# it was broken\n    # off")
    assert PATTERNS["lean(s|ing)?"].search("user_lean_year")
    assert not PATTERNS["lean(s|ing)?"].search("clean, cleaning, boolean")
    assert not PATTERNS["rooms?"].search("classroom")
    assert not PATTERNS["parted"].search("departed")


@pytest.mark.parametrize("word", WORDS)
def test_no_text_of_the_project_uses_a_private_word(word: str) -> None:
    found = [
        f"{name}:{text.count(chr(10), 0, match.start()) + 1}: {match.group()}"
        for name, text in TEXTS.items()
        for match in PATTERNS[word].finditer(text)
    ]
    assert found == [], f"use instead: {WORDS[word]}"


def test_no_file_is_named_by_a_private_word() -> None:
    assert [name for name in TEXTS for expression in PATTERNS.values() if expression.search(name)] == []
