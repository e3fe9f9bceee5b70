// Components of the server and their versions; `Neo4j Kernel` is the server itself.
CALL dbms.components() YIELD name, versions, edition
RETURN name, versions, edition
