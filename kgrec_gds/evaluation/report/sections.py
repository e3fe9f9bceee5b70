"""The parts of the page, each a function from numbers to HTML."""

from html import escape

import pandas as pd

from kgrec_gds.evaluation.published import WHY_IT_LEAKS
from kgrec_gds.evaluation.records import DAY_OLD, GRAPH_PAIRS, Record, Results
from kgrec_gds.evaluation.report import report_tables as tables

_ABOUT = {
    "global": "All ratings by time: the first 64 % train, the next 16 % validate, the last 20 % test. Every training "
    "time is before every test time.",
    "per-user": "The order holds within each user only: features are causal, but the parameters have seen later "
    "ratings of others.",
    "paper": "A random split with the published features.",
}


def section(anchor: str, title: str, *parts: str) -> str:
    """One section with its heading."""
    return f'<h2 id="{anchor}">{escape(title)}</h2>\n' + "\n".join(part for part in parts if part)


def paragraph(text: str) -> str:
    """Plain text as a paragraph."""
    return f"<p>{escape(text)}</p>"


def table(frame: pd.DataFrame) -> str:
    """A table that scrolls by itself where it is wide."""
    return f'<div class="scroll">{tables.as_html(frame)}</div>'


def figures(*uris: tuple[str, str]) -> str:
    """Figures side by side, each with its text for those who cannot see it."""
    shown = "".join(f'<figure><img src="{uri}" alt="{escape(text)}"></figure>' for text, uri in uris)
    return f'<div class="figures">{shown}</div>'


def protocol_section(results: Results, protocol: str, comparison: str) -> str:
    """Metrics, differences, segments, ablation and cold start of one honest protocol."""
    models = {record["model"] for record in results.metrics}
    ablations = [("attention_lstm", model) for model in sorted(models) if model.startswith("attention_lstm:")]
    graph = [pair for pair in ablations if pair[1].endswith(("no_vectors", "no_graph_features", "no_graph"))]
    overall = ("all", "without_heaviest_user", DAY_OLD)
    compared = results.comparisons
    return section(
        protocol,
        f"Protocol {protocol}",
        paragraph(_ABOUT[protocol]),
        comparison,
        table(tables.by_model(results.metrics, protocol)),
        paragraph("Means over the seeds; spread is the deviation of the MSE between seeds."),
        "<h3>Differences</h3>",
        paragraph(
            "Difference in MSE, negative where the first model is better; each event's squared error averaged over "
            "seeds, users resampled 2,000 times. The second segment leaves out the user with the most test ratings."
        ),
        table(tables.differences(compared, protocol, overall)),
        "<h3>Segments</h3>",
        paragraph(
            "MSE by segment. new_user and new_movie have no rating in training and validation; unrated_movie has "
            "none by anyone before the moment; history_N counts the user's own ratings strictly before the moment."
        ),
        table(tables.by_segment(results.metrics, protocol)),
        "<h3>Ablation</h3>",
        paragraph(
            "Under the first protocol and with the first seed only, unless ablations were asked for by name; against the "
            "whole with the same seeds."
        ),
        table(tables.differences(compared, protocol, ("all",), [*ablations, *GRAPH_PAIRS])),
        "<h3>Cold start: what the graph does for new movies and users</h3>",
        table(tables.differences(compared, protocol, tables.COLD, [*graph, *GRAPH_PAIRS])),
    )


def paper_section(results: Results) -> str:
    """The published table beside ours, under a heading that says what is wrong with it."""
    return section(
        "paper",
        "Protocol paper: it leaks",
        f'<div class="leaks">{paragraph(WHY_IT_LEAKS)}</div>',
        table(tables.beside_published(results.metrics)),
        "<h3>All models under this protocol</h3>",
        table(tables.by_model(results.metrics, "paper")),
    )


def ranking_section(ranking: list[Record]) -> str:
    """Recall, NDCG, MRR and coverage."""
    if not ranking:
        return ""
    frame = pd.DataFrame(ranking).drop(columns=["protocol", "seed"]).set_index("model")
    return section(
        "ranking",
        "Ranking the whole catalogue",
        paragraph(
            f"Protocol global, first seed, {ranking[0]['users']} test users, each at the middle of their test "
            f"ratings: all movies not yet rated, ordered by predicted rating; a movie is relevant that the user "
            f"rated 8 or more from that moment on. The models learn ratings, not which movie is watched next, so "
            f"these numbers are small for all of them."
        ),
        table(frame.sort_values("ndcg", ascending=False)),
    )


def audit_section(rows: list[Record]) -> str:
    """The leakage audit, feature by feature."""
    if not rows:
        return ""
    return section(
        "audit",
        "Leakage audit",
        paragraph(
            "For every feature the target's own rating, then every rating at or after the moment, was changed and the "
            "feature computed again, on the first ratings of the log. The last row of the default preset is the prediction "
            "of what train ships, quickly fitted, end to end."
        ),
        paragraph(_in_words(rows)),
        table(pd.DataFrame(rows).set_index("feature")),
    )


def _in_words(rows: list[Record]) -> str:
    words = []
    for preset in dict.fromkeys(row["preset"] for row in rows):
        of_preset = [row for row in rows if row["preset"] == preset]
        unclean = [row["feature"] for row in of_preset if row["verdict"] != "clean"]
        said = f"{len(unclean)} are not clean: {', '.join(unclean)}" if unclean else "all are clean"
        words.append(f"Preset {preset}, {len(of_preset)} rows: {said}.")
    return " ".join(words)


def time_section(seconds: list[Record]) -> str:
    """How long each model took."""
    frame = pd.DataFrame(seconds).drop(columns="seed").groupby(["protocol", "model"], sort=False).mean()
    about = (
        "As measured, with other models beside. default and trees_default take over halves that other rows have "
        "fitted, where these were fitted in the same call."
    )
    return section("time", "Seconds a run", paragraph(about), table(frame.reset_index().set_index("model")))
