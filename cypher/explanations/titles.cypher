// Return the titles of some movies.
// params: tconsts
MATCH (movie:Movie)
WHERE movie.tconst IN $tconsts
RETURN movie.tconst AS tconst, movie.title AS title
