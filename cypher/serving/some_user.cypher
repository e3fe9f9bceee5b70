// Choose a user to show: of those with recommendations, the one who rated last.
MATCH (user:User)-[rated:RATED]->(:Movie)
WHERE EXISTS { (user)-[:PREDICTED_RATING {rank: 1}]->(:Movie) }
RETURN user.userId AS user_id
ORDER BY rated.ratedAt DESC, user_id
LIMIT 1
