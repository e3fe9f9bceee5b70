// Predictions beside the ratings that they predict, as a picture
MATCH (user:User)-[p:PREDICTED_RATING]->(movie:Movie)<-[rated:RATED]-(user)
WITH user, p, movie, rated
ORDER BY user.userId, movie.tconst
LIMIT 6
RETURN user, p, movie, rated
