// Keys and names of the nodes of scored links, in the given order.
// params: rows
UNWIND range(0, size($rows) - 1) AS position
WITH position, $rows[position] AS row
WITH position, row, gds.util.asNode(row.source) AS source, gds.util.asNode(row.target) AS target
RETURN coalesce(source.tconst, source.nconst) AS source,
       coalesce(source.title, source.name) AS sourceName,
       coalesce(target.tconst, target.name) AS target,
       coalesce(target.title, target.name) AS targetName,
       row.score AS score
ORDER BY position
