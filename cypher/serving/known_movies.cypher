// Return those of these movies that the graph has.
// params: tconsts
MATCH (movie:Movie)
WHERE movie.tconst IN $tconsts
RETURN collect(movie.tconst) AS tconsts
