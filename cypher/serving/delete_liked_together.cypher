// Delete the outgoing LIKED_TOGETHER relationships of some movies.
// params: tconsts
MATCH (movie:Movie)-[old:LIKED_TOGETHER]->()
WHERE movie.tconst IN $tconsts
DELETE old
