/* The word rule: which words a text holds, and which terms an index keeps of them.
 *
 * The twin of indexer/letters.py, indexer/stemming.py and indexer/analysis.py, where the rule is told;
 * tests/data/tokens.json and tests/data/stems.json bind both, and a test compares every letter.
 * Pure: no page, no network, no clock. A classic script that adds to the one object Hamelin, so that
 * it runs from a file and under a strict Content-Security-Policy.
 */
"use strict";

globalThis.Hamelin = globalThis.Hamelin || {};

(function (Hamelin) {
  // ---- letters -------------------------------------------------------------------------------------

  // Ranges in base 36, GAP.LENGTH; pinned to Unicode 14 (indexer/letters.py).
  const WORD = `
1c.9 8.p 7.p 1c 8.1 2 4.1 6.m 2.u 2.1y 3.ao 5.b f.4 8 2 3m.4 2.1 4.2 2 7 2.2 2 2.j 2.2a 2.3u 9.4l 2.11 3 7.14 20.q 5.3
1a.v 2.9 m.9 5.1 2.2q 2 g.1 8.e 3 h 2.t u.2s f.16 a.1 5 6.l 5 a 4 o.o 8.a 6.n 2.5 i.15 1j.1n 2.j 5.e 3.9 2.i 2.7 3.1
3.l 2.6 2 4.3 4.7 3.1 3.3 9 5.1 2.4 3.b 3.5 3 5.2 2.5 5.1 3.l 2.6 2.1 2.1 2.1 5.4 5.1 3.2 4 8.3 2 8.f c.2 2.8 2.2 2.l
2.6 2.1 2.4 4.8 2.2 2.2 3 g.3 3.9 a.6 2.2 2.7 3.1 3.l 2.6 2.1 2.4 4.7 3.1 3.2 8.2 5.1 2.4 3.9 2.6 b.1 2.5 4.2 2.3 4.1 2
2.1 4.1 4.2 4.b 5.4 4.2 2.3 3 7 f.c e.c 2.2 2.m 2.f 4.7 2.2 2.3 8.1 2.2 3 3.3 3.9 9.6 2.3 2.7 2.2 2.m 2.9 2.4 4.7 2.2
2.3 8.1 7.1 2.3 3.9 2.1 e.c 2.2 2.1e 2.2 2.4 6.f 3.i 2.5 2.2 2.h 4.n 2.8 2 3.6 4 5.5 2 2.7 7.9 3.1 2l.9 3b.9 13 w.j b.9
2.z 5.g 3 4.f 2.z 3o.9 1z.9 7.11 2 6 3.16 2.98 2.3 3.6 2 2.3 3.14 2.3 3.w 2.3 3.6 2 2.3 3.e 2.1k 2.3 3.1u f.j 4.f h.2d
3.5 4.h7 3.g 2.p 6.22 4.a 8.l a.l c.j d.c 2.2 2.1 2s 9.9 7.9 i.2 2.a 7.2g 8.14 2 6.1x b.u 2.b 5.8 e.13 3.4 c.17 5.p 7.a
12.m 3.2 5.1q 2.k c.9 7.9 e 2h.1f 2.n 4.9 13.2t 2.c d.1i a.9 4.1c 3.8 8.16 3.2 y 8.3 2.5 2.2 3 6.5b 1t.7p 3.5 3.11 3.5
3.7 2 2 2 2.u 3.1g 2.6 2 4.2 2.6 4.3 3.5 5.c 6.2 2.6 38.1 3.5 6.a 7.c 2u 5 3.9 2 4.4 7 2 2 2.3 2.a 3.3 6.4 5 i.14 k8.j
3b.l hj.t vh.6c 7.3 4.1 a 3.11 2 6 3.1j 8 g.n a.6 2.6 2.6 2.6 2.6 2.6 2.6 2.6 29 le.2l 56.7 2.e 2a.e lkx.wc 1w.19 3.7g
4.r l.1a h.u 3.27 14.8 3.2u 3.1r 6.1 2 2.4 p.1h 5 4.5 b.1f d.1x b.9 p.5 4 2.19 6.z d.s 4.1e 2.c f.a 7.u 2.1i a.d 3.9
7.m 4.1h 2 4.1 3.4 3 2 p.2 3.f 3.4 b.5 3.5 3.5 a.6 2.6 2.16 2.d 7.3e 2.1 3.9 8mv.m 5.1c 6x1.6 d.4 6 2.9 2.c 2.4 2 2.1
2.1 2.2z y.3u 7.3x 4.20 j.1r 3.1h 15.9 3e d.3g k.9 8.p 7.p 1y.u 4.5 3.5 3.5 3.2 10.b 2.p 2.i 2.1 2.e 3.d z.3e d.18 d.1k
i.1 6t.s 4.1c h.q 5.z a.t 6.11 b.t 3.z 5.7 2.4 17.4d 3.9 7.z 5.z 5.13 9.1f d.a 2.e 2.6 2.1 2.a 2.e 2.6 2.1 1w.8m a.l
b.7 p.5 2.15 2.8 1y.5 3 2.17 2.1 4 3.m 3.u 3.11 9.8 1d.i 2.1 6.w 5.p 1z.1j 5.j 3.1d 2.1 6 2 2.3 2.2 2.s a.9 o.u 2.v x.7
2.r 7.4 h.1h b.l 3.q 6.p o.6 29.20 1k.1e e.1e 8.15 d.9 87.u 2.15 7.1 27.13 9.l c.3 s.h 1b.r l.m a.1y c.z a.1m 9 e.o 8.9
a.1d 2.9 5.3 9.y 4 a.1w 5 2.1 2.c 2 5.j c.h 2.y 2 7 1u.6 2 2.3 2.e 2.9 8.1k 2 6.9 7.3 2.7 3.1 3.l 2.6 2.1 2.4 4.7 3.1
3.2 3 7 6.6 4d.1x 2.3 6.9 6.2 v.1u 2.1 2 9.9 4n.1h 3.7 p.5 z.1s 4 c.9 13.1i 2 8.9 1j.q 3.e 5.b 5.6 56.1l 2v.2a d.7 3
3.7 2.1 2.t 2.1 3.7 e.9 1z.7 3.19 3.7 2.1 s.1q 9 9.21 4 j.20 7c.8 2.18 2.8 g.s 6.t 3.l 2.d 22.6 2.1 2.17 4 2.1 2.2 2.4
9.9 7.5 2.1 2.10 2.1 2.5 8.9 8n.m 56 g.k 18.pl 2v.32 i.5f 219.2o g.tq 34i.g6 6nu.fs 8.u 2.9 7.26 2.9 7.t j.1b h.3 d.9
2.6 2.k 6.i j5.2e 2y.22 5.1k 8.g 1t.1 2.1 c.1 f.4qf 9.yd 17.8 76w.az 1s5.2y 6.c 4.8 8.9 4 3mr.19 3.m pm.j 31.o 3s.2c
2.1y 2.1 3 3.1 3.3 2.b 2 2.6 2.1s 2.3 3.7 2.6 2.r 2.3 2.4 2 4.6 2.9f 3.o 2.o 2.u 2.o 2.u 2.o 2.u 2.o 2.u 2.o 2.7 3.1d
e9.1i 5.1d 9 f n.4 2.e up.u de.18 b.6 3.9 5 8y.t j.17 5.9 yv.6 2.3 2.1 2.e 2.5g 3.8 1d.1v 8 5.9 m0.1m 2.2 2.3 25.18 2.e
5f.3 2.q 2.1 2 3 2.9 2.3 2 2 7 5 2 2 2.2 2.1 2 3 2 2 2 2 2.1 2 3.3 2.6 2.3 2.3 2 2.9 2.g 6.2 2.4 2.g gg.1 25g.9
`;
  const RUN = `
2rl.1l 6.e 1f.1 2 2.4 2.n 2 2.m 3.4 2 2.5 f.3 81.1r h.1r b.3 1cz.2b 9.1 4rs.2 q.8 8.4 3.4 5.2d 7.2 2.2h 2.3 6.16 2r.3
b.v 1d.f 3l.9 af.533 1t.g73 2dd.8mb 6l9.a5 3.2x wd.1j ytv.3 2.6 2.1 2.82 1a.2 i.3 fix.wyn x.37c 8.65 3.4g1 f.5rk 2e8.f1
15v.3t6
`;
  const DROPPED = `
4t gj.33 7o.6 7c.18 2 2.1 2.1 2 21.a 12 b.k h 2u.6 3.5 3.1 2.3 10 v.q 4h.8 a p.3 2.8 2.2 2.4 18.2 1p.7 17.n 2.s 1p l.3
2w 1u 1q 3k 3k 74 3k gs.1 s 2 2 21.1 3.1 1r pj.2 11m 40.2 64.1 2l.7 3 1d.u 2u 1j.8 37 29 49.2 2.c 2.6 5 7 4.1 5j.1r
ek.2 2b 34.w 2db.2 6n.v ff.5 2y.1 n9x.3 2.9 x.1 29.1 dr.h 1m.2 3q 71 2.2 3.1 6.1 2 fvh ki.f h.f r2 6b 46.4 1ar 2 15.2
4r.1 fy.3 as.1 4a.a 1e.3 8l 1y.2 35 2f 30 4z 2a.1 16.6 4.4 5u o 2t 71 6v ar 7d sf fce.4 1o.6 g2w 43r.4 4.5 9.7 3.6 v.3
45.2 2po.6 2.g 3.6 2.1 2.4 7a.6 ag 1q.3 15t.6 32.6 gzhy.6n
`;

  const SPECIAL = {
    ß: "ss", æ: "ae", œ: "oe", þ: "th", ø: "o", đ: "d", ð: "d", ħ: "h", ı: "i", ĸ: "k", ł: "l", ŋ: "n",
    ŧ: "t", ς: "σ",
  };
  Array.from("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹", (digit, index) => (SPECIAL[digit] = String(index % 10)));

  /** Read a table: first and last number of each range. */
  function ranges(table) {
    let last = 0;
    return table.trim().split(/\s+/).map((item) => {
      const [gap, length] = item.split(".");
      const first = last + parseInt(gap, 36);
      last = first + parseInt(length || "0", 36);
      return [first, last];
    });
  }

  /** Write a table as the inside of a character class. */
  function inClass(table) {
    const escaped = (number) => `\\u{${number.toString(16)}}`;
    return ranges(table).map(([first, last]) => `${escaped(first)}-${escaped(last)}`).join("");
  }

  const [LETTER, RUNNING, MARK] = [WORD, RUN, DROPPED].map(inClass);
  const IS_LETTER = new RegExp(`^[${LETTER}${RUNNING}]$`, "u");
  const IS_RUNNING = new RegExp(`^[${RUNNING}]`, "u");
  const IS_MARK = new RegExp(`^[${MARK}]$`, "u");
  const ASCII = /^[\x00-\x7f]*$/;

  const folds = new Map();

  /** Fold case, accents and compatibility forms of the letters in a text; the rest stays. */
  function fold(text) {
    if (ASCII.test(text)) return text.toLowerCase();
    return Array.from(text, foldChar).join("");
  }

  function foldChar(char) {
    let folded = folds.get(char);
    if (folded === undefined) {
      folded = IS_MARK.test(char) ? "" : IS_LETTER.test(char) ? foldLetter(char) : char;
      folds.set(char, folded);
    }
    return folded;
  }

  function foldLetter(char) {
    if (char >= "\uac00" && char <= "\ud7a3") return char;
    const lowered = withoutMarks(char).map((c) => c.toLowerCase()).join("");
    return withoutMarks(lowered).map((c) => SPECIAL[c] ?? c).join("");
  }

  function withoutMarks(text) {
    return Array.from(text.normalize("NFKD")).filter((c) => !IS_MARK.test(c));
  }

  // ---- stems: Porter2, as Snowball 3.1 defines it for English ---------------------------------------

  const WHOLE_WORDS = {
    skis: "ski", skies: "sky", sky: "sky", idly: "idl", gently: "gentl", ugly: "ugli", early: "earli", only: "onli",
    singly: "singl", news: "news", howe: "howe", atlas: "atlas", cosmos: "cosmos", bias: "bias", andes: "andes",
  };
  const R1_FIXED = /^(?:arsen|commun|emerg|gener|inter|later|organ|past|univers)/;
  const REGION = /[^aeiouy]*[aeiouy]+[^aeiouy]/y;
  const SHORT_END = /(?:[^aeiouy][aeiouy][^aeiouywxY]|^[aeiouy][^aeiouy]|past)$/;
  const VOWEL = /[aeiouy]/;
  const STEP_2 = {
    tional: "tion", enci: "ence", anci: "ance", abli: "able", entli: "ent", izer: "ize", ization: "ize",
    ational: "ate", ation: "ate", ator: "ate", alism: "al", aliti: "al", alli: "al", fulness: "ful", fulli: "ful",
    ousli: "ous", ousness: "ous", iveness: "ive", iviti: "ive", biliti: "ble", bli: "ble", ogist: "og", ogi: "og",
    lessli: "less", li: "",
  };
  const STEP_3 = {
    tional: "tion", ational: "ate", alize: "al", icate: "ic", iciti: "ic", ical: "ic", ful: "", ness: "", ative: "",
  };
  const STEP_4 = {};
  const GOING = "al ance ence er ic able ible ant ement ment ent ism ate iti ous ive ize ion";
  GOING.split(" ").forEach((gone) => (STEP_4[gone] = ""));
  const ending = (suffixes) => new RegExp(`(?:${Object.keys(suffixes).join("|")})$`);
  const STEPS = [STEP_2, STEP_3, STEP_4].map((suffixes) => [ending(suffixes), suffixes]);

  const has = (table, name) => Object.prototype.hasOwnProperty.call(table, name);

  /** Reduce an English word, folded to a-z, to its stem; give any other word back. */
  function stem(word) {
    if (word.length < 3 || !/^[a-z]+$/.test(word)) return word;
    if (has(WHOLE_WORDS, word)) return WHOLE_WORDS[word];
    word = word.replace(/(^|[aeiouy])y/g, "$1Y");
    const r1 = R1_FIXED.test(word) ? R1_FIXED.exec(word)[0].length : region(word, 0);
    const r2 = region(word, r1);
    word = verb(plural(word), r1);
    if (/.[^aeiouy][yY]$/.test(word)) word = word.slice(0, -1) + "i";
    STEPS.forEach(([pattern, suffixes], step) => (word = suffix(word, pattern, suffixes, step < 2 ? r1 : r2, r2)));
    return lastLetter(word, r1, r2).replace(/Y/g, "y");
  }

  function region(word, start) {
    REGION.lastIndex = start;
    return REGION.test(word) ? REGION.lastIndex : word.length;
  }

  function plural(word) {
    if (word.endsWith("sses")) return word.slice(0, -2);
    if (/ie[ds]$/.test(word)) return word.slice(0, word.length > 4 ? -2 : -1);
    return /[^us]s$/.test(word) && VOWEL.test(word.slice(0, -2)) ? word.slice(0, -1) : word;
  }

  function verb(word, r1) {
    let found = /eed(?:ly)?$/.exec(word);
    if (found) {
      const root = word.slice(0, found.index);
      return found.index >= r1 && !/^(?:succ|proc|exc)$/.test(root) ? root + "ee" : word;
    }
    found = /(?:ed|ing)(?:ly)?$/.exec(word);
    if (!found) return word;
    const root = word.slice(0, found.index);
    if (found[0] === "ing") {
      if (/^[^aeiouy]y$/.test(root)) return root.slice(0, -1) + "ie";
      if (/^(?:even|cann|inn|earr|herr|out)$/.test(root)) return word;
    }
    return VOWEL.test(root) ? mended(root, r1) : word;
  }

  function mended(root, r1) {
    if (/(?:at|bl|iz)$/.test(root)) return root + "e";
    if (/(?:bb|dd|ff|gg|mm|nn|pp|rr|tt)$/.test(root)) return /^[aeo](.)\1$/.test(root) ? root : root.slice(0, -1);
    return root.length === r1 && SHORT_END.test(root) ? root + "e" : root;
  }

  function suffix(word, pattern, suffixes, from, r2) {
    const found = pattern.exec(word);
    if (!found || found.index < from) return word;
    const root = word.slice(0, found.index);
    return mayGo(root, found[0], r2) ? root + suffixes[found[0]] : word;
  }

  function mayGo(root, end, r2) {
    if (end === "li") return /[cdeghkmnrt]$/.test(root);
    if (end === "ogi") return root.endsWith("l");
    if (end === "ion") return /[st]$/.test(root);
    return end !== "ative" || root.length >= r2;
  }

  function lastLetter(word, r1, r2) {
    const root = word.slice(0, -1);
    if (word.endsWith("e")) return root.length >= r2 || (root.length >= r1 && !SHORT_END.test(root)) ? root : word;
    return word.endsWith("ll") && root.length >= r2 ? root : word;
  }

  // ---- words ---------------------------------------------------------------------------------------

  const LONGEST_WORD = 64; // code points
  const CONTRACTION = "['’](?:ll|re|ve|[dmst]|LL|RE|VE|[DMST])";
  const JOINT = /[._@-]/;
  const JOINTS = /[._@-]/g;
  const END = new RegExp(`(?:${CONTRACTION}|\\+\\+|#)$`);
  const SIGNED = /[+#]$/;
  const ONE = `[${LETTER}][${LETTER}${MARK}]*`;
  const UNITS = new RegExp(
    `[A-Za-z](?:\\+\\+|#)(?![A-Za-z])|[${RUNNING}][${RUNNING}${MARK}]*` +
      `|${ONE}(?:[._@\\-]${ONE})*(?:${CONTRACTION}(?![${LETTER}]))?`,
    "gu",
  );

  /** Give the units of a text, folded. */
  function units(text) {
    return (text.match(UNITS) || []).map(foldedUnit);
  }

  /** Tell whether the last character of a text belongs to a word. */
  function endsInWord(text) {
    let end = -1;
    for (const found of text.matchAll(UNITS)) end = found.index + found[0].length;
    return end === text.length;
  }

  /** Tell whether a unit is a run of letters of a script without spaces. */
  function isRun(unit) {
    return IS_RUNNING.test(unit);
  }

  /** Give the folded words of a word or compound. */
  function split(unit) {
    return unit.replace(END, "").split(JOINT).map((word) => cut(fold(word)));
  }

  function cut(word) {
    return word.length <= LONGEST_WORD ? word : Array.from(word).slice(0, LONGEST_WORD).join("");
  }

  function foldedUnit(unit) {
    if (isRun(unit)) return fold(unit);
    if (SIGNED.test(unit)) return unit.toLowerCase();
    const joints = unit.match(JOINTS) || [];
    return split(unit).map((word, index) => word + (joints[index] || "")).join("");
  }

  /** Give the whole pairs of a compound; C++ is one by itself. */
  function compounds(unit, words) {
    if (SIGNED.test(unit)) return [unit.toLowerCase()];
    return (unit.match(JOINTS) || []).map((joint, index) => words[index] + joint + words[index + 1]);
  }

  function neighbours(run) {
    const letters = Array.from(run);
    return letters.slice(1).map((letter, index) => letters[index] + letter);
  }

  /** Tell whether words of a language are reduced to stems. */
  function stems(language) {
    return language.toLowerCase().split(/[-_]/)[0] === "en";
  }

  /** Give the terms that a text must hold, all of them, to hold a folded unit. */
  function termsOf(unit, language) {
    if (isRun(unit)) return Array.from(unit).length > 1 ? neighbours(unit) : [unit];
    const words = split(unit);
    const pairs = compounds(unit, words);
    if (pairs.length) return pairs;
    return [stems(language) ? stem(words[0]) : words[0]];
  }

  /** Give the terms that must stand at places one after the other for folded units to stand side by side. */
  function phraseOf(phrase, language) {
    return phrase.flatMap((unit) => spots(unit, stems(language)).map((place) => place[0].term));
  }

  /** Give what `unit*` asks for: terms that a text must hold besides, and the beginning of a term or form. */
  function beginningOf(unit) {
    const words = isRun(unit) ? [] : split(unit);
    const pairs = isRun(unit) ? neighbours(unit) : compounds(unit, words);
    const all = pairs.length ? pairs : isRun(unit) ? [unit] : words;
    return { terms: all.slice(0, -1), beginning: all[all.length - 1] };
  }

  /** Tell whether a term or form is one that a beginning asks for: compounds only by one with a joint. */
  function begins(term, beginning) {
    return term.startsWith(beginning) && (JOINT.test(beginning) || !JOINT.test(term));
  }

  /** Give each term of a text with its place, and where it is written, in UTF-16 units as JavaScript counts. */
  function words(text, language) {
    const stemmed = stems(language);
    const found = [];
    let position = 0;
    for (const match of text.matchAll(UNITS)) {
      for (const place of spots(match[0], stemmed)) {
        for (const { term, start, end } of place) {
          found.push({ term, position, start: match.index + start, end: match.index + end });
        }
        position += 1;
      }
    }
    return found;
  }

  /** Give the terms at each place of a unit, with where in it they are written. */
  function spots(unit, stemmed) {
    return isRun(unit) ? spotsOfRun(unit) : spotsOfWords(unit, stemmed);
  }

  function spotsOfWords(unit, stemmed) {
    const found = split(unit);
    const pairs = compounds(unit, found);
    const ends = [...Array.from(unit.matchAll(JOINTS), (joint) => joint.index), unit.length];
    return found.map((word, index) => {
      const start = index ? ends[index - 1] + 1 : 0;
      const place = [{ term: stemmed ? stem(word) : word, start, end: ends[index] }];
      if (pairs[index]) place.push({ term: pairs[index], start, end: ends[Math.min(index + 1, ends.length - 1)] });
      return place;
    });
  }

  function spotsOfRun(unit) {
    const letters = lettersOf(unit);
    if (letters.length === 1) return [[{ term: letters[0].letter, start: 0, end: unit.length }]];
    const places = letters.slice(1).map((next, index) => {
      const { letter, start } = letters[index];
      return [{ term: letter + next.letter, start, end: next.end }];
    });
    const last = letters[letters.length - 1];
    places[places.length - 1].push({ term: last.letter, start: last.start, end: last.end });
    return places;
  }

  /** Give the folded letters of a run; a letter reaches over the marks behind it. */
  function lettersOf(unit) {
    const letters = [];
    let position = 0;
    for (const char of unit) {
      const folded = Array.from(fold(char));
      const end = position + char.length;
      if (!folded.length) reach(letters, position, end);
      folded.forEach((letter) => letters.push({ letter, start: position, end }));
      position = end;
    }
    return letters;
  }

  function reach(letters, position, end) {
    for (let last = letters.length - 1; last >= 0 && letters[last].end === position; last--) letters[last].end = end;
  }

  Object.assign(Hamelin, {
    LETTERS: { word: WORD, run: RUN, dropped: DROPPED },
    fold, stem, units, endsInWord, isRun, isCompound: (unit) => JOINT.test(unit),
    wordsIn: (unit) => (isRun(unit) ? Array.from(unit).length : split(unit).length),
    termsOf, phraseOf, beginningOf, begins, words,
  });
})(globalThis.Hamelin);
