"""The part of the graph that an explanation is about, as an interactive drawing."""

from typing import Any

from kgrec_gds.explanations.explanation import Explanation, GraphPath, PathNode
from kgrec_gds.explanations.wording import most_attended
from kgrec_gds.schema import GENRE, HAS_GENRE, MOVIE, PERSON, PREDICTED_RATING, RATED, USER

#: Attended movies that are drawn beside those on paths.
_MOST_ATTENDED = 8
#: As in cypher/browser/style.grass.
_COLOURS = {USER: "#F79767", MOVIE: "#4C8EDA", GENRE: "#8DCC93", PERSON: "#DA7194"}
_SIZES = {USER: 28, MOVIE: 24, GENRE: 18, PERSON: 18}
_PREDICTED = "#F36924"
_RATED = "#8A93A3"
_OTHER = "#A5ABB6"


def subgraph_page(found: Explanation) -> str:
    """An HTML page with the subgraph and its script."""
    # Imported here because ipython, which comes with neo4j-viz, takes a second.
    from neo4j_viz import VisualizationGraph

    nodes, relationships = _Drawing(found).parts()
    html: str = VisualizationGraph(nodes=nodes, relationships=relationships).render(height="620px").data
    return html


class _Drawing:
    """Collects nodes and relationships, each once."""

    def __init__(self, found: Explanation) -> None:
        self.found = found
        self.nodes: dict[str, Any] = {}
        self.relationships: dict[tuple[str, str, str], Any] = {}

    def parts(self) -> tuple[list[Any], list[Any]]:
        """All nodes and relationships."""
        found = self.found
        user = self._node(PathNode(USER, found.user, f"user {found.user}"))
        movie = self._node(PathNode(MOVIE, found.movie, found.title), size=34, color=_PREDICTED)
        caption = f"predicted {found.rating:.1f}"
        self._arrow(user, movie, PREDICTED_RATING, caption=caption, color=_PREDICTED, width=5)
        drawn = {path.nodes[0].key for path in found.paths}
        most = most_attended(found)
        drawn |= {step.tconst for step in most[:_MOST_ATTENDED]}
        largest = most[0].weight or 1.0 if most else 1.0
        for step in found.attention:
            if step.tconst in drawn:
                past = self._node(PathNode(MOVIE, step.tconst, step.title))
                rating = "rated" if step.rating is None else f"rated {step.rating:g}"
                caption, width = f"{rating}, attention {step.weight:.2f}", 1 + 5 * step.weight / largest
                self._arrow(user, past, RATED, caption=caption, color=_RATED, width=width)
        for path in found.paths:
            self._path(path)
        return list(self.nodes.values()), list(self.relationships.values())

    def _path(self, path: GraphPath) -> None:
        keys = [self._node(node) for node in path.nodes]
        for place, kind in enumerate(path.relationships):
            start, end = keys[place], keys[place + 1]
            # People point at movies, and movies at genres.
            if path.nodes[place].label != (MOVIE if kind == HAS_GENRE else PERSON):
                start, end = end, start
            self._arrow(start, end, kind, caption=kind, color=_OTHER)

    def _node(self, node: PathNode, **look: Any) -> str:
        from neo4j_viz import Node

        key = f"{node.label} {node.key}"
        if key not in self.nodes:
            look = {"color": _COLOURS[node.label], "size": _SIZES[node.label], **look}
            properties = {"label": node.label, "key": node.key}
            self.nodes[key] = Node(id=key, caption=node.name or node.key, properties=properties, **look)
        return key

    def _arrow(
        self, start: str, end: str, kind: str, *, caption: str, color: str, width: float = 1.5
    ) -> None:
        from neo4j_viz import Relationship

        self.relationships.setdefault(
            (start, end, kind),
            Relationship(source=start, target=end, caption=caption, color=color, width=width),
        )
