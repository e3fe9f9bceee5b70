"""An explanation in plain words."""

from collections.abc import Iterator

from kgrec_gds.explanations.explanation import (
    AttendedStep,
    Contributions,
    Explanation,
    GraphPath,
    RankingParts,
)

_MOST_STEPS = 5
_TO = {"DIRECTED": "directed", "WROTE": "wrote", "ACTED_IN": "played in"}


def sentences(found: Explanation) -> Iterator[str]:
    """Lines for a terminal."""
    name = movie_name(found.title, found.year, found.movie)
    yield f"User {found.user} and {name}: {summary(found)}"
    if found.note:
        yield found.note
    if found.attention:
        yield ""
        yield f"Most attention, of {len(found.attention)} past movies:"
        for step in most_attended(found)[:_MOST_STEPS]:
            yield f"  {step.weight:.2f}  {step.title or step.tconst}, rated {rating_of(step)}"
    if found.paths:
        yield ""
        yield "Paths through the graph:"
        yield from (f"  {path_in_words(path)}" for path in found.paths)
    if found.ranking:
        yield from _ranking(found.ranking)
    if found.contributions:
        yield ""
        yield "Contributions, each found by predicting again without that part:"
        yield from (f"  {name:28}{value}" for name, value in contribution_rows(found.contributions))


def _ranking(parts: RankingParts) -> Iterator[str]:
    yield ""
    place = "" if parts.rank is None else f", rank {parts.rank:,}"
    yield f"Ranking score {parts.score:.2f}{place}, made of:"
    rows = [(reason.part, reason.name or reason.key) for reason in parts.reasons]
    rows += [(parts.popularity, "popularity now"), (parts.other, "all other liked movies and people")]
    yield from (f"  {part:6.2f}  {name}" for part, name in rows)
    for each in parts.counterfactuals:
        names = " and ".join(f"{left.title or left.tconst} ({left.rating:g})" for left in each.left_out)
        rating = "" if each.rating is None else f", predicted rating {each.rating:.2f}"
        yield f"Without the rating of {names}: rank {each.rank:,}{rating}."


def summary(found: Explanation) -> str:
    """Predicted rating, given rating, and where they come from."""
    given = "" if found.given is None else f" (given: {found.given:g})"
    how = {"graph": "as written in the graph", "procedure": "predicted now in the database"}.get(
        found.source, "predicted now"
    )
    return f"predicted rating {found.rating:.2f}{given}, {how} by model {found.model_id}"


def most_attended(found: Explanation) -> list[AttendedStep]:
    """Attended movies by weight, the largest first."""
    return sorted(found.attention, key=lambda step: -step.weight)


def rating_of(step: AttendedStep) -> str:
    """The user's rating of an attended movie."""
    return "?" if step.rating is None else f"{step.rating:g}"


def contribution_rows(parts: Contributions) -> list[tuple[str, str]]:
    """Name and value of each part."""
    rows = [
        ("averages of user and movie", f"{parts.averages:.2f}"),
        ("the user's history", f"{parts.history:+.2f}"),
        ("the most attended movies", None if parts.attended is None else f"{parts.attended:+.2f}"),
        ("the graph", f"{parts.graph:+.2f}"),
    ]
    return [(name, value) for name, value in rows if value is not None]


def movie_name(title: str | None, year: int | None, tconst: str) -> str:
    """`Title (year)`, as far as the graph knows them."""
    name = title or tconst
    return f"{name} ({year})" if year else name


def path_in_words(path: GraphPath) -> str:
    """One path as a phrase, such as `Andrei Tarkovsky directed Stalker and Solaris`."""
    names = [node.name or node.key for node in path.nodes]
    if len(names) == 3 and path.nodes[1].label == "Genre":
        return f"{names[0]} and {names[2]} are both {names[1]}"
    if len(names) == 3:
        there, back = (_TO[kind] for kind in path.relationships)
        if there == back:
            return f"{names[1]} {there} {names[0]} and {names[2]}"
        return f"{names[1]} {there} {names[0]} and {back} {names[2]}"
    steps = zip(path.relationships, names[1:], strict=True)
    return names[0] + "".join(f" -{kind}- {name}" for kind, name in steps)
