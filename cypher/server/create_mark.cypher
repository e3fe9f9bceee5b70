// Create a node that a recovery test looks for after a restart.
// params: mark
CREATE (:Mark {mark: $mark})
