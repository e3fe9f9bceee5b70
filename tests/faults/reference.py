"""What must become of one changed value, by plain Python and the documentation: the oracle of the fuzz campaign.

It shares no code with the cleaning, which computes the same by Ibis expressions.
"""

import datetime as dt
import re
import time
from typing import Any

MISSING = {"nan", "NaN", "NAN", "<NA>", "NaT", "None", "none", "NULL", "null"}
MONTHS = [f"{dt.date(2000, n, 1):%B}".lower() for n in range(1, 13)]


def imdb_id(text: str, prefix: str, *, bare: bool) -> str | None:
    text = text.strip().lower()
    if bare:
        text = re.sub(r"^(https?://)?([a-z0-9-]+\.)*imdb\.com/([a-z-]{2,5}/)?title/", "", text)
        text = re.sub(r"[/?#].*$", "", text)
        text = re.sub(r"\.0+$", "", text)
        text = text if text.startswith(prefix) else prefix + text
    digits = text.removeprefix(prefix) if text.startswith(prefix) else ""
    if not (digits.isascii() and digits.isdigit()) or int(digits) >= 10**10:
        return None
    return f"{prefix}{int(digits):07d}"


def number(text: str) -> float | None:
    text = text.strip().replace(",", ".")
    return float(text) if re.fullmatch(r"-?[0-9]{1,18}(\.[0-9]+)?", text) else None


def whole(text: str) -> int | None:
    text = re.sub(r"\.0+$", "", text.strip())
    return int(text) if re.fullmatch(r"-?[0-9]{1,18}", text) else None


def rated_at(text: str) -> int | None:
    """Epoch seconds of a date, or None."""
    text = text.strip()
    if re.fullmatch(r"[0-9]{9,19}(\.[0-9]+)?", text):
        found = int(text.split(".")[0])
        for limit, unit in ((10**11, 1), (10**14, 10**3), (10**17, 10**6), (10**20, 10**9)):
            if found < limit:
                return found // unit
    words = text.replace(",", " ").lower().split()
    if len(words) == 3 and text.count(",") <= 1:
        for day, month in ((words[0], words[1]), (words[1], words[0])):
            names = [n for n, name in enumerate(MONTHS, 1) if month in (name, name[:3])]
            if names and re.fullmatch("[0-9]{1,2}", day) and re.fullmatch("[0-9]{4}", words[2]):
                return _seconds(int(words[2]), names[0], int(day), 0)
    found = re.fullmatch(
        r"([0-9]{4})[-/]([0-9]{1,2})[-/]([0-9]{1,2})([Tt ]([0-9]{1,2}):([0-9]{2})(:([0-9]{2}))?(\.[0-9]+)?)?"
        r" ?([Zz]|UTC|GMT|([+-])([0-9]{2}):?([0-9]{2})?)?",
        text,
    )  # type: ignore[assignment]
    if not found:
        return None
    hour, minute, second = (int(found[n] or 0) for n in (5, 6, 8))  # type: ignore[index]
    shift = int(found[12] or 0) * 3600 + int(found[13] or 0) * 60  # type: ignore[index]
    if hour > 23 or minute > 59 or second > 59 or int(found[12] or 0) > 14 or int(found[13] or 0) > 59:  # type: ignore[index]
        return None
    clock = hour * 3600 + minute * 60 + second - (-shift if found[11] == "-" else shift)  # type: ignore[index]
    return _seconds(int(found[1]), int(found[2]), int(found[3]), clock)  # type: ignore[index]


def _seconds(year: int, month: int, day: int, clock: int) -> int | None:
    try:
        midnight = dt.datetime(year, month, day, tzinfo=dt.UTC)
    except ValueError:
        return None
    return int(midnight.timestamp()) + clock


def rating(fields: list[str]) -> dict[str, Any] | None:
    """The clean row of one line of user ratings, or None if it is to be set aside."""
    if len(fields) != 4:
        return None
    user, movie, stars, date = fields
    user = user.strip()
    values = {
        "userId": user,
        "tconst": imdb_id(movie, "tt", bare=True),
        "rating": number(stars),
        "ratedAt": rated_at(date),
    }
    if not user or user == "\\N" or user in MISSING or len(user) > 256 or None in values.values():
        return None
    at: Any = values["ratedAt"]
    if not 1 <= values["rating"] <= 10 or not -2_208_988_800 <= at <= time.time() + 86_400:  # type: ignore[operator]
        return None
    return values
