// Changes the current user's password, on the system database at the first start of a server.
// params: old, new
ALTER CURRENT USER SET PASSWORD FROM $old TO $new
