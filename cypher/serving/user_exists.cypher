// Whether the graph holds a user.
// params: userId
RETURN EXISTS { (:User {userId: $userId}) } AS found
