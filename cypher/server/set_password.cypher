// Changes the password of the user who is connected; for the first start of a server, on its system database.
// params: old, new
ALTER CURRENT USER SET PASSWORD FROM $old TO $new
