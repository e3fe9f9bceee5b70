// Say that no run's ranking stands in the graph as a whole.
MATCH (run:ModelRun)
WHERE run.rankingDigest IS NOT NULL
REMOVE run.rankingDigest
