// Return the movies that meet all conditions.
// params: genres, first, last, among, exclude
MATCH (movie:Movie)
WHERE ($first IS NULL OR movie.year >= $first) AND ($last IS NULL OR movie.year <= $last)
  AND (size($genres) = 0 OR EXISTS { (movie)-[:HAS_GENRE]->(genre:Genre) WHERE toLower(genre.name) IN $genres })
  AND ($among IS NULL OR movie.tconst IN $among) AND NOT movie.tconst IN $exclude
RETURN collect(movie.tconst) AS tconsts
