// Return whether the graph has a user.
// params: userId
RETURN EXISTS { (:User {userId: $userId}) } AS found
