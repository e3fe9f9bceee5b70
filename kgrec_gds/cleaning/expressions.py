"""Parse text to numbers, times and flags, as Ibis expressions; invalid text becomes null."""

from typing import Any, Final

import ibis

_MONTHS: Final = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip
_ISO: Final = (
    r"^(\d{4})[-/](\d{1,2})[-/](\d{1,2})"
    r"(?:[Tt ]((?:[01]?\d|2[0-3]):[0-5]\d(?::[0-5]\d)?)(?:\.\d+)?)?"
    r" ?([Zz]|UTC|GMT|[+-](?:0\d|1[0-4])(?::?[0-5]\d)?)?$"
)
_SPELLED: Final = r"^(\d{1,2}) ([A-Za-z]+),? (\d{4})$"
_SPELLED_MONTH_FIRST: Final = r"^([A-Za-z]+) (\d{1,2}),? (\d{4})$"
#: The commonest form, which needs no parsing of our own: that takes twenty times as long.
_PLAIN: Final = r"^\d{4}-\d\d-\d\d(?:[ T](?:[01]\d|2[0-3]):[0-5]\d:[0-5]\dZ?)?$"
#: Epoch time in seconds, milliseconds, microseconds or nanoseconds; a shorter number may be a date such as 20100101.
_EPOCH: Final = r"^(\d{9,19})(?:\.\d+)?$"
#: What tools write for a missing value.
_MISSING: Final = ("nan", "NaN", "NAN", "<NA>", "NaT", "None", "none", "NULL", "null")
#: Of these, what no title or name is.
_NO_NAME: Final = ("nan", "NaN", "<NA>", "NaT")
_LONGEST_GENRE: Final = 100
#: What `strip` removes, as a class of regular expressions.
_SPACE: Final = r" \t\n\r\x0b\x0c"


def stripped(text: Any) -> Any:
    """The text without space around it; trimming only what has some takes a third of the time."""
    return ibis.ifelse(text.re_search(rf"^[{_SPACE}]|[{_SPACE}]$"), text.strip(), text)


def is_blank(text: Any) -> Any:
    """Whether the text is missing or nothing but space."""
    return ~text.re_search(rf"[^{_SPACE}]").fill_null(False)


def integer(text: Any) -> Any:
    """Parse a whole number, which may be written as 90.0; a cast alone would round `1999.5`."""
    return stripped(text).re_extract(r"^(-?\d{1,18})(?:\.0+)?$", 1).nullif("").try_cast("int64")


def decimal(text: Any) -> Any:
    """Parse a plain decimal number; a cast alone would accept `nan` and `1e1`."""
    return ibis.ifelse(text.re_search(r"^-?\d{1,18}(\.\d+)?$"), text, ibis.null("string")).try_cast("float64")


def imdb_id(text: Any, prefix: str, *, bare: bool = False) -> Any:
    """Parse an id of IMDb's to `prefix` and at least seven digits; other text becomes null.

    With `bare`, numbers such as `8` or `8.0` and addresses of titles are understood too, not only `tt0000008` and `TT8`.
    """
    usual = rf"^{prefix}(\d{{7}}|[1-9]\d{{7,14}})$"
    address = r"(?:(?:https?://)?(?:[a-z0-9-]+\.)*imdb\.com/(?:[a-z-]{2,5}/)?title/)?"
    other = (
        rf"^{address}(?:{prefix})?0*(\d{{1,15}})(?:\.0+)?(?:[/?#].*)?$"
        if bare
        else rf"^{prefix}0*(\d{{1,15}})$"
    )
    digits = text.strip().lower().re_extract(other, 1).nullif("")
    padded = ibis.ifelse(digits.length() < 7, digits.lpad(7, "0"), digits)
    return ibis.ifelse(text.re_search(usual), text, ibis.literal(prefix) + padded)


def is_missing(text: Any) -> Any:
    """Whether the text is what tools write for a missing value, such as `nan`."""
    return text.isin(_MISSING)


def is_no_name(text: Any, longest: int) -> Any:
    """Whether the text of a title or a name is too long, or a missing value."""
    return text.isin(_NO_NAME) | (text.length() > longest)


def has_no_genre(text: Any) -> Any:
    """Whether a list of genres has a member that is too long, or a missing value."""
    missing = "|".join(_MISSING) + r"|\\N"
    return text.re_search(rf"(^|,)\s*({missing})\s*(,|$)") | text.re_search(rf"[^,]{{{_LONGEST_GENRE + 1}}}")


def epoch_seconds(text: Any) -> Any:
    """Parse a date, a date-time or an epoch time to epoch seconds UTC.

    Dates are ISO, or spelled such as `16 January 2005`; without a time they mean midnight, and an offset from UTC is
    applied. Epoch times may be in seconds, milliseconds, microseconds or nanoseconds. An impossible date gives null.
    """
    return ibis.cases(
        (text.re_search(_PLAIN), _seconds(text)),
        (text.re_search(_EPOCH), _epoch_number(text)),
        else_=_calendar_seconds(text),
    )


def _seconds(text: Any) -> Any:
    return text.try_cast("timestamp").epoch_seconds().cast("int64")


def _epoch_number(text: Any) -> Any:
    number = text.re_extract(_EPOCH, 1).nullif("").try_cast("int64")
    seconds = ibis.cases(
        (number < 10**11, number), (number < 10**14, number // 10**3), (number < 10**17, number // 10**6),
        else_=number // 10**9,
    )  # fmt: skip
    return seconds.cast("int64")


def _calendar_seconds(text: Any) -> Any:
    clock = text.re_extract(_ISO, 4)
    clock = ibis.ifelse(clock.re_search(r"^\d:"), "0" + clock, clock)
    clock = ibis.cases((clock == "", "00:00:00"), (clock.length() == 5, clock + ":00"), else_=clock)
    timestamp = ibis.cases(
        (text.re_search(_ISO), _day(text, _ISO, 1, 2, 3) + " " + clock),
        (text.re_search(_SPELLED), _day(text, _SPELLED, 3, 2, 1) + " 00:00:00"),
        (text.re_search(_SPELLED_MONTH_FIRST), _day(text, _SPELLED_MONTH_FIRST, 3, 1, 2) + " 00:00:00"),
        else_=ibis.null("string"),
    )
    return _seconds(timestamp) - _offset_seconds(text)


def _day(text: Any, pattern: str, year: int, month: int, day: int) -> Any:
    """The date as ISO; the numbers are the pattern's groups."""
    name = text.re_extract(pattern, month).lower()
    number = ibis.cases(
        *((name.isin([word, word[:3]]), f"{index:02d}") for index, word in enumerate(_MONTHS, start=1)),
        else_=ibis.ifelse(name.re_search(r"^\d"), name.lpad(2, "0"), "00"),
    )
    return text.re_extract(pattern, year) + "-" + number + "-" + text.re_extract(pattern, day).lpad(2, "0")


def _offset_seconds(text: Any) -> Any:
    zone = ibis.ifelse(text.re_search(_ISO), text.re_extract(_ISO, 5).replace(":", ""), "")
    digits = ibis.ifelse(zone.re_search(r"^[+-]"), (zone + "00").substr(0, 5), "+0000")
    seconds = digits.substr(1, 2).cast("int64") * 3600 + digits.substr(3, 2).cast("int64") * 60
    return ibis.ifelse(digits.startswith("-"), -seconds, seconds)


def flagged(rows: Any, keys: Any, key: str, flag: str) -> Any:
    """`rows` with a boolean column `flag`: whether `key` occurs in that column of `keys`, where it is unique."""
    marks = keys.select(key).mutate(**{flag: ibis.literal(True)})
    joined = rows.left_join(marks, key)
    return joined.select(*rows.columns, **{flag: joined[flag].fill_null(False)})
