"""Size of a synthetic data set and strength of its users' preferences."""

from dataclasses import dataclass

from kgrec_gds.errors import InputError


@dataclass(frozen=True)
class SyntheticDataSettings:
    """Settings of one synthetic data set; equal settings give equal bytes.

    Raises:
        InputError: a number is out of range.
    """

    seed: int = 7
    """Random seed."""
    users: int = 400
    """Number of users; each rates at least `fewest_ratings` movies."""
    movies: int = 800
    """Number of movies; a few titles of other types are added, as in IMDb."""
    ratings_per_user: float = 60.0
    """Mean number of ratings per user; the numbers are log-normal, as in real data."""
    fewest_ratings: int = 5
    """Minimum number of ratings per user."""
    circles: int = 6
    """Groups of directors and actors who work together: who likes one director of a circle likes its others."""
    years: int = 4
    """Years, ending with 2022, over which users join, movies are released and ratings are given."""
    taste: float = 1.0
    """Strength of the preferences; with 0 the graph explains nothing of the ratings."""
    noise: float = 0.7
    """Standard deviation of the unexplained part, in rating points."""

    def __post_init__(self) -> None:
        """Check that the data set is large enough."""
        if self.users < 2 or self.movies < 20 or self.circles < 2 or self.years < 1:
            raise InputError(
                f"Invalid size: {self.users} users, {self.movies} movies, {self.circles} circles, {self.years} years; "
                "expected at least 2, 20, 2 and 1."
            )
        if self.fewest_ratings < 1 or self.ratings_per_user < self.fewest_ratings:
            raise InputError(
                f"Invalid ratings_per_user {self.ratings_per_user} and fewest_ratings {self.fewest_ratings}; expected "
                "ratings_per_user >= fewest_ratings >= 1."
            )
