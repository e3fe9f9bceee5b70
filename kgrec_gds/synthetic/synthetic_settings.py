"""How large the made-up world is and how strong its planted taste."""

from dataclasses import dataclass

from kgrec_gds.errors import InputError


@dataclass(frozen=True)
class GenerateSettings:
    """Settings of one made-up data set; the same settings give the same bytes."""

    seed: int = 7
    """Seed of every draw."""

    users: int = 400
    """Users that rate at least `fewest_ratings` movies."""

    movies: int = 800
    """Titles of type movie; a few titles of other types come on top, as in IMDb."""

    ratings_per_user: float = 60.0
    """Mean number of ratings of one user; the numbers themselves are log-normal, as in real data."""

    fewest_ratings: int = 5
    """Smallest number of ratings of one user."""

    circles: int = 6
    """Circles of directors and actors who work together: whoever likes one director of a circle likes its others."""

    years: int = 4
    """Years over which users arrive, movies are released and ratings are given; the last ends with 2022."""

    taste: float = 1.0
    """Strength of the planted taste; 0 leaves ratings that no fact of the graph explains."""

    noise: float = 0.7
    """Standard deviation of what nothing explains, in rating points."""

    def __post_init__(self) -> None:
        """Refuse a world too small to hold its own facts.

        Raises:
            InputError: a number is out of its range.
        """
        if self.users < 2 or self.movies < 20 or self.circles < 2 or self.years < 1:
            raise InputError(
                "A generated data set needs users >= 2, movies >= 20, circles >= 2 and years >= 1; "
                f"received {self.users}, {self.movies}, {self.circles}, {self.years}."
            )
        if self.fewest_ratings < 1 or self.ratings_per_user < self.fewest_ratings:
            raise InputError(
                "ratings_per_user should be at least fewest_ratings, and that at least 1; "
                f"received {self.ratings_per_user} and {self.fewest_ratings}."
            )
