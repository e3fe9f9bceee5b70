// Full-text index to find movies by words of their title; no word is left out, so that a film called It is found.
CREATE FULLTEXT INDEX movie_title_fulltext IF NOT EXISTS
FOR (n:Movie) ON EACH [n.title]
OPTIONS {indexConfig: {`fulltext.analyzer`: 'standard-no-stop-words'}}
