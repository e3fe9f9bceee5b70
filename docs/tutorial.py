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
# # The first hour
#
# In this tutorial you build a knowledge graph of movies in Neo4j, train a model on its ratings, and ask the graph for explained
# recommendations. All data is generated, so it runs as it stands: a few minutes of computing once the server is installed, and
# the rest of the hour for reading and changing it.
#
# Open it as a notebook with `jupytext --to ipynb docs/tutorial.py`, or in an editor that knows `# %%` cells.
#
# ## 1. A home for the tutorial
#
# kgrec-gds keeps its Neo4j server, the database and the trained models in a home folder. The tutorial uses a home of its own, so
# that an import cannot replace a database that you already have.

# %%
import os

from kgrec_gds.home import HOME_VARIABLE, home

folder = home() / "tutorial"
os.environ[HOME_VARIABLE] = str(folder)
os.environ.pop("NEO4J_URI", None)  # use the managed server, not your own database

# %% [markdown]
# ## 2. Connect
#
# `connect` without arguments starts the managed server, a real Neo4j with the Graph Data Science library. The first time, it
# downloads about 0.2 GB of jars. To use a database of your own, pass its address, a `neo4j.Driver` or a `GraphDataScience`.

# %%
import kgrec_gds

kg = kgrec_gds.connect()
kg

# %% [markdown]
# ## 3. Import
#
# The generator writes tables in IMDb's format and a file of ratings. Its users each like a group of directors and actors who work
# together, which gives the model something to find.

# %%
from kgrec_gds.synthetic import SyntheticDataSettings, generate

made = generate(folder / "data", SyntheticDataSettings(users=60, movies=120, ratings_per_user=25))
made

# %% [markdown]
# `import_` cleans the tables, writes CSV files, loads them with `neo4j-admin` into a new database, and replaces the old one.

# %%
import pandas as pd

pd.set_option("display.max_colwidth", None)
imported = kg.import_(folder / "data", csv_dir=folder / "import")
pd.Series({**imported.nodes, **imported.relationships}, name="in the graph").to_frame()

# %%
kg

# %% [markdown]
# ## 4. Embed
#
# TransE gives every movie, person and genre a vector, trained inside the database on who acted in, directed and wrote what.

# %%
embedded = kg.embed("transe", dimension=32)
embedded.method, embedded.node_properties_written, embedded.compute_millis

# %% [markdown]
# A vector index finds the movies nearest to one. Queries of your own go through the driver, `kg.connection.driver`.

# %%
most_rated = kg.connection.driver.execute_query(
    "MATCH (m:Movie)<-[:RATED]-() RETURN m.tconst AS tconst, count(*) AS n ORDER BY n DESC, tconst LIMIT 1"
).records[0]["tconst"]
kg.similar(most_rated, k=5)[["title", "year", "score", "shared_people"]]

# %% [markdown]
# ## 5. Train
#
# The first 64 % of the ratings by time are for training, the next 16 % for validation, the last 20 % for the test. A prediction
# for a user, a movie and a time uses only what was known strictly before that time.
#
# The test errors are given for histories that are complete (`at_once`), a day old and a month old: a recommendation is made before
# the rating, often long before. One epoch shows how it works; leave `epochs` out to train a good model.

# %%
trained = kg.train("attention_lstm", epochs=1)
trained.as_frame.round(3)

# %% [markdown]
# ## 6. Predict
#
# `predict` writes the ratings that the model predicts for the test, and the best unseen movies of each user, as `PREDICTED_RATING`
# relationships. Each carries the attention that the prediction paid to the user's past movies.

# %%
predicted = kg.predict(users="all", k=5)
predicted.predictions_written, predicted.recommendations_written

# %%
written = kg.predictions()
written.dropna(subset="rating")[["user_id", "title", "predicted_rating", "rating"]].head()

# %% [markdown]
# `score` predicts the ratings of any users and movies without writing them.

# %%
kg.score([(1, most_rated), (2, most_rated)])[["user_id", "title", "predicted_rating"]].round(2)

# %% [markdown]
# ## 7. Recommend
#
# Recommendations are read from the graph, because no rating is newer than they are.

# %%
best = kg.recommend(1, k=5)
best[["rank", "title", "year", "predicted_rating", "source"]]

# %% [markdown]
# A new rating becomes part of the user's history. The next recommendation takes it into account without another training.

# %%
kg.rate(1, best["tconst"][0], 9)
again = kg.recommend(1, k=5)
again["source"][0], again["title"].tolist()

# %% [markdown]
# ## 8. Explain
#
# An explanation has the parts of the ranking score, the past movies that the predicted rating attends to, the paths through the graph
# that connect them to the new movie, and, with `contributions`, what averages, history and graph contribute to the rating.

# %%
why = kg.explain(1, again["tconst"][0], contributions=True)
pd.Series(vars(why.contributions), name=f"parts of {why.rating:.2f}").to_frame()

# %%
pd.DataFrame(why.ranking.reasons)

# %%
pd.DataFrame(
    {
        "path": [" — ".join(str(node.name or node.key) for node in path.nodes) for path in why.paths],
        "relationships": [", ".join(path.relationships) for path in why.paths],
    }
)

# %% [markdown]
# The attention over the user's history, oldest movie first, with the ratings that the user gave:

# %%
import matplotlib.pyplot as plt

attention = pd.DataFrame(why.attention)
figure, axes = plt.subplots(figsize=(8, 3), layout="constrained")
axes.bar(range(len(attention)), attention["weight"], color="tab:blue")
axes.set(xlabel="past movie, oldest first", ylabel="attention", title=f"Attention for {why.title!r}")
ratings = axes.twinx()
ratings.plot(range(len(attention)), attention["rating"], "o", color="tab:orange")
ratings.set(ylabel="rating given", ylim=(1, 10.2))
plt.show()

# %% [markdown]
# ## 9. Where to go from here
#
# The server keeps running, for Neo4j Browser (`kgrec-gds browser`) and for your next session. The last cell stops it.
#
# - Real data: `kgrec-gds fetch imdb --into data`, `kgrec-gds fetch movielens --into data`, then `kg.import_("data")`.
# - Other models: `kg.train("trees_graph")`, `kg.train("blend")`; `kg.models.list()` shows all runs.
# - Does a feature know its target? `kg.audit()`. How good are the models? `kg.evaluate()`.

# %%
kg.close()

from kgrec_gds.server import lifecycle

lifecycle.stop()
