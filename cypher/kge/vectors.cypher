// TransE vectors in the order of the entities' names.
MATCH (entity:Entity)
WHERE entity.transE IS NOT NULL
RETURN entity.transE AS vector
ORDER BY entity.name
