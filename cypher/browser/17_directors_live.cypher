// What to recommend right now among films by directors whose films the user likes, and why, as a picture (replace the id 1)
WITH '1' AS userId
MATCH (user:User {userId: userId})-[rated:RATED]->(:Movie)<-[:DIRECTED]-(:Director)-[:DIRECTED]->(film:Movie)
WHERE rated.rating >= 8
WITH user, collect(DISTINCT film) AS films
CALL kgrec.recommend(user.userId, {candidates: films, topK: 3}) YIELD movie, rank, score, rating, reasons
UNWIND reasons AS reason
WITH user, movie, rank, score, rating, reason, reason.movie AS liked, reason.person AS person
OPTIONAL MATCH together = (user)-[:RATED]->(liked)-[:LIKED_TOGETHER]->(movie)
OPTIONAL MATCH shared = (user)-[r:RATED WHERE r.rating >= 8]->(:Movie)<-[:DIRECTED|ACTED_IN|WROTE]-(person)
                        -[:DIRECTED|ACTED_IN|WROTE]->(movie)
RETURN rank, movie, score, rating, reason.type AS reason, reason.part AS part, together, shared
ORDER BY rank, part DESC
