"""Which clean table becomes which nodes or relationships, shared by CSV, Bolt and verification."""

from dataclasses import dataclass, field

from kgrec_gds import schema


@dataclass(frozen=True)
class NodeTable:
    """A clean table whose rows are nodes."""

    name: str
    label: str
    properties: dict[str, str] = field(default_factory=dict)
    """Column -> type in neo4j-admin's header; the property has the column's name."""
    label_flags: dict[str, str] = field(default_factory=dict)
    """Boolean column -> further label."""

    @property
    def keys(self) -> tuple[str]:
        """The column of the key."""
        return (schema.KEYS[self.label],)

    @property
    def headers(self) -> dict[str, str]:
        """Column -> header of the neo4j-admin CSV, the key first."""
        (key,) = self.keys
        return {key: f"{key}:ID({self.label})", **_typed(self.properties)}


@dataclass(frozen=True)
class RelationshipTable:
    """A clean table whose rows are relationships of one type, from nodes of label `start` to nodes of label `end`."""

    name: str
    type: str
    start: str
    end: str
    properties: dict[str, str] = field(default_factory=dict)
    """As for `NodeTable`."""

    @property
    def keys(self) -> tuple[str, str]:
        """The columns of the start node's and of the end node's key."""
        return schema.KEYS[self.start], schema.KEYS[self.end]

    @property
    def headers(self) -> dict[str, str]:
        """Column -> header of the neo4j-admin CSV, the keys first."""
        start, end = self.keys
        return {start: f":START_ID({self.start})", end: f":END_ID({self.end})", **_typed(self.properties)}


def _typed(properties: dict[str, str]) -> dict[str, str]:
    return {name: f"{name}:{kind}" for name, kind in properties.items()}


NODES = (
    NodeTable(
        "movies",
        schema.MOVIE,
        {
            "title": "string",
            "year": "long",
            "runtimeMinutes": "long",
            # neo4j-admin's float has 32 bits: 7.3 would become 7.300000190734863.
            "averageRating": "double",
            "numVotes": "long",
        },
    ),
    NodeTable(
        "persons",
        schema.PERSON,
        {"name": "string"},
        {"is_actor": schema.ACTOR, "is_director": schema.DIRECTOR, "is_writer": schema.WRITER},
    ),
    NodeTable("genres", schema.GENRE),
    NodeTable("users", schema.USER),
)

RELATIONSHIPS = (
    RelationshipTable(
        "acted_in", schema.ACTED_IN, schema.PERSON, schema.MOVIE, {"ordering": "long", "characters": "string"}
    ),
    RelationshipTable("directed", schema.DIRECTED, schema.PERSON, schema.MOVIE),
    RelationshipTable("wrote", schema.WROTE, schema.PERSON, schema.MOVIE),
    RelationshipTable("has_genre", schema.HAS_GENRE, schema.MOVIE, schema.GENRE),
    RelationshipTable(
        "ratings", schema.RATED, schema.USER, schema.MOVIE, {"rating": "double", "ratedAt": "long"}
    ),
)

PREDICTED_RATINGS = RelationshipTable(
    "predicted_rating",
    schema.PREDICTED_RATING,
    schema.USER,
    schema.MOVIE,
    {
        "rating": "double",
        "rank": "long",
        "score": "double",
        "reasonMovies": "string[]",
        "reasonMovieParts": "double[]",
        "reasonPeople": "string[]",
        "reasonPeopleParts": "double[]",
        "popularityPart": "double",
        "otherPart": "double",
        "attentionMovies": "string[]",
        "attentionWeights": "double[]",
        "modelId": "string",
        "predictedAt": "long",
        "history": "string",
    },
)
"""No clean table: `predict` writes its file, for an import with predictions."""

TABLES: tuple[NodeTable | RelationshipTable, ...] = (*NODES, *RELATIONSHIPS)
"""In the order in which they are loaded."""
