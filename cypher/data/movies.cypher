// Return the catalogue as columns, ordered by tconst; a missing number is NaN because collect() drops nulls.
MATCH (movie:Movie)
WITH movie ORDER BY movie.tconst
RETURN
  collect(movie.tconst) AS tconst,
  collect(coalesce(movie.title, '')) AS title,
  collect(coalesce(toFloat(movie.year), 0.0 / 0.0)) AS year,
  collect(coalesce(toFloat(movie.averageRating), 0.0 / 0.0)) AS average_rating,
  collect(coalesce(toFloat(movie.numVotes), 0.0 / 0.0)) AS num_votes
