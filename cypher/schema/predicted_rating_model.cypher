// Finds the predictions of one model, to count, replace or remove them.
// Community edition has unique relationships only by the relationship's own properties, and a PREDICTED_RATING holds
// neither its user nor its movie: that there is one a user, movie and modelId is held by how they are written.
CREATE INDEX predicted_rating_model IF NOT EXISTS
FOR ()-[p:PREDICTED_RATING]-() ON (p.modelId)
