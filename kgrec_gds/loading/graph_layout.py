"""Which clean table becomes which nodes or relationships, shared by CSV, Bolt and verification."""

from dataclasses import dataclass

from kgrec_gds import schema


@dataclass(frozen=True)
class Column:
    """One column of a clean table and its place in the graph."""

    source: str
    """Column of the clean table."""
    header: str
    """Header of the neo4j-admin CSV: a property with its type, or a key with its id space."""

    @property
    def property(self) -> str:
        """Property name in the graph; empty for the start and end of a relationship."""
        return self.header.split(":")[0]


@dataclass(frozen=True)
class NodeTable:
    """A clean table whose rows are nodes."""

    name: str
    label: str
    columns: tuple[Column, ...]
    """The key first."""
    label_flags: tuple[tuple[str, str], ...] = ()
    """(boolean column, further label) pairs."""


@dataclass(frozen=True)
class RelationshipTable:
    """A clean table whose rows are relationships of one type."""

    name: str
    type: str
    start: str
    """Label of the start nodes, which is also their id space."""
    end: str
    columns: tuple[Column, ...]
    """Start key and end key first, then properties."""


def _ends(start: str, end: str) -> tuple[Column, Column]:
    return (
        Column(schema.KEYS[start], f":START_ID({start})"),
        Column(schema.KEYS[end], f":END_ID({end})"),
    )


NODES = (
    NodeTable(
        "movies",
        schema.MOVIE,
        (
            Column("tconst", "tconst:ID(Movie)"),
            Column("title", "title:string"),
            Column("year", "year:long"),
            Column("runtimeMinutes", "runtimeMinutes:long"),
            # neo4j-admin's float has 32 bits: 7.3 would become 7.300000190734863.
            Column("averageRating", "averageRating:double"),
            Column("numVotes", "numVotes:long"),
        ),
    ),
    NodeTable(
        "persons",
        schema.PERSON,
        (Column("nconst", "nconst:ID(Person)"), Column("name", "name:string")),
        (("is_actor", schema.ACTOR), ("is_director", schema.DIRECTOR), ("is_writer", schema.WRITER)),
    ),
    NodeTable("genres", schema.GENRE, (Column("name", "name:ID(Genre)"),)),
    NodeTable("users", schema.USER, (Column("userId", "userId:ID(User)"),)),
)

RELATIONSHIPS = (
    RelationshipTable(
        "acted_in",
        schema.ACTED_IN,
        schema.PERSON,
        schema.MOVIE,
        (
            *_ends(schema.PERSON, schema.MOVIE),
            Column("ordering", "ordering:long"),
            Column("characters", "characters:string"),
        ),
    ),
    RelationshipTable(
        "directed", schema.DIRECTED, schema.PERSON, schema.MOVIE, _ends(schema.PERSON, schema.MOVIE)
    ),
    RelationshipTable("wrote", schema.WROTE, schema.PERSON, schema.MOVIE, _ends(schema.PERSON, schema.MOVIE)),
    RelationshipTable(
        "has_genre", schema.HAS_GENRE, schema.MOVIE, schema.GENRE, _ends(schema.MOVIE, schema.GENRE)
    ),
    RelationshipTable(
        "ratings",
        schema.RATED,
        schema.USER,
        schema.MOVIE,
        (
            *_ends(schema.USER, schema.MOVIE),
            Column("rating", "rating:double"),
            Column("ratedAt", "ratedAt:long"),
        ),
    ),
)
