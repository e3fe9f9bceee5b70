"""Files of other file systems (HDFS, S3 and so on), read through Spark's with the methods of a `Path`."""

import errno
import io
import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, Final, cast

from kgrec_gds.errors import InputError
from kgrec_gds.spark_session import reason

_SCHEME: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):/")


def as_path(given: Path | str) -> Path:
    """A local file for a plain path or `file:///...`; for another URI, a `RemotePath`."""
    found = _SCHEME.match(given) if isinstance(given, str) else None
    if found is None:
        return Path(given)
    if found[1].lower() == "file":
        return Path("/" + str(given)[found.end() :].lstrip("/"))
    return cast(Path, RemotePath(str(given)))


class RemotePath:
    """A file or folder by its URI; the methods are those of `Path` that reading needs."""

    def __init__(self, uri: str) -> None:
        self._uri = uri.rstrip("/")

    def __str__(self) -> str:
        return self._uri

    @property
    def name(self) -> str:
        """Last part of the URI."""
        return self._uri.rpartition("/")[2]

    @property
    def suffix(self) -> str:
        """Suffix of the name."""
        return PurePosixPath(self.name).suffix

    @property
    def parent(self) -> "RemotePath":
        """The folder."""
        return RemotePath(self._uri.rpartition("/")[0])

    def exists(self) -> bool:
        """Whether there is such a file or folder."""
        return self._mode() != 0

    def is_dir(self) -> bool:
        """Whether it is a folder."""
        return stat.S_ISDIR(self._mode())

    def _mode(self) -> int:
        try:
            return self.stat().st_mode
        except FileNotFoundError:
            return 0

    def is_symlink(self) -> bool:
        """Links are followed by the file system."""
        return False

    def iterdir(self) -> "Iterator[RemotePath]":
        """What the folder contains."""
        with _file_system(self._uri) as (system, path):
            entries = [entry.getPath().getName() for entry in system.listStatus(path)]
        return (RemotePath(f"{self._uri}/{name}") for name in entries)

    def stat(self) -> os.stat_result:
        """Kind and size."""
        with _file_system(self._uri) as (system, path):
            status = system.getFileStatus(path)
            kind = stat.S_IFDIR if status.isDirectory() else stat.S_IFREG
            return os.stat_result((kind, 0, 0, 0, 0, 0, status.getLen(), 0, 0, 0))

    def open(self, _mode: str = "rb") -> BinaryIO:
        """Open the file for reading bytes."""
        with _file_system(self._uri) as (system, path):
            return io.BufferedReader(_Stream(self._uri, system.open(path), self.stat().st_size), 1 << 16)


class _Stream(io.RawIOBase):
    """An input stream of Hadoop's."""

    def __init__(self, uri: str, stream: Any, size: int) -> None:
        self._uri, self._stream, self._size = uri, stream, size

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        with _readable(self._uri):
            data = self._stream.readNBytes(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._stream.getPos(), os.SEEK_END: self._size}[whence]
        with _readable(self._uri):
            self._stream.seek(base + offset)
        return base + offset

    def close(self) -> None:
        if not self.closed:
            self._stream.close()
        super().close()


@contextmanager
def _file_system(uri: str) -> Iterator[tuple[Any, Any]]:
    """Hadoop's file system of a URI, and the path in it; Spark's configuration says how to reach it."""
    from pyspark.sql import SparkSession

    with _readable(uri):
        context = SparkSession.active().sparkContext
        path = context._jvm.org.apache.hadoop.fs.Path(uri)
        yield path.getFileSystem(context._jsc.hadoopConfiguration()), path


@contextmanager
def _readable(uri: str) -> Iterator[None]:
    from py4j.protocol import Py4JJavaError
    from pyspark.errors import PySparkException

    try:
        yield
    except (Py4JJavaError, PySparkException) as error:
        text = reason(error)
        if "FileNotFoundException: " in text:
            raise FileNotFoundError(errno.ENOENT, text) from error
        raise InputError(
            f"Cannot read {uri} ({text}). Check the address, and Spark's configuration of that file system."
        ) from error
