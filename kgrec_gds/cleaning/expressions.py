"""Parse text to numbers, times and flags, as Ibis expressions; invalid text becomes null."""

from typing import Any, Final

import ibis

_MONTHS: Final = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip
_ISO: Final = (
    r"^(\d{4}-\d{2}-\d{2})(?:[Tt ](\d{2}:\d{2}(?::\d{2})?)(?:\.\d+)?)? ?([Zz]|UTC|GMT|[+-]\d{2}:?\d{2})?$"
)
_SPELLED: Final = r"^(\d{1,2}) ([A-Za-z]+),? (\d{4})$"


def integer(text: Any) -> Any:
    """Parse a whole number; a cast alone would round `1999.5`."""
    return ibis.ifelse(text.re_search(r"^-?\d{1,18}$"), text, ibis.null("string")).try_cast("int64")


def decimal(text: Any) -> Any:
    """Parse a plain decimal number; a cast alone would accept `nan` and `1e1`."""
    return ibis.ifelse(text.re_search(r"^-?\d+(\.\d+)?$"), text, ibis.null("string")).try_cast("float64")


def epoch_seconds(text: Any) -> Any:
    """Parse an ISO date or date-time, or a date such as `16 January 2005`, to epoch seconds UTC.

    A date without a time means midnight; an offset from UTC is applied. An impossible date gives null.
    """
    month = text.re_extract(_SPELLED, 2).lower()
    number = ibis.cases(
        *((month.isin([name, name[:3]]), f"{index:02d}") for index, name in enumerate(_MONTHS, start=1)),
        else_="00",
    )
    spelled = text.re_extract(_SPELLED, 3) + "-" + number + "-" + text.re_extract(_SPELLED, 1).lpad(2, "0")
    clock = text.re_extract(_ISO, 2)
    clock = ibis.cases((clock == "", "00:00:00"), (clock.length() == 5, clock + ":00"), else_=clock)
    iso = text.re_extract(_ISO, 1) + " " + clock
    timestamp = ibis.cases(
        (text.re_search(_ISO), iso),
        (text.re_search(_SPELLED), spelled + " 00:00:00"),
        else_=ibis.null("string"),
    )
    return timestamp.try_cast("timestamp").epoch_seconds().cast("int64") - _offset_seconds(text)


def _offset_seconds(text: Any) -> Any:
    zone = ibis.ifelse(text.re_search(_ISO), text.re_extract(_ISO, 3).replace(":", ""), "")
    signed = zone.length() == 5
    digits = ibis.ifelse(signed, zone, "+0000")
    seconds = digits.substr(1, 2).cast("int64") * 3600 + digits.substr(3, 2).cast("int64") * 60
    return ibis.ifelse(digits.startswith("-"), -seconds, seconds)


def flagged(rows: Any, keys: Any, key: str, flag: str) -> Any:
    """`rows` with a boolean column `flag`: whether `key` occurs in that column of `keys`, where it is unique."""
    marks = keys.select(key).mutate(**{flag: ibis.literal(True)})
    joined = rows.left_join(marks, key)
    return joined.select(*rows.columns, **{flag: joined[flag].fill_null(False)})
