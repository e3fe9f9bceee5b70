// Replace the outgoing LIKED_TOGETHER relationships of a batch of movies; running it again leaves the same.
// params: rows
UNWIND $rows AS row
MATCH (movie:Movie {tconst: row.tconst})
CALL (movie) {
  MATCH (movie)-[old:LIKED_TOGETHER]->()
  DELETE old
}
WITH movie, row
UNWIND range(0, size(row.others) - 1) AS i
MATCH (other:Movie {tconst: row.others[i]})
CREATE (movie)-[:LIKED_TOGETHER {weight: row.weights[i]}]->(other)
