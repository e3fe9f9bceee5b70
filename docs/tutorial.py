# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # From movie tables to explained predictions, in Python
#
# This is the way of the commands `import`, `embed`, `train`, `predict`, `recommend` and `explain` as calls. It runs as it stands,
# on a small made-up data set and a managed Neo4j with Graph Data Science, in about a minute once the server is installed. Open it
# as a notebook by `jupytext --to ipynb docs/tutorial.py`, or in any editor that knows `# %%` cells.
#
# ## A home of its own
# An import replaces the managed server's database. So that it is not yours that is replaced, everything below happens in a home
# inside your home.

# %%
import os

from kgrec_gds.home import HOME_VARIABLE, home

folder = home() / "tutorial"
os.environ[HOME_VARIABLE] = str(folder)
os.environ.pop("NEO4J_URI", None)  # else your own database would be meant

# %% [markdown]
# ## Data
# The generator writes tables in IMDb's format and a `user_rating.csv`. Its users have a taste that was planted: each likes a circle
# of directors and actors who work together.

# %%
import kgrec_gds
from kgrec_gds.synthetic import SyntheticDataSettings, generate

made = generate(folder / "data", SyntheticDataSettings(users=60, movies=120, ratings_per_user=25))
made

# %% [markdown]
# ## Import
# Tables are cleaned by published rules, written as CSV, bulk-loaded by `neo4j-admin` into a fresh database, and swapped in.

# %%
import pandas as pd

pd.set_option("display.max_colwidth", None)
imported = kgrec_gds.import_(folder / "data", csv_dir=folder / "import")
pd.Series({**imported.nodes, **imported.relationships}, name="in the graph").to_frame()

# %% [markdown]
# `connect` opens the configured database, here the managed server. It takes an address, a `neo4j.Driver`, a `GraphDataScience` or,
# for notebooks that have one already, a `py2neo.Graph` as well.

# %%
graph = kgrec_gds.connect()
graph.gds_version

# %% [markdown]
# ## Embed
# TransE, trained in the database on a projection of the facts, gives every movie, person and genre a vector. A vector index then
# finds the movies near to one.

# %%
embedded = kgrec_gds.embed(graph, embedding_size=32)
embedded.method, embedded.node_properties_written, embedded.compute_millis

# %%
some_movie = graph.driver.execute_query(
    "MATCH (m:Movie)<-[:RATED]-() RETURN m.tconst AS tconst, count(*) AS n ORDER BY n DESC, tconst LIMIT 1"
).records[0]["tconst"]
near = kgrec_gds.similar(graph, some_movie, k=5)
kgrec_gds.frame(near.movies)[["title", "year", "score", "shared_people"]]

# %% [markdown]
# ## Train
# The events are divided by time, and a prediction for (user, movie, t) sees only what was known strictly before t. One epoch of
# one network is enough to see the calls work, not to judge the model: leave `epochs` and `members` out for that.

# %%
trained = kgrec_gds.train(graph, epochs=1, members=1)
trained.as_frame.round(3)

# %% [markdown]
# ## Predict
# The test events and the best unseen movies of users become `PREDICTED_RATING` relationships, with the attention that each
# prediction paid to the user's past movies.

# %%
predicted = kgrec_gds.predict(graph, users="all", k=5)
predicted.predictions_written, predicted.recommendations_written

# %%
written = kgrec_gds.predictions(graph)
written.dropna(subset="given_rating")[["user", "title", "predicted_rating", "given_rating"]].head()

# %% [markdown]
# ## Recommend
# They are read from the graph, since nothing was rated after the prediction.

# %%
user = written.loc[written["rank"].eq(1), "user"].iloc[0]
best = kgrec_gds.recommend(graph, user, k=5)
best.as_frame[["rank", "title", "year", "predicted_rating"]]

# %% [markdown]
# A new rating is history, not a parameter: the next recommendation is scored with it, and nothing is trained again.

# %%
kgrec_gds.rate(graph, user, best.recommendations[0].tconst, 9)
again = kgrec_gds.recommend(graph, user, k=5)
again.source, again.as_frame["title"].tolist()

# %% [markdown]
# ## Explain
# What drew the attention, how the past movies are joined to this one in the graph, and what the prediction would lack without
# history and without the graph.

# %%
why = kgrec_gds.explain(graph, user, again.recommendations[0].tconst)
pd.Series(vars(why.contributions), name=f"parts of {why.rating:.2f}").to_frame()

# %%
pd.DataFrame(
    {
        "path": [" — ".join(str(node.name or node.key) for node in path.nodes) for path in why.paths],
        "by": [", ".join(path.relationships) for path in why.paths],
    }
)

# %% [markdown]
# The attention over the user's history, oldest movie first.

# %%
import matplotlib.pyplot as plt

attention = kgrec_gds.frame(why.attention)
figure, axes = plt.subplots(figsize=(8, 3), layout="constrained")
axes.bar(range(len(attention)), attention["weight"], color="tab:blue")
axes.set(xlabel="past movie, oldest first", ylabel="attention", title=f"What {why.title!r} was judged by")
ratings = axes.twinx()
ratings.plot(range(len(attention)), attention["rating"], "o", color="tab:orange")
ratings.set(ylabel="rating given", ylim=(1, 10.2))
plt.show()

# %% [markdown]
# ## After it
# The server goes on running for Neo4j Browser; this stops it.

# %%
graph.close()

from kgrec_gds import server

server.stop()
