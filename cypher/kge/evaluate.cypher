// Filtered ranking of the triples of a test projection.
// params: name, configuration
CALL kgrec.kge.evaluate($name, $configuration)
YIELD tripleCount, unseenTripleCount, mrr, mr, hitsAt1, hitsAt3, hitsAt10, byRelationshipType, leaks, computeMillis
RETURN tripleCount, unseenTripleCount, mrr, mr, hitsAt1, hitsAt3, hitsAt10, byRelationshipType, leaks, computeMillis
