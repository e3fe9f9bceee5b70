"""The sections of the page, each a function from numbers to HTML."""

from html import escape

import pandas as pd

from kgrec_gds.evaluation.published import WHY_IT_LEAKS
from kgrec_gds.evaluation.records import GRAPH_PAIRS, Record, Results
from kgrec_gds.evaluation.report import report_tables as tables
from kgrec_gds.evaluation.report.markdown import graph_pairs
from kgrec_gds.evaluation.report.reading import HOW_TO_READ, reading

_PROTOCOLS = {
    "global": "All ratings in time order: the first 64 % train, the next 16 % validate, the last 20 % test. Every training "
    "time is before every test time.",
    "per-user": "The same shares in each user's own time order. Features are causal, but parameters have seen later "
    "ratings of other users.",
}


def section(anchor: str, title: str, *parts: str) -> str:
    """One section with its heading."""
    return f'<h2 id="{anchor}">{escape(title)}</h2>\n' + "\n".join(part for part in parts if part)


def paragraph(text: str) -> str:
    """Plain text as a paragraph."""
    return f"<p>{escape(text)}</p>"


def table(frame: pd.DataFrame) -> str:
    """A table that scrolls where it is wide; text in it is escaped."""
    if frame.empty:
        return "<p>Not measured.</p>"
    html = frame.to_html(
        border=0, float_format=lambda value: f"{value:.3f}", na_rep="-", index=False, escape=True
    )
    return f'<div class="scroll">{html}</div>'


def figures(*uris: tuple[str, str]) -> str:
    """Figures side by side, each with a text for those who cannot see it."""
    shown = "".join(f'<figure><img src="{uri}" alt="{escape(text)}"></figure>' for text, uri in uris)
    return f'<div class="figures">{shown}</div>'


def result_section(results: Results, protocols: list[str]) -> str:
    """The main table and its reading."""
    sentences = "".join(f"<li>{escape(sentence)}</li>" for sentence in reading(results, protocols))
    return section(
        "result",
        "Result",
        paragraph(HOW_TO_READ),
        table(tables.main_table(results, protocols).reset_index()),
        f"<ul>{sentences}</ul>",
    )


def protocol_section(results: Results, protocol: str, comparison: str) -> str:
    """Metrics, differences, segments, ablations and cold start under one protocol."""
    models = dict.fromkeys(record["model"] for record in results.metrics)
    ablations = [("attention_lstm", model) for model in models if model.startswith("attention_lstm:")]
    return section(
        protocol,
        f"Protocol {protocol}",
        paragraph(_PROTOCOLS[protocol]),
        comparison,
        table(tables.errors(results, protocol)),
        paragraph("Means over the seeds; spread is the standard deviation of the MSE between seeds."),
        "<h3>Differences</h3>",
        paragraph(
            "Difference in MSE with its 95 % interval, negative where the first model is better: each rating's squared "
            "error averaged over the seeds, users resampled 2,000 times. without_heaviest_user leaves out the user with "
            "the most test ratings."
        ),
        table(tables.differences(results, protocol, tables.OVERALL)),
        "<h3>Segments</h3>",
        paragraph(
            "MSE by segment. new_user and new_movie have no rating in training and validation; unrated_movie has no "
            "rating by anyone before; history_N counts the user's ratings before the test rating."
        ),
        table(tables.by_segment(results, protocol)),
        "<h3>Ablations</h3>",
        paragraph("The attention-LSTM against itself with a part left out, over the seeds that both have."),
        table(tables.differences(results, protocol, ("all",), [*ablations, *GRAPH_PAIRS])),
        "<h3>Cold start: what the graph adds for new users and movies</h3>",
        table(tables.differences(results, protocol, tables.COLD_START, graph_pairs(results))),
    )


def paper_section(results: Results) -> str:
    """Our numbers beside the published table, under a heading that says that they leak."""
    return section(
        "paper",
        "Protocol paper: it leaks",
        f'<div class="leaks">{paragraph(WHY_IT_LEAKS)}</div>',
        table(tables.beside_published(results)),
        "<h3>All models under this protocol</h3>",
        table(tables.errors(results, "paper")),
    )


def ranking_section(results: Results) -> str:
    """Recall, NDCG, MRR and coverage."""
    if not results.ranking:
        return ""
    return section(
        "ranking",
        "Ranking by predicted rating",
        paragraph(
            f"Protocol global, first seed, {results.ranking[0]['users']} test users, each at the middle of their test "
            "ratings: all movies that they have not rated, ordered by predicted rating. A movie is relevant if the user "
            "rated it 8 or more from then on. The models learn ratings and not which movie is watched next, so these "
            "numbers are small for all of them."
        ),
        table(tables.ranking(results)),
    )


def audit_section(rows: list[Record]) -> str:
    """The findings of the leakage audit by feature."""
    if not rows:
        return ""
    return section(
        "audit",
        "Leakage audit",
        paragraph(
            "Every feature was computed again after its target's rating was changed, and after all ratings from a time on "
            "were changed or removed; with a day-old and a month-old history, too. The last rows of the default preset "
            "are predictions of models fitted for the audit, end to end. All on the first ratings of the log."
        ),
        *(paragraph(_summary(rows, preset)) for preset in dict.fromkeys(row["preset"] for row in rows)),
        table(pd.DataFrame(rows)),
    )


def _summary(rows: list[Record], preset: str) -> str:
    verdicts = {row["feature"]: row["verdict"] for row in rows if row["preset"] == preset}
    unclean = [feature for feature, verdict in verdicts.items() if verdict != "clean"]
    found = f"{len(unclean)} are not clean: {', '.join(unclean)}" if unclean else "all are clean"
    return f"Preset {preset}, {len(verdicts)} rows: {found}."


def time_section(seconds: list[Record]) -> str:
    """How long each model took."""
    frame = pd.DataFrame(seconds).drop(columns="seed").groupby(["protocol", "model"], sort=False).mean()
    return section(
        "time",
        "Seconds a fit",
        paragraph("As measured, with other models in parallel; predict covers all three histories."),
        table(frame.reset_index()),
    )
