/* Finding: which messages of a pack a query's tree asks for, how good each is, and the best of them with snippets.
 *
 * The twin of indexer/query/to_whoosh.py, indexer/impact.py and indexer/snippets.py, where the rules are told;
 * tests compare the answers of both over hundreds of queries. All is counted in whole numbers.
 * Pure: no page, no network, no clock. Needs search-words.js, search-values.js, search-core.js and search-pack.js.
 */
"use strict";

(function (Hamelin) {
  const { FIELDS, DAY, distance, fold, isCompound, leaves, patternHolds, stem, words } = Hamelin;
  const { termsOf, phraseOf, beginningOf, begins, sha256 } = Hamelin;

  const LANGUAGES = [["stems", "en"], ["words", ""]]; // fields of words, and a language that they are read by
  const PART_BITS = { subject: 1, from: 2, said: 4, quoted: 8, file: 16, "text-in-file": 32 };
  const ANY_PART = 127;
  const A_POSITION = 8; // a position is so many places

  // ---- ranking ---------------------------------------------------------------------------------------

  /** Give the weight of what `found` of `messages` hold: 16 times the binary logarithm of their ratio, plus 1. */
  function weight(found, messages) {
    let ratio = Math.floor(((messages + 1) * 65536) / (found + 1));
    let steps = 0;
    for (; ratio >= 131072; steps += 16) ratio = Math.floor(ratio / 2);
    for (const bit of [8, 4, 2, 1]) {
      ratio = Math.floor((ratio * ratio) / 65536);
      if (ratio >= 131072) [ratio, steps] = [Math.floor(ratio / 2), steps + bit];
    }
    return 1 + steps;
  }

  // ---- the tree --------------------------------------------------------------------------------------

  /** Find the messages that a tree asks for: a map from their numbers to their scores. */
  async function evaluate(node, pack) {
    if (node.and) return all(node.and, pack);
    if (node.or) return any(await Promise.all(node.or.map((child) => evaluate(child, pack))));
    const impacts = await leaf(node, pack);
    const factor = weight(impacts.size, pack.messages);
    for (const [number, impact] of impacts) impacts.set(number, factor * impact);
    return impacts;
  }

  async function all(children, pack) {
    const found = await Promise.all(children.map((child) => evaluate(child.not || child, pack)));
    const wanted = found.filter((_, index) => !children[index].not);
    const unwanted = found.filter((_, index) => children[index].not);
    const [first, ...others] = wanted.sort((a, b) => a.size - b.size);
    for (const [number, score] of first) {
      if (unwanted.some((scores) => scores.has(number)) || !others.every((scores) => scores.has(number))) {
        first.delete(number);
      } else first.set(number, others.reduce((sum, scores) => sum + scores.get(number), score));
    }
    return first;
  }

  function any(branches) {
    const found = new Map();
    for (const branch of branches) {
      for (const [number, score] of branch) found.set(number, (found.get(number) || 0) + score);
    }
    return found;
  }

  /** Find what a leaf asks for, stretch by stretch: a map from numbers of messages to impacts. */
  async function leaf(node, pack) {
    const found = await Promise.all(pack.stretches.map((stretch) => inStretch(node, stretch, pack)));
    const impacts = new Map();
    found.forEach((held, index) => {
      for (const [number, impact] of held) impacts.set(pack.stretches[index].base + number, impact);
    });
    return impacts;
  }

  async function inStretch(node, stretch, pack) {
    if (node.dates) return chosen(await dated(stretch, node.dates));
    if (node.pattern !== undefined) return chosen(await named(stretch, "file", (name) => patternHolds(node.pattern, name)));
    if (node.exact !== undefined) return chosen(await exact(node, stretch, pack));
    const bits = node.field === undefined ? ANY_PART : partBits(node.field);
    const both = await Promise.all(LANGUAGES.map(([field, language]) => inWords(node, field, language, bits, stretch)));
    return new Map(both.flatMap((held) => Array.from(held)));
  }

  const partsOf = (field) => FIELDS.find((known) => known.name === field).parts;
  const partBits = (field) => partsOf(field).reduce((bits, part) => bits | PART_BITS[part], 0);
  const chosen = (numbers) => new Map(numbers.map((number) => [number, 0]));

  function inWords(node, field, language, bits, stretch) {
    if (node.word !== undefined) return every(field, termsOf(node.word, language), bits, stretch);
    if (node.phrase) return sideBySide(field, phraseOf(node.phrase, language), bits, stretch);
    if (node.beginning !== undefined) return begun(node.beginning, field, bits, stretch);
    const near = (term) => isNear(node.near, term, node.distance);
    return expanded(field, Array.from(node.near)[0], near, bits, stretch);
  }

  // ---- words -----------------------------------------------------------------------------------------

  /** Find what holds every term; each may stand in another of the parts. */
  async function every(field, terms, bits, stretch) {
    const held = await Promise.all(terms.map((term) => stretch.postings(field, term)));
    return held.map((postings) => inParts(postings, bits)).reduce(least);
  }

  function least(impacts, others) {
    const found = new Map();
    for (const [number, impact] of impacts) {
      if (others.has(number)) found.set(number, Math.min(impact, others.get(number)));
    }
    return found;
  }

  /** Give the impacts of a term on the messages that hold it in one of the parts. */
  function inParts(postings, bits) {
    const found = new Map();
    if (!postings) return found;
    const { numbers, impacts, parts } = postings;
    for (let index = 0; index < numbers.length; index++) {
      if (parts[index] & bits) found.set(numbers[index], impacts[index]);
    }
    return found;
  }

  async function begun(unit, field, bits, stretch) {
    const { terms, beginning } = beginningOf(unit);
    const found = await expanded(field, beginning, (term) => begins(term, beginning), bits, stretch);
    return terms.length ? least(found, await every(field, terms, bits, stretch)) : found;
  }

  /** Find what holds any of the terms that are asked for, or the stem of any such form; all of them begin so. */
  async function expanded(field, beginning, asked, bits, stretch) {
    const entries = (await stretch.beginning(beginning)).filter((entry) => asked(entry.term));
    const held = entries.filter((entry) => entry[field]).map((entry) => stretch.opened(entry[field]));
    if (field === "stems") {
      const stems = new Set(entries.filter((entry) => entry.form).map((entry) => stem(entry.term)));
      for (const term of stems) {
        if (!(term.startsWith(beginning) && asked(term))) held.push(stretch.postings(field, term));
      }
    }
    const found = new Map();
    for (const postings of await Promise.all(held)) {
      for (const [number, impact] of inParts(postings, bits)) {
        if (impact > (found.get(number) || 0)) found.set(number, impact);
      }
    }
    return found;
  }

  function isNear(unit, term, most) {
    const [one, other] = [Array.from(unit), Array.from(term)];
    if (Math.abs(one.length - other.length) > most || one[0] !== other[0] || isCompound(term)) return false;
    return distance(unit, term) <= most;
  }

  /** Find what holds the terms one after the other in one part; the rarest first, so that few places are fetched. */
  async function sideBySide(field, terms, bits, stretch) {
    const held = await Promise.all(terms.map((term) => stretch.postings(field, term)));
    if (held.some((postings) => !postings)) return new Map();
    const indexes = held.map((postings) => new Map(postings.numbers.map((number, index) => [number, index])));
    const steps = held.map((_, step) => step).sort((a, b) => held[a].numbers.length - held[b].numbers.length);
    const common = held[steps[0]].numbers.filter((number) => indexes.every((index) => index.has(number)));
    let starts = new Map(common.map((number) => [number, null]));
    for (const step of steps) starts = await narrowed(starts, held[step], indexes[step], step, bits, stretch);
    return new Map(Array.from(starts.keys(), (number) => {
      return [number, Math.min(...held.map((postings, step) => postings.impacts[indexes[step].get(number)]))];
    }));
  }

  /** Keep the places where a phrase can begin, by the places of its term at one step; null stands for any. */
  async function narrowed(starts, postings, index, step, bits, stretch) {
    const kept = new Map();
    if (!starts.size) return kept;
    const places = await stretch.places(postings, Array.from(starts.keys(), (number) => index.get(number)));
    for (const [number, before] of starts) {
      const here = places.get(index.get(number)).filter((place) => (bits >> (place & 7)) & 1);
      const still = here.map((place) => place - step * A_POSITION).filter((place) => !before || before.has(place));
      if (still.length) kept.set(number, new Set(still));
    }
    return kept;
  }

  // ---- names and dates -------------------------------------------------------------------------------

  async function named(stretch, field, asked) {
    const names = Array.from(await stretch.names(field)).filter(([name]) => asked(name));
    return names.flatMap(([, numbers]) => numbers);
  }

  async function exact(node, stretch, pack) {
    if (node.field !== "id" && node.field !== "thread") return named(stretch, node.field, (name) => name === node.exact);
    if (!node.exact.startsWith("<")) {
      const numbers = await stretch.keyed(keyBytes(node.exact), node.field === "id" ? 0 : 1);
      // lists of keys tell their beginnings only
      return numbers.length && (await stretch.record(numbers[0]))[node.field] === node.exact ? numbers : [];
    }
    const keys = pack.lists.map((list) => sha256(`${list.name}\0${node.exact}`).slice(0, 16));
    return (await Promise.all(keys.flatMap((key) => [stretch.keyed(key, 0), stretch.keyed(key, 2)]))).flat();
  }

  /** Give the 16 bytes that a key stands for; of what is no key, bytes that no key has. */
  function keyBytes(key) {
    const bytes = [];
    let [held, count] = [0, 0];
    for (const letter of key) {
      held = (held << 5) | "abcdefghijklmnopqrstuvwxyz234567".indexOf(letter);
      for (count += 5; count >= 8; held &= (1 << count) - 1) bytes.push((held >> (count -= 8)) & 255);
    }
    return bytes.length === 16 ? bytes : [0];
  }

  /** Give the numbers of the messages of a stretch of time; those of 1970-01-01, which have no date, are in none. */
  async function dated(stretch, [first, before]) {
    const days = await stretch.days();
    const start = first === null ? 0 : await firstSince(stretch, days, first);
    const end = before === null ? days.length : await firstSince(stretch, days, before);
    return days.map((_, number) => number).slice(start, end).filter((number) => days[number] !== 0);
  }

  /** Give the number of the first message that is not before a time; only within its day records are asked. */
  async function firstSince(stretch, days, time) {
    const day = Math.floor(time / DAY);
    let number = days.findIndex((held) => held >= day);
    if (number < 0) return days.length;
    if (time % DAY) {
      while (number < days.length && days[number] === day && (await stretch.record(number)).date < time) number += 1;
    }
    return number;
  }

  // ---- results ---------------------------------------------------------------------------------------

  /** Find what a tree asks for: how many messages, and the best of them in order, as numbers with scores. */
  async function search(tree, pack, { limit = 20, sort = "relevance" } = {}) {
    const scores = Array.from(await evaluate(tree, pack), ([number, score]) => ({ number, score }));
    const byDate = (a, b) => b.number - a.number;
    scores.sort(sort === "date" ? byDate : (a, b) => b.score - a.score || byDate(a, b));
    return { total: scores.length, hits: scores.slice(0, limit) };
  }

  /** Tell what is shown of hits: address below the site's root, names, date, and a snippet with marks. */
  function tell(hits, tree, pack) {
    return Promise.all(hits.map(async ({ number, score }) => {
      const stretch = pack.stretches.findLast((held) => held.base <= number);
      const record = await stretch.record(number - stretch.base);
      const list = pack.lists[record.list];
      const url = `${list.folder}/threads/${record.thread}.html#${record.id}`;
      const subject = { text: record.subject, marks: marks(record.subject, wanted(tree, list.language, SUBJECT_FIELDS)) };
      const shown = snippet(record.lead, wanted(tree, list.language, TEXT_FIELDS));
      return { ...record, number, score, url, list: list.name, subject, snippet: shown };
    }));
  }

  /** Say what a tree asks for that is not in a pack: whole addresses of senders. "" when it asks for none. */
  function unpublished(tree) {
    const asked = leaves(tree).filter((leaf) => leaf.field === "from");
    const hasAddress = asked.some((leaf) => /@/.test(leaf.word ?? leaf.beginning ?? (leaf.phrase || []).join(" ")));
    return hasAddress ? "Whole addresses are not published: only the command line finds senders by them." : "";
  }

  // ---- snippets --------------------------------------------------------------------------------------

  const WIDTH = 200;
  const BEFORE = 5;
  const TEXT_FIELDS = [undefined, "said", "quoted"];
  const SUBJECT_FIELDS = [undefined, "said", "subject"];

  /** Gather what a query asks for in these fields, in a language: a test of a term and of the word as written. */
  function wanted(tree, language, fields) {
    const terms = new Set();
    const tests = [];
    for (const leaf of positive(tree).filter((found) => fields.includes(found.field))) {
      if (leaf.word !== undefined) termsOf(leaf.word, language).forEach((term) => terms.add(term));
      if (leaf.phrase) phraseOf(leaf.phrase, language).forEach((term) => terms.add(term));
      if (leaf.near !== undefined) tests.push((term) => isNear(leaf.near, term, leaf.distance));
      if (leaf.beginning !== undefined) {
        const begun = beginningOf(leaf.beginning);
        begun.terms.forEach((term) => terms.add(term));
        tests.push((term) => begins(term, begun.beginning));
      }
    }
    const holds = (term, written) => terms.has(term) || tests.some((test) => test(term) || test(fold(written)));
    return { language, holds, any: terms.size + tests.length > 0 };
  }

  function positive(node) {
    if (node.not) return [];
    return node.and || node.or ? (node.and || node.or).flatMap(positive) : [node];
  }

  /** Find where the words asked for stand in a text, as [start, end]; what overlaps is one mark. */
  function marks(text, asked) {
    const found = [];
    for (const { term, start, end } of asked.any ? words(text, asked.language) : []) {
      const last = found[found.length - 1];
      if (!asked.holds(term, text.slice(start, end))) continue;
      if (last && start <= last[1]) last[1] = Math.max(last[1], end);
      else found.push([start, end]);
    }
    return found;
  }

  /** Choose the stretch of a text that holds most different words asked for: {text, marks}. */
  function snippet(text, asked, width = WIDTH) {
    const line = text.trim().split(/\s+/).join(" ");
    const found = marks(line, asked);
    if (!found.length) return { text: line.length <= width ? line : `${line.slice(0, wordEnd(line, width))}…`, marks: [] };
    const [start, end] = stretchOf(line, found, width);
    const shift = (start ? 1 : 0) - start;
    const inside = found.filter(([a, b]) => start <= a && b <= end).map(([a, b]) => [a + shift, b + shift]);
    return { text: `${start ? "…" : ""}${line.slice(start, end)}${end < line.length ? "…" : ""}`, marks: inside };
  }

  function stretchOf(line, found, width) {
    const before = Math.floor(width / BEFORE);
    let [best, most] = [found[0][0], 0];
    found.forEach(([start], first) => {
      const inside = found.slice(first).filter(([, b]) => b <= start + width - before);
      const different = new Set(inside.map(([a, b]) => fold(line.slice(a, b)))).size;
      if (different > most) [best, most] = [start, different];
    });
    let start = Math.max(0, Math.min(best - before, line.length - width));
    if (start) {
      const blank = line.indexOf(" ", start - 1);
      start = blank >= 0 && blank < best ? Math.min(blank + 1, best) : best;
    }
    return [start, wordEnd(line, start + width)];
  }

  function wordEnd(line, end) {
    if (end >= line.length) return line.length;
    const blank = line.lastIndexOf(" ", end);
    return blank > Math.floor(end / 2) ? blank : end;
  }

  Object.assign(Hamelin, { isNear, search, tell, unpublished, weight, snippet, wanted, marks });
})(globalThis.Hamelin);
