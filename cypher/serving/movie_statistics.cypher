// Set the number of ratings and the popularity of a batch of movies, and the length of their vector of people.
// params: rows
UNWIND $rows AS row
MATCH (movie:Movie {tconst: row.tconst})
SET movie.ratingCount = row.ratingCount, movie.popularity = row.popularity, movie.peopleNorm = row.peopleNorm
