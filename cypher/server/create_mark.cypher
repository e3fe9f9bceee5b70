// Creates one node that a test of recovery looks for again.
// params: mark
CREATE (:Mark {mark: $mark})
