// Return the movie with a tconst, and the movies with exactly this title, with their number of ratings.
// params: text
MATCH (movie:Movie)
WHERE movie.tconst = $text OR movie.title = $text
RETURN movie.tconst AS tconst, movie.title AS title, movie.year AS year, COUNT { (movie)<-[:RATED]-() } AS ratings
ORDER BY ratings DESC, tconst
