"""The feature blocks, in the order of their columns. A new block is one file and one line here."""

from kgrec_gds.features.baseline import Baseline
from kgrec_gds.features.block import Block
from kgrec_gds.features.calendar import Calendar, Delay
from kgrec_gds.features.entities import EntityResiduals, UserEntityResiduals, UserGenres
from kgrec_gds.features.gaussian_process.batching import GaussianProcess, GaussianProcessVectors
from kgrec_gds.features.item_similarity import ItemSimilarity
from kgrec_gds.features.movie_attributes import MovieAttributes
from kgrec_gds.features.ridge_regression import RidgeRegression
from kgrec_gds.features.rolling_statistics import MovieStatistics, UserStatistics

BLOCKS: tuple[type[Block], ...] = (
    Baseline,
    UserStatistics,
    MovieStatistics,
    Calendar,
    Delay,
    MovieAttributes,
    RidgeRegression,
    GaussianProcess,
    UserGenres,
    GaussianProcessVectors,
    EntityResiduals,
    UserEntityResiduals,
    ItemSimilarity,
)
