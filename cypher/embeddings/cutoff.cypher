// Time of the first rating after the training share, ratings ordered by time.
// params: training
MATCH ()-[rated:RATED]->()
RETURN rated.ratedAt AS cutoff
ORDER BY cutoff SKIP $training LIMIT 1
