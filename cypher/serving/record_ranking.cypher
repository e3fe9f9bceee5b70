// Record on a model run how it ranks, and that its ranking stands in the graph.
// params: id, likedTogether, people, popularity, halfLife, popularityAt, digest
MATCH (run:ModelRun {id: $id})
SET run.rankingLikedTogether = $likedTogether, run.rankingPeople = $people, run.rankingPopularity = $popularity,
    run.popularityHalfLife = $halfLife, run.popularityAt = $popularityAt, run.rankingDigest = $digest
