// How good the predictions are: mean squared and absolute error over the given ratings, by model
MATCH (user:User)-[p:PREDICTED_RATING]->(movie:Movie)<-[rated:RATED]-(user)
WHERE p.rank IS NULL
WITH p.modelId AS model, p.rating - rated.rating AS error
RETURN model, count(*) AS ratings, round(avg(error * error), 3) AS meanSquaredError, round(avg(abs(error)), 3) AS meanAbsoluteError
