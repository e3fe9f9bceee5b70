// Find a movie, rate it, and see the recommendations change: three queries over Neo4j's ordinary driver.
'use strict';

const FIND = `
  CALL db.index.fulltext.queryNodes('movie_title_fulltext', $query, {limit: 50}) YIELD node AS movie, score
  RETURN movie.tconst AS tconst, movie.title AS title, movie.year AS year
  ORDER BY score * log(2 + COUNT { (movie)<-[:RATED]-() }) DESC, tconst
  LIMIT 8`;
const RATE = `
  MATCH (movie:Movie {tconst: $tconst})
  MERGE (user:User {userId: $user})
  MERGE (user)-[rated:RATED]->(movie)
  SET rated.rating = $rating, rated.ratedAt = $ratedAt`;
const COLUMNS = `
  YIELD movie, rank, rating, reasons
  RETURN movie.tconst AS tconst, movie.title AS title, movie.year AS year, rank, rating, reasons
  ORDER BY rank`;
const RECOMMEND = `CALL kgrec.recommend($user, {topK: 10}) ${COLUMNS}`;
// Somebody who has not rated anything is no node yet.
const RECOMMEND_TO_ANYBODY = `CALL kgrec.recommend.forHistory([], {topK: 10}) ${COLUMNS}`;
const KNOWN = 'RETURN EXISTS { (:User {userId: $user}) } AS known';

let driver, user;
let places = new Map(); // tconst -> rank in the list before

const element = (selector) => document.querySelector(selector);

async function run(text, parameters = {}) {
  const { records } = await driver.executeQuery(text, parameters);
  return records.map((record) => record.toObject());
}

function say(text, isError = false) {
  element('#message').textContent = text;
  element('#message').className = isError ? 'error' : '';
}

// Every word of the text, whole or as the beginning of a word; what Lucene reads as syntax is escaped.
function lucene(text) {
  const words = text.toLowerCase().split(/[^\p{L}\p{M}\p{N}'’.]+/u).filter((word) => /[\p{L}\p{N}]/u.test(word));
  return words.map((word) => word.replace(/[+\-&|!(){}[\]^"~*?:\\/]/g, '\\$&')).map((word) => `+(${word}^4 ${word}*)`).join(' ');
}

function named(movie) {
  return movie.year ? `${movie.title} (${movie.year})` : movie.title ?? movie.tconst;
}

// The parts of the score, as shares of it; they sum to the score.
function why(reasons) {
  const total = reasons.reduce((sum, reason) => sum + reason.part, 0);
  const names = {
    likedTogether: (reason) => `you liked ${reason.movie.properties.title ?? reason.tconst}`,
    people: (reason) => `by ${reason.person.properties.name ?? reason.nconst}`,
    popularity: () => 'popular now',
  };
  return reasons
    .filter((reason) => names[reason.type] && reason.part > 0)
    .map((reason) => `${names[reason.type](reason)} ${Math.round((100 * reason.part) / total)} %`)
    .join(' · ');
}

function line(parent, tag, text, className) {
  const child = parent.appendChild(document.createElement(tag));
  child.textContent = text; // text from data is never markup
  if (className) child.className = className;
  return child;
}

async function recommend() {
  const [{ known }] = await run(KNOWN, { user });
  const rows = await run(known ? RECOMMEND : RECOMMEND_TO_ANYBODY, known ? { user } : {});
  const list = element('#recommended');
  list.replaceChildren();
  for (const row of rows) {
    const item = line(list, 'li', named(row));
    item.dataset.tconst = row.tconst;
    if (row.rating != null) line(item, 'span', ` · expected rating ${row.rating.toFixed(1)}`);
    const before = places.get(row.tconst);
    if (places.size && before !== row.rank) line(item, 'span', before ? ` was ${before}` : ' new', 'moved');
    line(item, 'span', why(row.reasons), 'why');
  }
  places = new Map(rows.map((row) => [row.tconst, row.rank]));
}

async function find(text) {
  const query = lucene(text);
  const movies = query ? await run(FIND, { query }) : [];
  say(movies.length ? '' : `No title has all the words of “${text}”.`);
  element('#found').replaceChildren();
  for (const movie of movies) {
    const item = line(element('#found'), 'li', `${named(movie)} `);
    const select = item.appendChild(document.createElement('select'));
    select.ariaLabel = `Rating of ${named(movie)}`;
    for (let rating = 10; rating >= 1; rating--) line(select, 'option', rating).value = rating;
    line(item, 'button', 'Rate').onclick = () => guarded(() => rate(movie, Number(select.value)));
  }
}

async function rate(movie, rating) {
  // JavaScript has one kind of number: whole seconds are marked as an integer, the rating goes as a float.
  const ratedAt = neo4j.int(Math.floor(Date.now() / 1000));
  await run(RATE, { user, tconst: movie.tconst, rating, ratedAt });
  await recommend();
  say(`You rated ${named(movie)} ${rating}.`);
}

async function connect(form) {
  await driver?.close();
  const { uri, username, password } = form;
  driver = neo4j.driver(uri, neo4j.auth.basic(username, password), { disableLosslessIntegers: true });
  user = form.user;
  places = new Map();
  await driver.verifyConnectivity();
  await recommend();
  element('main').hidden = false;
  say(`Connected, as user ${user}.`);
}

async function guarded(action) {
  try {
    await action();
  } catch (error) {
    say(error.message, true);
  }
}

function onSubmit(selector, action) {
  element(selector).addEventListener('submit', (event) => {
    event.preventDefault();
    const form = Object.fromEntries(new FormData(event.target));
    guarded(() => action(form));
  });
}

onSubmit('#connect', connect);
onSubmit('#find', (form) => find(form.text));
