// The movies that draw most attention over all predictions
MATCH (:User)-[p:PREDICTED_RATING]->(:Movie)
UNWIND range(0, size(p.attentionMovies) - 1) AS i
WITH p.attentionMovies[i] AS tconst, sum(p.attentionWeights[i]) AS attention, count(*) AS predictions
ORDER BY attention DESC
LIMIT 20
MATCH (movie:Movie {tconst: tconst})
RETURN movie.title AS title, round(attention, 1) AS attention, predictions
