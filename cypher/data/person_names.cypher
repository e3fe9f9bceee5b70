// Names of people, for those who read a report.
MATCH (person:Person)
WHERE person.name IS NOT NULL
RETURN collect(person.nconst) AS keys, collect(person.name) AS names
