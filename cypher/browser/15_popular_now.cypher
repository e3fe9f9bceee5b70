// What is popular now: a recent rating counts more than an old one
MATCH (movie:Movie)
WHERE movie.popularity > 0
RETURN movie.tconst AS tconst, movie.title AS title, movie.year AS year, movie.ratingCount AS ratings, round(movie.popularity, 6) AS popularity
ORDER BY movie.popularity DESC, tconst
LIMIT 20
