"""Names of genres as people write them. Imports nothing, for those who only read."""

from collections.abc import Iterable

from kgrec_gds.errors import InputError


def check_genres(genres: Iterable[str], known: Iterable[str]) -> None:
    """Refuse a genre that is not known, whatever its case.

    Raises:
        InputError: there is one.
    """
    lower = {name.casefold() for name in known}
    for genre in genres:
        if genre.casefold() not in lower:
            names = ", ".join(sorted(known)) or "none: the graph has no genres"
            raise InputError(f"Unknown genre {genre!r}; expected one of {names}.")
