// Return a part of the catalogue as columns, ordered by tconst; a missing number is NaN because collect() drops nulls.
// params: after, size
MATCH (movie:Movie)
WHERE movie.tconst > $after
WITH movie ORDER BY movie.tconst LIMIT $size
RETURN
  collect(movie.tconst) AS keys,
  collect(coalesce(movie.title, '')) AS title,
  collect(coalesce(toFloat(movie.year), 0.0 / 0.0)) AS year,
  collect(coalesce(toFloat(movie.averageRating), 0.0 / 0.0)) AS average_rating,
  collect(coalesce(toFloat(movie.numVotes), 0.0 / 0.0)) AS num_votes
