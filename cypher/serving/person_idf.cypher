// Set the inverse document frequency of a batch of people.
// params: rows
UNWIND $rows AS row
MATCH (person:Person {nconst: row.nconst})
SET person.idf = row.idf
