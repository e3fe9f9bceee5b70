// Count the movies, users, ratings and predictions of the graph.
RETURN
  COUNT { (:Movie) } AS movies,
  COUNT { (:User) } AS users,
  COUNT { ()-[:RATED]->() } AS ratings,
  COUNT { ()-[:PREDICTED_RATING]->() } AS predictions
