"""An explanation in plain words."""

from collections.abc import Iterator

from kgrec_gds.explanations.explanation import Explanation, Path

_MOST_STEPS = 5
_TO = {"DIRECTED": "directed", "WROTE": "wrote", "ACTED_IN": "played in"}


def sentences(found: Explanation) -> Iterator[str]:
    """Lines for a terminal."""
    name = movie_name(found.title, found.year, found.movie)
    given = "" if found.given is None else f" (given: {found.given:g})"
    how = "as written in the graph" if found.source == "graph" else "scored now"
    yield f"User {found.user} and {name}: {found.rating:.2f} predicted{given}, {how}, by model {found.model_id}"
    if found.note:
        yield found.note
    if found.attention:
        yield ""
        yield f"Most attention, of {len(found.attention)} past movies:"
        for step in sorted(found.attention, key=lambda step: -step.weight)[:_MOST_STEPS]:
            rating = "?" if step.rating is None else f"{step.rating:g}"
            yield f"  {step.weight:.2f}  {step.title or step.tconst}, rated {rating}"
    if found.paths:
        yield ""
        yield "Paths through the graph:"
        yield from (f"  {path_in_words(path)}" for path in found.paths)
    if found.contributions:
        parts = found.contributions
        yield ""
        yield "Each part's worth, found by leaving it out:"
        yield f"  averages of user and movie  {parts.averages:.2f}"
        yield f"  the user's history         {parts.history:+.2f}"
        yield f"  the graph                  {parts.graph:+.2f}"


def movie_name(title: str | None, year: int | None, tconst: str) -> str:
    """`Title (year)`, as far as they are known."""
    name = title or tconst
    return f"{name} ({year})" if year else name


def path_in_words(path: Path) -> str:
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
