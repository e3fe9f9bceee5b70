// Change the password of the connected user; run on the system database when a server starts for the first time.
// params: old, new
ALTER CURRENT USER SET PASSWORD FROM $old TO $new
