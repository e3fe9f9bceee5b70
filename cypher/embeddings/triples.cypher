// All triples by key, in columns, with a person's position in the billing.
MATCH (head:Movie|Person)-[relationship:ACTED_IN|DIRECTED|WROTE|HAS_GENRE]->(tail:Movie|Genre)
WITH elementId(relationship) AS id, type(relationship) AS type, relationship.ordering AS ordering,
     coalesce(head.tconst, head.nconst) AS head, coalesce(tail.tconst, 'genre ' + tail.name) AS tail
ORDER BY type, head, tail
RETURN collect(id) AS ids, collect(type) AS types, collect(coalesce(ordering, 0)) AS orderings,
       collect(head) AS heads, collect(tail) AS tails
