// Creates a node that a test of recovery looks for.
// params: mark
CREATE (:Mark {mark: $mark})
