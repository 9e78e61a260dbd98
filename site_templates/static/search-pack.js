/* The search pack: its files, read as they are needed, to postings, places, records, names and dates.
 *
 * The twin of indexer/pack/, which writes it; docs/pack.md tells the format. Messages are numbered within their
 * stretch, the oldest first; `base` is the number of a stretch's first message among all.
 * Pure: no page, and no network but the function that is given to `openPack`. Needs search-words.js before it;
 * search-find.js follows.
 */
"use strict";

(function (Hamelin) {
  const FIRST_CHARACTER = 0x3000;
  const BITS = 15;
  const [STEMS, WORDS, FORM] = [1, 2, 4];
  const PLACES = 4096; // postings whose places are in one file
  const BLOCK = 8; // records in one file
  const DAY = 86400;
  const UTF8 = new TextDecoder();

  // ---- bytes -----------------------------------------------------------------------------------------

  /** Give the bytes that a file's text stands for. */
  function bytesOf(text) {
    const spare = text.charCodeAt(0) - FIRST_CHARACTER;
    const bytes = new Uint8Array(((text.length - 1) * BITS - spare) / 8);
    let [held, count, position] = [0, 0, 0];
    for (let index = 1; index < text.length; index++) {
      held = (held << BITS) | (text.charCodeAt(index) - FIRST_CHARACTER);
      count += BITS;
      while (count >= 8 && position < bytes.length) {
        count -= 8;
        bytes[position++] = held >>> count;
        held &= (1 << count) - 1;
      }
    }
    return bytes;
  }

  async function inflated(bytes) {
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
    return new Uint8Array(await new Response(stream).arrayBuffer());
  }

  /** Reads numbers from bytes, one after the other. */
  class Reader {
    constructor(bytes, position = 0) {
      Object.assign(this, { bytes, position });
    }

    number() {
      let [value, scale, byte] = [0, 1, 0];
      do {
        byte = this.bytes[this.position++];
        value += (byte & 127) * scale;
        scale *= 128;
      } while (byte & 128);
      return value;
    }

    /** Give ascending numbers that are written as differences, the first to -1. */
    ascending(count) {
      const numbers = new Array(count);
      let last = -1;
      for (let index = 0; index < count; index++) numbers[index] = last += this.number();
      return numbers;
    }

    /** Give ascending numbers whose first is written doubled, or as the odd number for one below 0. */
    steps(count) {
      const numbers = new Array(count);
      for (let index = 0; index < count; index++) {
        const step = this.number();
        numbers[index] = index ? numbers[index - 1] + step : step % 2 ? -(step + 1) / 2 : step / 2;
      }
      return numbers;
    }

    take(length) {
      return this.bytes.subarray(this.position, (this.position += length));
    }
  }

  /** Order texts as their UTF-8 is ordered. */
  function order(one, other) {
    const length = Math.min(one.length, other.length);
    for (let index = 0; index < length; index++) {
      const [a, b] = [one.charCodeAt(index), other.charCodeAt(index)];
      if (a !== b) return inPlanes(a) - inPlanes(b);
    }
    return one.length - other.length;
  }

  /** Move surrogates, the halves of what is beyond 16 bits, behind all other units. */
  const inPlanes = (unit) => (unit < 0xd800 ? unit : unit < 0xe000 ? unit + 0x2000 : unit - 0x800);

  // ---- the pack --------------------------------------------------------------------------------------

  /** Open a pack; `load` gives a promise of the text of a file of it by its name, `top` or `FOLDER/t12`. */
  async function openPack(load) {
    const files = new Files(load);
    const top = JSON.parse(UTF8.decode(await files.read("top")));
    let base = 0;
    const stretches = top.stretches.map((known) => {
      const stretch = new Stretch(files, known, base);
      base += known.messages;
      return stretch;
    });
    return { messages: base, lists: top.lists, stretches };
  }

  /** The files of a pack, each loaded once; one that did not come is asked for again. */
  class Files {
    constructor(load) {
      this.load = load;
      this.held = new Map();
    }

    read(name) {
      if (!this.held.has(name)) {
        const file = Promise.resolve(this.load(name)).then((text) => inflated(bytesOf(text)));
        file.catch(() => this.held.delete(name));
        this.held.set(name, file);
      }
      return this.held.get(name);
    }
  }

  class Stretch {
    constructor(files, { folder, messages, starts }, base) {
      Object.assign(this, { files, folder, messages, starts, base, shards: new Map() });
    }

    read(name) {
      return this.files.read(`${this.folder}/${name}`);
    }

    // -- terms

    /** Give the number of the shard in which a term is, if it is in any. */
    shardOf(term) {
      let [low, high] = [0, this.starts.length];
      while (low < high) {
        const middle = (low + high) >> 1;
        if (order(this.starts[middle], term) <= 0) low = middle + 1;
        else high = middle;
      }
      return low - 1;
    }

    shard(number) {
      if (!this.shards.has(number)) {
        const shard = this.read(`t${number}`).then((bytes) => readShard(bytes, number));
        shard.catch(() => this.shards.delete(number));
        this.shards.set(number, shard);
      }
      return this.shards.get(number);
    }

    /** Give the list of a term's postings, or undefined; `field` is stems or words. */
    async list(field, term) {
      const number = this.shardOf(term);
      return number < 0 ? undefined : (await this.shard(number)).get(term)?.[field];
    }

    /** Give the postings of a term, or null. */
    async postings(field, term) {
      const list = await this.list(field, term);
      return list ? this.opened(list) : null;
    }

    /** Give the terms that begin so, forms too. */
    async beginning(beginning) {
      const shards = [];
      for (let number = Math.max(0, this.shardOf(beginning)); number < this.starts.length; number++) {
        const start = this.starts[number];
        if (order(start, beginning) > 0 && !start.startsWith(beginning)) break;
        shards.push(this.shard(number));
      }
      const entries = (await Promise.all(shards)).flatMap((shard) => Array.from(shard.values()));
      return entries.filter((entry) => entry.term.startsWith(beginning));
    }

    /** Give the postings that a list of a shard stands for: numbers, impacts, parts, and which list it is. */
    async opened(list) {
      const { count, elsewhere } = list;
      const bytes = elsewhere ? await this.read(`l${elsewhere - 1}`) : list.bytes;
      const [impacts, parts, gaps] = elsewhere ? [0, count, 2 * count] : [list.impacts, list.parts, list.gaps];
      return {
        list,
        numbers: new Reader(bytes, gaps).ascending(count),
        impacts: bytes.subarray(impacts, impacts + count),
        parts: bytes.subarray(parts, parts + count),
      };
    }

    /** Give the places of some of a term's postings, by their index among them; others are left out. */
    async places(postings, wanted) {
      const { list, parts } = postings;
      if (!list.elsewhere) {
        const reader = new Reader(await this.read(`p${list.shard}`));
        for (const part of list.bytes.subarray(list.partsOfAll, list.parts)) skipPlaces(reader, part);
        return chosenPlaces(reader, parts, 0, wanted);
      }
      const files = Array.from(new Set(wanted.map((index) => Math.floor(index / PLACES))));
      const found = await Promise.all(files.map(async (file) => {
        const reader = new Reader(await this.read(`q${list.elsewhere - 1}.${file}`));
        const first = file * PLACES;
        return chosenPlaces(reader, parts.subarray(first, first + PLACES), first, wanted);
      }));
      return new Map(found.flatMap((places) => Array.from(places)));
    }

    // -- messages

    /** Give what is shown of a message. */
    async record(number) {
      const records = readRecords(await this.read(`d${Math.floor(number / BLOCK)}`));
      return records[number % BLOCK];
    }

    /** Give the day of each message, counted from 1970-01-01. */
    async days() {
      return new Reader(await this.read("days")).steps(this.messages);
    }

    /** Give the names of a field, each with the numbers of its messages. */
    async names(field) {
      const table = JSON.parse(UTF8.decode(await this.read(field)));
      return new Map(Object.entries(table).map(([name, gaps]) => {
        let last = -1;
        return [name, gaps.map((gap) => (last += gap))];
      }));
    }

    /** Give the numbers of the messages whose key (kind 0), thread (1) or Message-ID (2) has this key of 16 bytes. */
    async keyed(key, kind) {
      const files = Math.min(256, 1 << (32 - Math.clz32(Math.floor(this.messages / 1024))));
      const bytes = await this.read(`k${(key[0] * files) >> 8}`);
      const reader = new Reader(bytes);
      while (reader.position < bytes.length) {
        const held = reader.take(6);
        const its = reader.number();
        const numbers = reader.ascending(reader.number());
        if (its === kind && held.every((byte, index) => byte === key[index])) return numbers;
      }
      return [];
    }
  }

  /** Read a shard: its terms, each with its lists of postings and where in the shard those are. */
  function readShard(bytes, shard) {
    const reader = new Reader(bytes);
    const terms = new Map();
    const inside = [];
    const count = reader.number();
    const length = reader.number();
    const end = reader.position + length;
    let last = new Uint8Array(0);
    for (let index = 0; index < count; index++) {
      const shared = reader.number();
      const rest = reader.take(reader.number());
      const letters = new Uint8Array(shared + rest.length);
      letters.set(last.subarray(0, shared));
      letters.set(rest, shared);
      last = letters;
      const kinds = reader.number();
      const entry = { term: UTF8.decode(letters), form: Boolean(kinds & FORM) };
      for (const [field, bit] of [["stems", STEMS], ["words", WORDS]]) {
        if (!(kinds & bit)) continue;
        entry[field] = { shard, bytes, count: reader.number(), elsewhere: reader.number() };
        if (!entry[field].elsewhere) inside.push(entry[field]);
      }
      terms.set(entry.term, entry);
    }
    placeLists(inside, bytes, end);
    return terms;
  }

  /** Say of each list in a shard where its impacts, parts and differences begin. */
  function placeLists(lists, bytes, start) {
    const all = lists.reduce((sum, list) => sum + list.count, 0);
    const reader = new Reader(bytes, start + 2 * all);
    let before = 0;
    for (const list of lists) {
      Object.assign(list, { impacts: start + before, partsOfAll: start + all, parts: start + all + before });
      list.gaps = reader.position;
      for (let index = 0; index < list.count; index++) while (bytes[reader.position++] & 128);
      before += list.count;
    }
  }

  function skipPlaces(reader, parts) {
    for (let rest = parts; rest; rest &= rest - 1) while (reader.number() & 1);
  }

  /** Read the places of the postings whose index is wanted, from those of a file. */
  function chosenPlaces(reader, parts, first, wanted) {
    const chosen = new Set(wanted);
    const found = new Map();
    for (let index = 0; index < parts.length; index++) {
      if (chosen.has(first + index)) found.set(first + index, placesOf(reader, parts[index]));
      else skipPlaces(reader, parts[index]);
    }
    return found;
  }

  /** Read the places of one posting: 8 times the position plus the number of the part. */
  function placesOf(reader, parts) {
    const places = [];
    for (let part = 0; parts >> part; part++) {
      if (!((parts >> part) & 1)) continue;
      let [position, step] = [-1, 0];
      do {
        step = reader.number();
        position += Math.floor(step / 2) + 1;
        places.push(position * 8 + part);
      } while (step & 1);
    }
    return places;
  }

  // ---- records ---------------------------------------------------------------------------------------

  const LETTERS = "abcdefghijklmnopqrstuvwxyz234567";

  /** Write the 16 bytes of a key as its 26 letters. */
  function keyOf(bytes) {
    let [text, held, count] = ["", 0, 0];
    for (const byte of bytes) {
      held = (held << 8) | byte;
      for (count += 8; count >= 5; held &= (1 << count) - 1) text += LETTERS[held >> (count -= 5)];
    }
    return text + LETTERS[(held << (5 - count)) & 31];
  }

  function readRecords(bytes) {
    const count = bytes[0];
    const reader = new Reader(bytes, 1);
    const ids = Array.from({ length: count }, () => keyOf(reader.take(16)));
    const threads = [];
    for (let index = 0; index < count; index++) {
      const how = reader.number();
      threads.push(how === 0 ? ids[index] : how === 1 ? keyOf(reader.take(16)) : threads[index - how + 1]);
    }
    const dates = reader.steps(count);
    const lists = Array.from({ length: count }, () => reader.number());
    const texts = UTF8.decode(bytes.subarray(reader.position)).split("\0");
    return ids.map((id, index) => {
      const [subject, from, lead] = texts.slice(3 * index, 3 * index + 3);
      return { id, thread: threads[index], date: dates[index], list: lists[index], subject, from, lead };
    });
  }

  // ---- ids of Message-IDs ----------------------------------------------------------------------------

  // SHA-256 (FIPS 180-4); the browser's own is kept from pages that came without encryption.
  const primes = [2];
  for (let number = 3; primes.length < 64; number += 2) if (primes.every((prime) => number % prime)) primes.push(number);
  const fraction = (root) => Math.floor((root - Math.floor(root)) * 2 ** 32) | 0;
  const ROUNDS = primes.map((prime) => fraction(Math.cbrt(prime)));
  const START = primes.slice(0, 8).map((prime) => fraction(Math.sqrt(prime)));
  const turned = (word, bits) => (word >>> bits) | (word << (32 - bits));

  /** Give the 32 bytes of a text's SHA-256. */
  function sha256(text) {
    const data = new TextEncoder().encode(text);
    const padded = new DataView(new ArrayBuffer(((data.length + 72) >> 6) << 6));
    data.forEach((byte, index) => padded.setUint8(index, byte));
    padded.setUint8(data.length, 128);
    padded.setUint32(padded.byteLength - 4, data.length * 8);
    const state = START.slice();
    for (let start = 0; start < padded.byteLength; start += 64) {
      const block = Array.from({ length: 16 }, (_, index) => padded.getInt32(start + 4 * index));
      mixed(state, block).forEach((word, index) => (state[index] = (state[index] + word) | 0));
    }
    return state.flatMap((word) => [24, 16, 8, 0].map((bits) => (word >>> bits) & 255));
  }

  function mixed(state, block) {
    let [a, b, c, d, e, f, g, h] = state;
    for (let round = 0; round < 64; round++) {
      if (round > 15) {
        const [before, last] = [block[round - 15], block[round - 2]];
        const low = turned(before, 7) ^ turned(before, 18) ^ (before >>> 3);
        const high = turned(last, 17) ^ turned(last, 19) ^ (last >>> 10);
        block.push((block[round - 16] + low + block[round - 7] + high) | 0);
      }
      const one = h + (turned(e, 6) ^ turned(e, 11) ^ turned(e, 25)) + ((e & f) ^ (~e & g)) + ROUNDS[round] + block[round];
      const two = (turned(a, 2) ^ turned(a, 13) ^ turned(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
      [a, b, c, d, e, f, g, h] = [(one + two) | 0, a, b, c, (d + one) | 0, e, f, g];
    }
    return [a, b, c, d, e, f, g, h];
  }

  Object.assign(Hamelin, { openPack, sha256, DAY });
})(globalThis.Hamelin);
