/* The near spelling that finds something, of a query that finds nothing.
 *
 * The twin of indexer/suggest.py, where the rule is told; tests compare what both offer.
 * Pure: no page, no network, no clock. Needs all of the other search-*.js.
 */
"use strict";

(function (Hamelin) {
  const { distance, isCompound, isNear, isRun, leaves, parse, search, stem, termsOf, units } = Hamelin;

  const LANGUAGES = [["stems", "en"], ["words", ""]]; // fields of words, and a language that they are read by
  const LETTERS = /[\p{L}\p{N}_]+/gu;
  const SHORTEST_NEAR = 3;
  const LONG_NEAR = 6;
  const MOST_DISTANT = 2;
  const MOST_WORDS = 5;
  const RARER_A_LETTER = 20;

  /** Give a query like this one that finds something; null when no spelling is to blame. `now` is in seconds. */
  async function suggestion(asked, pack, now) {
    const plain = leaves(parse(asked, now).tree).filter((leaf) => leaf.word !== undefined && isPlain(leaf.word));
    const found = await Promise.all(plain.map((leaf) => search(leaf, pack, { limit: 0 })));
    const unknown = plain.filter((_, index) => !found[index].total).map((leaf) => leaf.word);
    let text = asked;
    for (const unit of new Set(unknown.slice(0, MOST_WORDS))) {
      const other = text && (await likely(unit, pack));
      text = other ? withOther(text, unit, other) : null;
    }
    if (!text || text === asked) return null;
    return (await search(parse(text, now).tree, pack, { limit: 0 })).total ? text : null;
  }

  const isPlain = (unit) => Array.from(unit).length >= SHORTEST_NEAR && !isRun(unit) && !isCompound(unit);

  /** Find the word that was likely meant; a form rather than its stem, which may be no word, unless that is nearer. */
  async function likely(unit, pack) {
    const most = Array.from(unit).length >= LONG_NEAR ? MOST_DISTANT : 1;
    const begun = await Promise.all(pack.stretches.map((stretch) => stretch.beginning(Array.from(unit)[0])));
    const near = begun.flat().filter((entry) => isNear(unit, entry.term, most));
    const forms = near.filter((entry) => entry.form).map((entry) => entry.term);
    const stems = new Set(forms.filter((form) => distance(unit, form) <= distance(unit, stem(form))).map(stem));
    const terms = near.filter((entry) => (entry.stems || entry.words) && !stems.has(entry.term)).map((entry) => entry.term);
    let [best, highest] = [null, -1];
    for (const word of Array.from(new Set([...forms, ...terms])).sort()) {
      const rank = (await held(word, pack)) / RARER_A_LETTER ** distance(unit, word);
      if (rank > highest) [best, highest] = [word, rank];
    }
    return best;
  }

  /** Count the messages that hold a word. */
  async function held(word, pack) {
    let count = 0;
    for (const [field, language] of LANGUAGES) {
      for (const term of termsOf(word, language)) {
        for (const stretch of pack.stretches) count += (await stretch.list(field, term))?.count ?? 0;
      }
    }
    return count;
  }

  /** Write a query with another word in one's place; null where the word is not to be seen in it as it was read. */
  function withOther(text, unit, other) {
    for (const { 0: written, index } of text.matchAll(LETTERS)) {
      const read = units(written);
      if (read.length === 1 && read[0] === unit) {
        return text.slice(0, index) + other + text.slice(index + written.length);
      }
    }
    return null;
  }

  Object.assign(Hamelin, { suggestion });
})(globalThis.Hamelin);
