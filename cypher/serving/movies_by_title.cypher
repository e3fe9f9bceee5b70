// Return the movies whose title matches a Lucene query, with their number of ratings; popular ones first among the near.
// params: index, query, most
CALL db.index.fulltext.queryNodes($index, $query) YIELD node AS movie, score
WITH movie, score, COUNT { (movie)<-[:RATED]-() } AS ratings
ORDER BY score * log(2 + ratings) DESC, movie.tconst
LIMIT $most
RETURN movie.tconst AS tconst, movie.title AS title, movie.year AS year, ratings
