// Return the names of people.
// params: nconsts
MATCH (person:Person)
WHERE person.nconst IN $nconsts
RETURN person.nconst AS nconst, person.name AS name
