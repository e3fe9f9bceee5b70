// Store on users what was known at each of their ratings.
// params: rows
UNWIND $rows AS row
MATCH (user:User {userId: row.userId})
SET user.ratingPasts = row.pasts
