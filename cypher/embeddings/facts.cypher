// All facts by key, in columns, with the place of a person in the billing.
MATCH (head:Movie|Person)-[fact:ACTED_IN|DIRECTED|WROTE|HAS_GENRE]->(tail:Movie|Genre)
WITH elementId(fact) AS id, type(fact) AS type, fact.ordering AS ordering,
     coalesce(head.tconst, head.nconst) AS head, coalesce(tail.tconst, 'genre ' + tail.name) AS tail
ORDER BY type, head, tail
RETURN collect(id) AS ids, collect(type) AS types, collect(coalesce(ordering, 0)) AS orderings,
       collect(head) AS heads, collect(tail) AS tails
