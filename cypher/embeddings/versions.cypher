// Versions of Neo4j and GDS.
CALL dbms.components() YIELD name, versions
WITH name, versions WHERE name = 'Neo4j Kernel'
RETURN versions[0] AS neo4j, gds.version() AS gds
