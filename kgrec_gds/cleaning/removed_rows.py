"""The sieve: every row that goes is counted under a reason, and faulty rows are kept apart with file and line.

By construction, rows in = rows kept + rows gone under each reason.
"""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import ibis

from kgrec_gds.cleaning.engine import Engine
from kgrec_gds.cleaning.raw_files import USER_RATINGS, Source
from kgrec_gds.cleaning.raw_lines import UNIT_SEPARATOR
from kgrec_gds.cleaning.rules import PrepareSettings
from kgrec_gds.errors import InputError

#: `fault`: the row is wrong. `unknown`: it speaks of a title that is not here, as in samples, which is no
#: reason to refuse the table. `rule`: a cleaning rule leaves it out.
Kind = Literal["fault", "unknown", "rule"]

#: Reason -> why the row goes, for people.
WORDS: Final = {
    "not_utf8": "its bytes are no UTF-8 text",
    "wrong_number_of_fields": "it has more or fewer fields than the header",
    "no_id": "a field that identifies it is empty",
    "duplicate_id": "an earlier row has the same id",
    "unknown_title": "title.basics has no such tconst",
    "not_a_number": "a number is expected",
    "rating_outside_1_10": "its rating is no number from 1 to 10",
    "impossible_date": "its date is none: ISO in UTC or '16 January 2005' is expected",
    "title_type": "the title is of another kind",
    "no_year": "the title has no integer startYear",
    "no_directors": "the movie has no director",
    "no_writers": "the movie has no writer",
    "not_in_crew": "title.crew has no row of the movie",
    "not_in_principals": "title.principals has no row of the movie",
    "not_in_title_ratings": "title.ratings has no row of the movie",
    "average_rating_below": "the movie's averageRating is below the least, or unknown",
    "num_votes_below": "the movie's numVotes is below the least, or unknown",
    "movie_mean_below": "the mean of the movie's user ratings is below the least",
    "movie_ratings_below": "the movie has fewer user ratings than the least",
    "movie_not_kept": "its title is no movie that is kept",
    "not_an_actor": "the category is neither actor nor actress",
    "repeated_person": "the person stands there already",
    "actor_movies_below": "the actor plays in fewer kept movies than the least",
    "director_movies_below": "the director made fewer kept movies than the least",
    "user_ratings_below": "the user has fewer ratings of kept movies than the least",
    "repeated_rating": "the user rated the movie another time, and that rating stays",
    "no_relation": "the person has no relation that is loaded",
    "episodes_not_loaded": "episodes are no movies",
}

QUARANTINE_COLUMNS: Final = ("file", "line", "kind", "reason", "row")


@dataclass(frozen=True)
class Reason:
    """Why a row goes."""

    name: str
    kind: Kind
    test: Any
    """Boolean column, true where the row goes; null counts as false."""


@dataclass
class TableCount:
    """What became of one table's rows."""

    file: str
    rows_in: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    unknown: Counter[str] = field(default_factory=Counter)
    removed: Counter[str] = field(default_factory=Counter)

    @property
    def rows_kept(self) -> int:
        """Rows that passed all sieves so far."""
        gone = (self.faults, self.unknown, self.removed)
        return self.rows_in - sum(counter.total() for counter in gone)

    def as_plain(self) -> dict[str, Any]:
        """The count for a report, the commonest reasons first."""
        return {
            "file": self.file,
            "rows_in": self.rows_in,
            "rows_kept": self.rows_kept,
            "faults": dict(self.faults.most_common()),
            "unknown": dict(self.unknown.most_common()),
            "removed": dict(self.removed.most_common()),
        }

    def add(self, kind: Kind, reason: str, rows: int) -> None:
        """Book rows that go."""
        {"fault": self.faults, "unknown": self.unknown, "rule": self.removed}[kind][reason] += rows


class Sieve:
    """Passes tables through reasons, keeping count and quarantine."""

    def __init__(self, engine: Engine, settings: PrepareSettings) -> None:
        self.engine = engine
        self.settings = settings
        self.counts: dict[str, TableCount] = {}
        self._quarantined: list[Any] = []

    def read(self, source: Source) -> Any:
        r"""Rows of a raw file: `line`, `text`, `broken`, `wrong_width`, and a column for each needed field.

        `\N` and the empty field are null.
        """
        self.counts[source.table] = TableCount(str(source.path.name))
        rows = self.engine.rows(source)
        rows = rows.mutate(parts=rows.text.split(source.separator))
        fields = {
            name: rows.parts[source.columns.index(name)].nullif("\\N").nullif("") for name in source.needed
        }
        rows = rows.mutate(wrong_width=rows.parts.length() != len(source.columns), **fields)
        return rows.drop("parts")

    def sift(self, table: str, rows: Any, reasons: list[Reason], *, remember: tuple[str, ...] = ()) -> Any:
        """Take out the rows that a reason names; the first reason that holds is the one that counts.

        Args:
            table: the table in whose count the rows stand.
            rows: table with `line` and `text` besides its fields.
            reasons: in their order.
            remember: columns that stay readable for rows that go, in the result of `sifted`.

        Returns:
            The rows left, read back from parquet.
        """
        return self.split(table, rows, reasons, remember=remember)[0]

    def split(
        self, table: str, rows: Any, reasons: list[Reason], *, remember: tuple[str, ...] = ()
    ) -> tuple[Any, Any]:
        """As `sift`, but also returns all rows with `line` and the remembered columns."""
        kinds = {reason.name: reason.kind for reason in reasons}
        marked = rows.mutate(reason=ibis.cases(*((r.test.fill_null(False), r.name) for r in reasons)))
        stored = self.engine.store(self._blanked(marked, kinds, remember), table)
        count = self.counts[table]
        by_reason = stored.group_by("reason").agg(rows=stored.count(), first=stored.line.min())
        totals, first_lines = {}, {}
        for row in self.engine.collect(by_reason):
            totals[row["reason"]], first_lines[row["reason"]] = row["rows"], row["first"]
        count.rows_in = count.rows_in or sum(totals.values())
        for name, number in totals.items():
            if name is not None:
                count.add(kinds[name], name, number)
        gone = [name for name in totals if name is not None and self._is_quarantined(kinds[name])]
        if gone:
            self._quarantine(table, stored.filter(stored.reason.isin(gone)), kinds)
        self._check_share(table, first_lines)
        left = stored.filter(stored.reason.isnull())
        return left.drop("reason"), stored.select("line", *remember)

    def _is_quarantined(self, kind: Kind) -> bool:
        return kind != "rule" or self.settings.quarantine_removed

    def _blanked(self, marked: Any, kinds: dict[str, Kind], remember: tuple[str, ...]) -> Any:
        """Rows that go keep their text only for the quarantine: what is blank costs next to nothing on disk."""
        visible = [name for name, kind in kinds.items() if self._is_quarantined(kind)]
        stays = marked.reason.isnull()
        shown = stays | marked.reason.isin(visible) if visible else stays
        blank = {
            name: ibis.ifelse(
                shown if name == "text" else stays, marked[name], ibis.null(marked[name].type())
            )
            for name in marked.columns
            if name not in {"line", "reason", "broken", "wrong_width", *remember}
        }
        return marked.mutate(**blank).drop(*({"broken", "wrong_width"} & set(marked.columns)))

    def _quarantine(self, table: str, rows: Any, kinds: dict[str, Kind]) -> None:
        hidden = self.settings.user_salt is not None and table == USER_RATINGS
        named = rows.mutate(
            file=ibis.literal(self.counts[table].file),
            kind=ibis.cases(*((rows.reason == name, kind) for name, kind in kinds.items())),
            # With hashed user ids the raw row would give the ids away.
            row=ibis.null("string") if hidden else rows.text.replace(UNIT_SEPARATOR, ","),
        )
        self._quarantined.append(named.select(*QUARANTINE_COLUMNS))

    def quarantine(self) -> Any:
        """All rows set aside so far, by file and line: columns as in `QUARANTINE_COLUMNS`."""
        empty = ibis.memtable([], schema=dict.fromkeys(QUARANTINE_COLUMNS, "string") | {"line": "int64"})
        return ibis.union(empty, *self._quarantined).order_by("file", "line")

    def _check_share(self, table: str, first_lines: dict[str, int]) -> None:
        """Refuse a table of which too many rows are faulty; InputError names the reason that most of them have."""
        count = self.counts[table]
        faults = count.faults.total()
        share = faults / count.rows_in if count.rows_in else 0.0
        if share <= self.settings.max_bad_share:
            return
        worst, rows = count.faults.most_common(1)[0]
        where = f", first in line {first_lines[worst]}" if worst in first_lines else ""
        raise InputError(
            f"At most {self.settings.max_bad_share:.0%} of the rows of {count.file} should be faulty; {faults:,} of "
            f"{count.rows_in:,} are ({share:.1%}): {rows:,} because {WORDS.get(worst, worst)}{where}. "
            "Check that the file is what its name says, or raise --max-bad-share."
        )
