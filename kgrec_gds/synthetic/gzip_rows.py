"""Write rows as gzipped text whose bytes depend on the rows alone."""

import gzip
from collections.abc import Iterable, Sequence
from pathlib import Path


def write_rows(path: Path, rows: Iterable[Sequence[object]], delimiter: str) -> None:
    r"""Write rows joined by `delimiter`, None as `\N`, gzipped without a file name or time inside."""
    lines = (delimiter.join("\\N" if value is None else str(value) for value in row) for row in rows)
    text = "".join(f"{line}\n" for line in lines)
    path.write_bytes(gzip.compress(text.encode(), compresslevel=6, mtime=0))
