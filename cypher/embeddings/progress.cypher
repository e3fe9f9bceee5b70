// Progress of a job as text, such as '12.5%', or 'n/a'.
// params: job
CALL gds.listProgress() YIELD jobId, progress
WITH progress WHERE jobId = $job
RETURN progress
