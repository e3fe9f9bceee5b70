"""Remove rows table by table, count each under one reason, and quarantine faulty rows with file and line."""

from collections.abc import Sequence
from typing import Any, Final

import ibis

from kgrec_gds.cleaning.engine import Engine
from kgrec_gds.cleaning.raw_files import USER_RATINGS, RawFile, shown
from kgrec_gds.cleaning.raw_lines import UNIT_SEPARATOR
from kgrec_gds.cleaning.removal_reasons import EXPLANATIONS, Kind, Reason, TableCount
from kgrec_gds.cleaning.rules import CleaningRules
from kgrec_gds.errors import InputError

QUARANTINE_COLUMNS: Final = ("file", "line", "kind", "reason", "row")


class Cleaner:
    """Reads raw files and removes rows, with the counts and the quarantine of all tables."""

    def __init__(self, engine: Engine, rules: CleaningRules) -> None:
        self.engine = engine
        self.rules = rules
        self.counts: dict[str, TableCount] = {}
        self.warnings: list[str] = []
        """What a person should read, though it does not stop the import."""
        self._quarantined: list[Any] = []
        self._first: dict[tuple[str, str], tuple[int, str | None]] = {}

    def read(self, file: RawFile) -> Any:
        r"""Rows of a raw file: `line`, `text`, `invalid_utf8`, `wrong_width`, and a column per needed field.

        `\N` and the empty field are null.
        """
        self.counts[file.table] = TableCount(file.path.name)
        rows = self.engine.rows(file)
        rows = rows.mutate(fields=rows.text.split(file.separator))
        columns = {
            name: rows.fields[file.columns.index(name)].nullif("\\N").nullif("") for name in file.needed
        }
        return rows.mutate(wrong_width=rows.fields.length() != len(file.columns), **columns).drop("fields")

    def remove(self, table: str, rows: Any, reasons: Sequence[Reason]) -> Any:
        """Remove the rows that a reason applies to, count each under the first that applies, and return the others.

        The rows have `line` and `text` besides their fields; `table` is the one under which they are counted.

        Raises:
            InputError: more than `max_bad_share` of the table's rows are faulty.
        """
        return self.separate(table, rows, reasons)[0]

    def separate(
        self, table: str, rows: Any, reasons: Sequence[Reason], *, remember: tuple[str, ...] = ()
    ) -> tuple[Any, Any]:
        """Like `remove`, but also return all rows, removed ones included, with `line` and the remembered columns."""
        kinds = {reason.name: reason.kind for reason in reasons}
        marked = rows.mutate(reason=ibis.cases(*((r.test.fill_null(False), r.name) for r in reasons)))
        stored = self.engine.store(self._blanked(marked, kinds, remember), table)
        count = self.counts[table]
        by_reason = stored.group_by("reason").agg(
            rows=stored.count(), first=stored.line.min(), text=stored.text.argmin(stored.line)
        )
        totals = {}
        for row in self.engine.collect(by_reason):
            totals[row["reason"]] = row["rows"]
            if row["reason"] is not None:
                self._first.setdefault((table, row["reason"]), (row["first"], row["text"]))
        count.rows_in = count.rows_in or sum(totals.values())
        for name, number in totals.items():
            if name is not None:
                count.add(kinds[name], name, number)
        quarantined = [name for name in totals if name is not None and self._is_quarantined(kinds[name])]
        if quarantined:
            self._quarantine(table, stored.filter(stored.reason.isin(quarantined)), kinds)
        self._check_share(table)
        kept = stored.filter(stored.reason.isnull())
        return kept.drop("reason"), stored.select("line", *remember)

    def remove_repeats(
        self,
        table: str,
        rows: Any,
        keys: Sequence[str],
        *,
        reason: str = "duplicate_id",
        kind: Kind = "fault",
        order: Any = "line",
    ) -> Any:
        """Keep the first row of each key in the given order."""
        numbers = rows.group_by(*keys).agg(rows=rows.count())
        # Most tables have none: looking for them costs less than numbering and storing all rows.
        if not self.engine.collect(numbers.filter(numbers.rows > 1).limit(1)):
            return rows
        copy = ibis.row_number().over(ibis.window(group_by=[rows[key] for key in keys], order_by=order))
        rows = rows.mutate(copy=copy)
        return self.remove(table, rows, [Reason(reason, kind, rows.copy > 0)]).drop("copy")

    def quarantine(self) -> Any:
        """All quarantined rows so far, ordered by file and line; columns as in `QUARANTINE_COLUMNS`."""
        empty = ibis.memtable([], schema=dict.fromkeys(QUARANTINE_COLUMNS, "string") | {"line": "int64"})
        return ibis.union(empty, *self._quarantined).order_by("file", "line")

    def _is_quarantined(self, kind: Kind) -> bool:
        return kind != "rule" or self.rules.quarantine_removed

    def _blanked(self, marked: Any, kinds: dict[str, Kind], remember: tuple[str, ...]) -> Any:
        """Blank the columns of removed rows to save disk space; quarantined rows keep their text."""
        quarantined = [name for name, kind in kinds.items() if self._is_quarantined(kind)]
        kept = marked.reason.isnull()
        has_text = kept | marked.reason.isin(quarantined) if quarantined else kept
        blank = {
            name: ibis.ifelse(
                has_text if name == "text" else kept, marked[name], ibis.null(marked[name].type())
            )
            for name in marked.columns
            if name not in {"line", "reason", "invalid_utf8", "wrong_width", *remember}
        }
        return marked.mutate(**blank).drop(*({"invalid_utf8", "wrong_width"} & set(marked.columns)))

    def _quarantine(self, table: str, rows: Any, kinds: dict[str, Kind]) -> None:
        named = rows.mutate(
            file=ibis.literal(self.counts[table].file),
            kind=ibis.cases(*((rows.reason == name, kind) for name, kind in kinds.items())),
            # The raw row would reveal the user ids that are to be hashed.
            row=ibis.null("string") if self._is_hidden(table) else _quoted(rows.text),
        )
        self._quarantined.append(named.select(*QUARANTINE_COLUMNS))

    def first(self, table: str, reason: str) -> str:
        """Where the first row with that reason is, and the row itself unless its user id is to be hashed."""
        if (table, reason) not in self._first:
            return ""
        line, text = self._first[table, reason]
        quoted = (
            "" if text is None or self._is_hidden(table) else f": {shown(text.replace(UNIT_SEPARATOR, ','))}"
        )
        return f"first in line {line}{quoted}"

    def _is_hidden(self, table: str) -> bool:
        return self.rules.user_salt is not None and table == USER_RATINGS

    def _check_share(self, table: str) -> None:
        count = self.counts[table]
        faults = count.faults.total()
        share = faults / count.rows_in if count.rows_in else 0.0
        if share <= self.rules.max_bad_share:
            return
        ((reason, rows),) = count.faults.most_common(1)
        where = f", {first}" if (first := self.first(table, reason)) else ""
        raise InputError(
            f"Too many faulty rows in {count.file}: {faults:,} of {count.rows_in:,} are ({share:.1%}), expected at most "
            f"{self.rules.max_bad_share:.0%}. Most frequent reason: {EXPLANATIONS[reason]} ({rows:,}{where}). "
            "Check that it is the right file, or raise max_bad_share."
        )


def _quoted(text: Any) -> Any:
    """A raw row for a spreadsheet, which would run it as a formula if it began like one."""
    row = text.replace(UNIT_SEPARATOR, ",")
    return ibis.ifelse(row.re_search(r"^[=+\-@\t\r]"), ibis.literal("'") + row, row)
