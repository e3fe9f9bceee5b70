// Return the names of a part of the people, ordered by key; the key where there is no name.
// params: after, size
MATCH (person:Person)
WHERE person.nconst > $after
WITH person ORDER BY person.nconst LIMIT $size
RETURN collect(person.nconst) AS keys, collect(coalesce(person.name, person.nconst)) AS names
