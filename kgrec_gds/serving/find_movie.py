"""Find movies by title through the full-text index, and resolve what a user calls a movie to its tconst.

The index yields candidates, misspelled ones included; how well a title fits is decided here, on text without case, accents
and punctuation.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

from kgrec_gds.database.connection import Connection
from kgrec_gds.errors import InputError
from kgrec_gds.progress import say
from kgrec_gds.schema import MOVIE_TITLE_INDEX

#: Titles that are compared here, of those that the index yields.
_MOST_CANDIDATES = 500
_MOST_LISTED = 5
#: Words that are searched for; a text can be of any length, a Lucene query cannot.
_MOST_WORDS = 20
_WAIT_SECONDS = 600
_TCONST = re.compile(r"tt\d+")
_YEAR = re.compile(r"(.*\S)\s*(?:\((\d{4})\)|\s(\d{4}))")
_LUCENE_SYNTAX = re.compile(r'([+\-&|!(){}\[\]^"~*?:\\/])')
#: Signs within a word: Schindler's, U.S., WALL·E.
_INNER = "'\u2019.\u00b7"
#: How well a title fits, best first.
_EXACT, _WHOLE_WORDS, _BEGINNINGS, _NEAR = range(4)


@dataclass(frozen=True)
class FoundMovie:
    """A movie whose title fits."""

    tconst: str
    title: str | None
    year: int | None
    ratings: int
    """Number of ratings."""

    def __str__(self) -> str:
        return f"{self.title or '(no title)'} ({', '.join(str(part) for part in (self.year, self.tconst) if part)})"


def find_movies(connection: Connection, text: str) -> list[FoundMovie]:
    """The movies that a text names, best first: by tconst, exact title, whole words, beginnings of words.

    Among equally good ones the most rated come first. Near spellings are returned only where nothing else fits. A year may
    stand after the title.
    """
    return [movie for _, movie in _ranked(connection, text)]


def resolve_movie(connection: Connection, movie: str) -> str:
    """Tconst of the movie that a user names by tconst or title; an exact title wins over a partial one.

    Raises:
        InputError: no movie, or several.
    """
    named = _movies(connection.run("serving/named_movies", text=movie))
    if any(found.tconst == movie for found in named):
        return movie
    if _TCONST.fullmatch(movie.strip()):
        raise unknown_movie(movie)
    ranked = _ranked(connection, movie)
    if not ranked:
        raise unknown_movie(movie)
    best = ranked[0][0]
    if best == _NEAR:
        raise InputError(f"The graph has no movie {movie!r}; did you mean {_listed(ranked)}?")
    fitting = [found for fit, found in ranked if fit == _EXACT] or [found for _, found in ranked]
    # Where titles differ in accents or case only, the one that was typed is meant.
    typed = [found for found in fitting if found.title == movie.strip()]
    same_letters = [found for found in fitting if (found.title or "").casefold() == movie.strip().casefold()]
    fitting = typed or same_letters or fitting
    if len(fitting) == 1:
        return fitting[0].tconst
    chosen = [(best, found) for found in fitting]
    raise InputError(
        f"{movie!r} is ambiguous: {_listed(chosen)}. Give the tconst, or the whole title and its year."
    )


def unknown_movie(movie: str) -> InputError:
    """The graph has no movie with this tconst or a title like it."""
    return InputError(
        f"The graph has no movie {movie!r}; expected a tconst such as tt0114709, or words of a title as the graph has it."
    )


def _listed(ranked: list[tuple[int, FoundMovie]]) -> str:
    names = [str(found) for _, found in ranked[:_MOST_LISTED]]
    more = len(ranked) - len(names)
    return "; ".join(names) + (f"; and {more} more" if more else "")


def _ranked(connection: Connection, text: str) -> list[tuple[int, FoundMovie]]:
    """How well each movie fits, and the movie; best first."""
    text = " ".join(text.split())
    named = _movies(connection.run("serving/named_movies", text=text))
    if any(found.tconst == text for found in named):
        return [(_EXACT, found) for found in named if found.tconst == text]
    readings: list[tuple[str, int | None]] = [(text, None)]
    if with_year := _YEAR.fullmatch(text):
        readings.append((with_year[1], int(with_year[2] or with_year[3])))
    near: list[tuple[int, FoundMovie]] = []
    for title, year in readings:
        if not (query := lucene_query(title)):
            fitting = [(_EXACT, found) for found in named]
        else:
            ensure_title_index(connection)
            rows = connection.run(
                "serving/movies_by_title", index=MOVIE_TITLE_INDEX, query=query, most=_MOST_CANDIDATES
            )
            found = {movie.tconst: movie for movie in (*named, *_movies(rows))}
            wanted = [movie for movie in found.values() if year is None or movie.year == year]
            fits = ((title_fit(title, movie.title or ""), movie) for movie in wanted)
            fitting = [(fit, movie) for fit, movie in fits if fit is not None]
        # Stable: what ties keeps the order of the index.
        fitting.sort(key=lambda pair: (pair[0], -pair[1].ratings))
        if better := [pair for pair in fitting if pair[0] < _NEAR]:
            return better
        near = near or fitting
    return near


def _movies(rows: Iterable[dict[str, object]]) -> list[FoundMovie]:
    return [FoundMovie(**row) for row in rows]  # type: ignore[arg-type]  # the query returns these columns


def ensure_title_index(connection: Connection) -> None:
    """Create the full-text index of titles in a database that was imported before there was one."""
    states = connection.run_alone("serving/title_index", name=MOVIE_TITLE_INDEX)
    if not states:
        say("Creating the full-text index of titles, once.")
        connection.run_alone(f"schema/{MOVIE_TITLE_INDEX}")
    if not states or states[0]["state"] != "ONLINE":
        connection.run_alone("loading/await_indexes", seconds=_WAIT_SECONDS)


def lucene_query(text: str) -> str:
    """A Lucene query for titles that hold every word of a text: whole, as beginning of a word, or misspelled."""
    clauses = []
    for chunk in text.lower().split()[:_MOST_WORDS]:
        words = _split(chunk)
        if not words:
            continue
        forms = ["(" + " ".join(f"+({_spellings(word)})" for word in words) + ")"]
        if len(words) > 1:  # Wall-E is also WALL·E, spider-man also Spiderman
            forms.append(_spellings("".join(words)))
        if any(sign in chunk for sign in _INNER):
            forms.append(f"{_escaped(chunk)}^8")
        clauses.append(f"+({' '.join(forms)})")
    return " ".join(clauses)


def _spellings(word: str) -> str:
    term = _escaped(word)
    forms = [f"{term}^8", f"{term}*^2"]
    if len(word) > 2 and not any(character.isdigit() for character in word):
        forms.append(f"{term}~{1 if len(word) == 3 else 2}")
    if len(word) > 5:  # spiderman is also Spider-Man
        forms.append(f"{_escaped(word[:4])}*^0.1")
    return " ".join(forms)


def _escaped(word: str) -> str:
    return _LUCENE_SYNTAX.sub(r"\\\1", word)


def title_fit(text: str, title: str) -> int | None:
    """How well a title fits a text, 0 for exactly; None where it does not.

    Both are compared without case, accents and punctuation. Every word of the text must be in the title.
    """
    chunks = [joined for chunk in text.split() if (joined := "".join(_split(_folded(chunk))))]
    words = _split(_folded(title))
    if not chunks or not words:
        return None
    if "".join(chunks) == "".join(words):
        return _EXACT
    whole = {*words, *("".join(_split(chunk)) for chunk in _folded(title).split())}
    if all(chunk in whole for chunk in chunks):
        return _WHOLE_WORDS
    # From each word to the end of the title; scripts without spaces have no words to begin with.
    tails = ["".join(words[place:]) for place in range(len(words))]
    if all(
        any(tail.startswith(chunk) or (not chunk.isascii() and chunk in tail) for tail in tails)
        for chunk in chunks
    ):
        return _BEGINNINGS
    if all(get_close_matches(chunk, whole, n=1, cutoff=0.75) for chunk in chunks):
        return _NEAR
    return None


def _folded(text: str) -> str:
    """Text without case and accents."""
    parts = unicodedata.normalize("NFKD", text.casefold())
    return "".join(character for character in parts if unicodedata.category(character) != "Mn")


def _split(text: str) -> list[str]:
    """The words of a text, split at everything but letters, marks, numbers; apostrophes and points within a word go."""
    kept = (
        character if unicodedata.category(character)[0] in "LMN" else "" if character in _INNER else " "
        for character in text
    )
    return "".join(kept).split()
