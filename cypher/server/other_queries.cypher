// Return how many transactions run beside this one.
SHOW TRANSACTIONS YIELD transactionId
RETURN count(transactionId) - 1 AS others
