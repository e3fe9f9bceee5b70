// Time of the first rating that is not for training, ratings ordered by time.
// params: training
MATCH ()-[rated:RATED]->()
RETURN rated.ratedAt AS cutoff
ORDER BY cutoff SKIP $training LIMIT 1
