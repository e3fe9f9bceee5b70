// The largest errors: given ratings that are farthest from the prediction
MATCH (user:User)-[p:PREDICTED_RATING]->(movie:Movie)<-[rated:RATED]-(user)
WHERE p.rank IS NULL
RETURN user.userId AS user, movie.title AS title, rated.rating AS rating, round(p.rating, 2) AS predictedRating
ORDER BY abs(p.rating - rated.rating) DESC
LIMIT 25
