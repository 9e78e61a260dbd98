/* The parts of a query: its signs, its fields, and their values as leaves of the tree, with dates and patterns.
 *
 * The twin of indexer/fields.py and of indexer/query/{refusal,lexer,names,values,dates,patterns}.py, where all
 * of it is told; tests/data/queries.json binds both. Places are counted in characters (code points), as people do.
 * Pure: no page, no network; the clock is an argument. Needs search-words.js before it; search-core.js follows.
 */
"use strict";

(function (Hamelin) {
  const { fold, units, endsInWord, isRun, isCompound } = Hamelin;

  // ---- fields: name, aliases, kind, parts of a message (indexer/fields.py) ---------------------------

  const FIELDS = [
    ["subject", [], "words", ["subject"]],
    ["from", ["author", "sender"], "words", ["from"]],
    ["said", [], "words", ["subject", "said"]],
    ["quoted", [], "words", ["quoted"]],
    ["file", ["filename", "attachment"], "file", ["file"]],
    ["text-in-file", [], "words", ["text-in-file"]],
    ["list", [], "exact", []],
    ["id", ["msgid"], "exact", []],
    ["thread", [], "exact", []],
    ["date", [], "date", []],
    ["after", ["since"], "date", []],
    ["before", [], "date", []],
    ["newer", [], "age", []],
    ["older", [], "age", []],
    ["has", [], "choice", []],
    ["type", ["mime"], "type", []],
  ].map(([name, aliases, kind, parts]) => ({ name, aliases, kind, parts }));
  const CHOICES = { has: ["attachment"] };
  const BY_NAME = new Map(FIELDS.flatMap((field) => [field.name, ...field.aliases].map((name) => [name, field])));

  // ---- errors ----------------------------------------------------------------------------------------

  const SHOWN = 40;

  /** A query that cannot be read: message, hint, and position in characters from 0. */
  class QueryError extends Error {
    constructor(sentence, position, hint) {
      super(`${sentence} (character ${position + 1}).`);
      this.name = "QueryError";
      this.hint = hint;
      this.position = position;
    }
  }

  const size = (text) => Array.from(text).length;

  function shown(text) {
    const letters = Array.from(text);
    return `“${letters.length <= SHOWN ? text : letters.slice(0, SHOWN - 1).join("") + "…"}”`;
  }

  /** Find the known name that a slip or two turn into this one, or null. */
  function nearest(name, known) {
    let best = null;
    let least = size(name) >= 5 ? 3 : 2;
    for (const candidate of known) {
      const found = distance(name, candidate);
      if (found < least) [best, least] = [candidate, found];
    }
    return best;
  }

  /** Count the letters added, missing, changed or swapped with their neighbour between two words. */
  function distance(first, second) {
    const [one, other] = [Array.from(first), Array.from(second)];
    let [above, before] = [[], []];
    let row = Array.from({ length: other.length + 1 }, (_, index) => index);
    for (let i = 1; i <= one.length; i++) {
      [above, before, row] = [before, row, [i]];
      for (let j = 1; j <= other.length; j++) {
        const changed = before[j - 1] + (one[i - 1] === other[j - 1] ? 0 : 1);
        let cost = Math.min(before[j] + 1, row[j - 1] + 1, changed);
        if (i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1]) {
          cost = Math.min(cost, above[j - 2] + 1);
        }
        row.push(cost);
      }
    }
    return row[other.length];
  }

  // ---- signs -----------------------------------------------------------------------------------------

  const BLANK = "\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000\\ufeff";
  const QUOTE = '"“”„‟«»＂';
  const SIGN = new RegExp(
    `(?<blank>[${BLANK}]+)|(?<open>[(（])|(?<close>[)）])|(?<quote>[${QUOTE}])` +
      `|(?<minus>-(?=[^\\-${BLANK})）]))|(?<piece>[^${BLANK}(（)）${QUOTE}]+)`,
    "uy",
  );
  const CLOSING = new RegExp(`[${QUOTE}]`, "gu");
  const AROUND = new RegExp(`^[${BLANK}]+|[${BLANK}]+$`, "gu");

  const bare = (text) => text.replace(AROUND, "");

  /** Cut a query into signs, so many at most: {kind, text, position, after}; refuse a quotation among them that never ends. */
  function lex(text, most) {
    const tokens = [];
    let [at, position, after] = [0, 0, null];
    while (at < text.length && tokens.length < most) {
      SIGN.lastIndex = at;
      const found = SIGN.exec(text);
      const kind = Object.keys(found.groups).find((name) => found.groups[name] !== undefined);
      let [inside, end] = [found[0], SIGN.lastIndex];
      if (kind === "quote") [inside, end] = quotation(text, end, position);
      if (kind !== "blank") tokens.push({ kind, text: inside, position, after });
      position += size(text.slice(at, end));
      [at, after] = [end, kind === "blank" ? null : kind];
    }
    return tokens;
  }

  function quotation(text, start, position) {
    CLOSING.lastIndex = start;
    const closing = CLOSING.exec(text);
    if (!closing) {
      const rest = bare(text.slice(start));
      const hint = rest && size(rest) <= SHOWN ? `Write "${rest}".` : 'Write a phrase as "memory leak".';
      throw new QueryError("The quotation mark is never closed", position, hint);
    }
    return [text.slice(start, closing.index), closing.index + 1];
  }

  // ---- names before a colon --------------------------------------------------------------------------

  const NAMED = /^([A-Za-z][A-Za-z-]+):([^]*)$/;
  const NO_FIELDS = new Set("mailto news urn tel data sip xmpp irc javascript re fw fwd aw wg sv vs".split(" "));

  /** Take a piece apart into field, name and value; null when it clearly names none. */
  function named(piece, position) {
    const found = NAMED.exec(piece);
    if (!found || /^(?:\/\/|:|\\)/.test(found[2])) return null;
    const [, name, value] = found;
    const field = BY_NAME.get(name.toLowerCase());
    if (field) return { field, name, value };
    if (isAnAttempt(name.toLowerCase(), value)) throw unknownField(name, value, position);
    return null;
  }

  function isAnAttempt(name, value) {
    if (NO_FIELDS.has(name) || !value || !endsInWord(String.fromCodePoint(value.codePointAt(0)))) return false;
    return !/^[0-9]+$/.test(value) || nearest(name, BY_NAME.keys()) !== null;
  }

  function unknownField(name, value, position) {
    const near = nearest(name.toLowerCase(), BY_NAME.keys());
    const all = FIELDS.map((field) => field.name).join(", ");
    const meant = near === null ? `The fields are ${all}.` : `Did you mean ${near}:?`;
    const quoted = value && size(value) <= SHOWN ? `"${name}:${value}"` : "them in quotation marks";
    return new QueryError(`There is no field ${name}:`, position, `${meant} To look for the words, write ${quoted}.`);
  }

  // ---- values ----------------------------------------------------------------------------------------

  const STAR = "A * stands for the rest of one word: leak*.";
  const leaf = (kind, value, field, more) => ({ [kind]: value, ...more, ...(field === null ? {} : { field }) });

  /** Read a value as its field has it; null when it holds nothing to look for. */
  function readValue(field, text, position, quoted, now) {
    if (field === null) return readWords(text, position, null, quoted);
    const value = bare(text);
    switch (field.kind) {
      case "words": return readWords(text, position, field.name, quoted);
      case "file":
        if (/[*?]/.test(text)) return leaf("pattern", fold(value), field.name);
        return readWords(text, position, field.name, quoted);
      case "date": return readDates(field.name, value, position);
      case "age": return readAge(field.name, value, position, now);
      case "choice": return choice(field, fold(value), position);
      case "type": return mediaType(fold(value), position);
      default: return exact(field.name, value, position);
    }
  }

  function readWords(text, position, field, quoted) {
    const found = units(text);
    if (!found.length) return null;
    if (!quoted && text.includes("*")) return beginning(text, position, field);
    const near = quoted ? null : nearSpelling(text, position, field);
    if (near) return near;
    if (found.length > 1) return leaf("phrase", found, field);
    return leaf(isRun(found[0]) && size(found[0]) === 1 ? "beginning" : "word", found[0], field);
  }

  function beginning(text, position, field) {
    const head = text.slice(0, text.indexOf("*"));
    const tail = text.slice(head.length).replace(/^\*+/, "");
    const star = position + size(head);
    if (tail.includes("*") || units(tail).length) throw new QueryError("A * can only end a word", star, STAR);
    const found = units(head);
    if (!found.length || !endsInWord(head)) throw new QueryError("A * must follow a letter or a digit", star, STAR);
    if (found.length > 1) throw new QueryError(`A * cannot end several words, as in ${shown(text)}`, position, STAR);
    if (size(found[0]) < 2 && !isRun(found[0])) throw new QueryError("A * needs two letters before it", star, STAR);
    return leaf("beginning", found[0], field);
  }

  function nearSpelling(text, position, field) {
    const split = /^([^]*)~([0-9]*)$/.exec(text);
    if (!split || !endsInWord(split[1])) return null;
    const found = units(split[1]);
    const hint = "Write leek~, or leek~1 or leek~2 for one or two letters.";
    const refuse = (sentence) => { throw new QueryError(sentence, position, hint); };
    if (found.length > 1 || isRun(found[0]) || isCompound(found[0])) refuse("Near spellings are for single words");
    if (size(found[0]) < 3) refuse("A near spelling needs three letters");
    if (!["", "1", "2"].includes(split[2])) refuse("A near spelling is off by 1 or 2 letters");
    return leaf("near", found[0], field, { distance: Number(split[2]) || (size(found[0]) >= 6 ? 2 : 1) });
  }

  function choice(field, value, position) {
    const choices = CHOICES[field.name];
    if (choices.includes(value)) return leaf("exact", value, field.name);
    const near = nearest(value, choices) ?? choices[0];
    throw new QueryError(`${field.name}: knows no ${shown(value)}`, position, `Did you mean ${field.name}:${near}?`);
  }

  function mediaType(value, position) {
    const found = /^\.?([0-9a-z][0-9a-z.+_-]*(?:\/[0-9a-z][0-9a-z.+_-]*)?)(?:\/\*?)?$/.exec(value);
    if (found) return leaf("exact", found[1], "type");
    const hint = "Write a type as type:pdf, type:image or type:application/pdf.";
    throw new QueryError(`${shown(value)} is no media type`, position, hint);
  }

  function exact(name, value, position) {
    if (!value) return null;
    if (value.includes("*")) {
      const star = position + size(value.slice(0, value.indexOf("*")));
      throw new QueryError(`${name}: takes no *`, star, `Write ${name}: with the whole value.`);
    }
    if (name !== "id" || /^[a-z2-7]{26}$/.test(fold(value))) return leaf("exact", fold(value), name);
    return leaf("exact", value.startsWith("<") ? value : `<${value}>`, name);
  }

  // ---- dates: stretches of seconds since 1970 UTC ------------------------------------------------------

  const DAY = 86400;
  const EARLIEST = -62135596800; // the first second of the year 1
  const UNITS = { h: 3600, d: DAY, w: 7 * DAY, m: 30 * DAY, y: 365 * DAY };
  const FORMS = "Write a date as 2004, 2004-10 or 2004-10-05, and a range as 2004-03..2004-10-05.";
  const AGE_FORMS = "Write an age as a number of hours, days, weeks, months or years: 12h, 30d, 2w, 6m, 1y.";

  function readDates(name, value, position) {
    if (name === "after") return { dates: [stretch(value, position)[0], null] };
    if (name === "before") return { dates: [null, stretch(value, position)[0]] };
    if (!value.includes("..")) return { dates: stretch(value, position) };
    const start = value.slice(0, value.indexOf(".."));
    const end = value.slice(start.length + 2);
    if (!start && !end) throw new QueryError("A range needs a date", position, FORMS);
    const first = start ? stretch(start, position)[0] : null;
    const before = end ? stretch(end, position + size(start) + 2)[1] : null;
    if (first !== null && before !== null && first >= before) {
      throw new QueryError("The range ends before it begins", position, `Swap them: ${end}..${start}.`);
    }
    return { dates: [first, before] };
  }

  function readAge(name, value, position, now) {
    const found = /^([0-9]{1,6})([hdwmy])$/.exec(value);
    if (!found) throw new QueryError(`${shown(value)} is no age`, position, AGE_FORMS);
    const then = Math.max(EARLIEST, now - Number(found[1]) * UNITS[found[2]]);
    return { dates: name === "newer" ? [then, null] : [null, then] };
  }

  /** Give the first second of a year, month or day, and the first one behind it. */
  function stretch(value, position) {
    const found = /^([0-9]{4})(?:[-/]([0-9]{1,2})(?:[-/]([0-9]{1,2}))?)?$/.exec(value);
    if (!found || !Number(found[1])) throw new QueryError(`${shown(value)} is no date`, position, FORMS);
    const [year, month, day] = [1, 2, 3].map((group) => Number(found[group] ?? 1));
    if (month < 1 || month > 12) throw new QueryError(`There is no month ${month}`, position, FORMS);
    const length = monthLength(year, month);
    if (day < 1 || day > length) {
      throw new QueryError(`There is no day ${shown(value)}`, position, `That month has ${length} days.`);
    }
    const first = daysSince1970(year, month, day);
    if (found[3]) return [first * DAY, (first + 1) * DAY];
    if (found[2]) return [first * DAY, (first + length) * DAY];
    return [first * DAY, daysSince1970(year + 1, 1, 1) * DAY];
  }

  function daysSince1970(year, month, day) {
    const march = month <= 2 ? year - 1 : year;
    const leapDays = Math.floor(march / 4) - Math.floor(march / 100) + Math.floor(march / 400);
    return march * 365 + leapDays + Math.floor((((month + 9) % 12) * 153 + 2) / 5) + day - 1 - 719468;
  }

  function monthLength(year, month) {
    const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
    return month === 2 && leap ? 29 : [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1];
  }

  /** Say a stretch of time; the last day of a range is meant as a whole. */
  function stretchInWords([first, before]) {
    if (first === null) return before === null ? "dated at any time" : `dated before ${moment(before)}`;
    if (before === null) return `dated ${moment(first)} or later`;
    const [start, last] = [moment(first), moment(before - DAY)];
    return start === last ? `dated ${start}` : `dated from ${start} to ${last}`;
  }

  function moment(seconds) {
    const days = Math.floor(seconds / DAY);
    const clock = seconds - days * DAY;
    const two = (number) => String(number).padStart(2, "0");
    if (!clock) return date(days);
    return `${date(days)} ${two(Math.floor(clock / 3600))}:${two(Math.floor(clock / 60) % 60)}:${two(clock % 60)}`;
  }

  /** Write a day, by the reverse of daysSince1970. */
  function date(days) {
    days += 719468;
    const era = Math.floor(days / 146097);
    const ofEra = days - era * 146097;
    const parts = [-Math.floor(ofEra / 1460), Math.floor(ofEra / 36524), -Math.floor(ofEra / 146096)];
    const yearOfEra = Math.floor((ofEra + parts[0] + parts[1] + parts[2]) / 365);
    const ofYear = ofEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
    const months = Math.floor((5 * ofYear + 2) / 153);
    const day = ofYear - Math.floor((153 * months + 2) / 5) + 1;
    const month = ((months + 2) % 12) + 1;
    const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
    return [String(year).padStart(4, "0"), ...[month, day].map((n) => String(n).padStart(2, "0"))].join("-");
  }

  // ---- patterns of whole file names ----------------------------------------------------------------------

  /** Tell whether a folded name has the form of a folded pattern: * for any characters, ? for one. */
  function patternHolds(pattern, text) {
    const [form, name] = [Array.from(pattern), Array.from(text)];
    let [at, there, star, resume] = [0, 0, -1, 0];
    while (at < name.length) {
      const fits = there < form.length && (form[there] === "?" || form[there] === name[at]);
      if (form[there] === "*") [star, resume, there] = [there, at, there + 1];
      else if (fits) [at, there] = [at + 1, there + 1];
      else if (star >= 0) [resume, at, there] = [resume + 1, resume + 1, star + 1];
      else return false;
    }
    return form.slice(there).every((char) => char === "*");
  }

  Object.assign(Hamelin, {
    FIELDS, NAMED, QueryError, distance, shown, lex, named, unknownField, readValue, stretchInWords, patternHolds,
  });
})(globalThis.Hamelin);
