// Counts of nodes and relationships to embed, from the count store.
CALL () { MATCH (n:Movie) RETURN count(n) AS movies }
CALL () { MATCH (n:Person) RETURN count(n) AS persons }
CALL () { MATCH (n:Genre) RETURN count(n) AS genres }
CALL () { MATCH ()-[r:ACTED_IN]->() RETURN count(r) AS acted }
CALL () { MATCH ()-[r:DIRECTED]->() RETURN count(r) AS directed }
CALL () { MATCH ()-[r:WROTE]->() RETURN count(r) AS wrote }
CALL () { MATCH ()-[r:HAS_GENRE]->() RETURN count(r) AS ofGenre }
CALL () { MATCH (n:User) RETURN count(n) AS users }
CALL () { MATCH ()-[r:RATED]->() RETURN count(r) AS ratings }
RETURN movies, persons, genres, acted + directed + wrote + ofGenre AS relationships, users, ratings
