"""Labels, relationship types and property names of the graph.

Every name that Python passes to the database comes from here, never from data; the queries in `cypher/` spell the same
names.
"""

from typing import Final

MOVIE: Final = "Movie"
PERSON: Final = "Person"
ACTOR: Final = "Actor"
DIRECTOR: Final = "Director"
WRITER: Final = "Writer"
GENRE: Final = "Genre"
USER: Final = "User"
RELATION_TYPE: Final = "RelationType"
EMBEDDING_RUN: Final = "EmbeddingRun"
MODEL_RUN: Final = "ModelRun"
MODEL_RUN_PART: Final = "ModelRunPart"

RATED: Final = "RATED"
ACTED_IN: Final = "ACTED_IN"
DIRECTED: Final = "DIRECTED"
WROTE: Final = "WROTE"
HAS_GENRE: Final = "HAS_GENRE"
PREDICTED_RATING: Final = "PREDICTED_RATING"
LIKED_TOGETHER: Final = "LIKED_TOGETHER"

FACT_LABELS: Final = (MOVIE, PERSON, GENRE)
FACT_TYPES: Final = (ACTED_IN, DIRECTED, WROTE, HAS_GENRE)

#: Key property of each label with a uniqueness constraint.
KEYS: Final = {MOVIE: "tconst", PERSON: "nconst", GENRE: "name", USER: "userId", RELATION_TYPE: "name"}

#: Full-text index of the titles of movies.
MOVIE_TITLE_INDEX: Final = "movie_title_fulltext"

MIN_RATING: Final = 1.0
MAX_RATING: Final = 10.0
