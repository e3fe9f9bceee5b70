// Keys of nodes by their GDS node id, in the given order.
// params: ids
UNWIND range(0, size($ids) - 1) AS row
WITH row, gds.util.asNode($ids[row]) AS node
WITH row, coalesce(node.tconst, node.nconst, node.userId, 'genre ' + node.name) AS key
ORDER BY row
RETURN collect(key) AS keys
