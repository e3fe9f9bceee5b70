// Return the names of people.
MATCH (person:Person)
WHERE person.name IS NOT NULL
RETURN collect(person.nconst) AS keys, collect(person.name) AS names
