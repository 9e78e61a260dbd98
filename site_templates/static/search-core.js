/* The query language: text to tree, and tree to a sentence; or one error that says what cannot be read and where.
 *
 * The twin of indexer/query/{building,parse,words}.py, where the language is told; tests/data/queries.json
 * binds both. A tree is made of plain objects, as `as_json` writes them there: {word}, {phrase}, {beginning},
 * {near, distance}, {pattern}, {exact}, each with a field or none; {dates: [first, before]}; {and: […]},
 * {or: […]}, {not}. An `and` or `or` has two children or more; a `not` stands in an `and` only.
 * Pure: no page, no network; the clock is an argument. Needs search-words.js and search-values.js before it.
 */
"use strict";

(function (Hamelin) {
  const { isRun, wordsIn, NAMED, QueryError, shown, lex, named, unknownField, readValue, stretchInWords } = Hamelin;

  // ---- the tree, from its leaves upwards: a part is {node, depth, position} -----------------------------

  const DEEPEST = 32;

  function allOf(parts) {
    const flat = parts.flatMap((part) => pieces(part, "and"));
    if (flat.length === 1) return flat[0];
    if (flat.every((piece) => piece.node.not)) {
      return negated(anyOf(flat.map((piece) => negated(piece, piece.position))), flat[0].position);
    }
    return level("and", flat);
  }

  function anyOf(parts) {
    if (parts.length === 1) return parts[0];
    const negation = parts.find((part) => part.node.not);
    if (negation) throw nothingToSubtractFrom(negation.position);
    return level("or", parts.flatMap((part) => pieces(part, "or")));
  }

  function negated({ node, depth }, position) {
    if (node.not) return { node: node.not, depth: depth - 1, position };
    return checked({ node: { not: node }, depth: depth + 1, position });
  }

  function level(kind, flat) {
    const depth = 1 + flat.reduce((most, piece) => Math.max(most, piece.depth), 0);
    return checked({ node: { [kind]: flat.map((piece) => piece.node) }, depth, position: flat[0].position });
  }

  function pieces({ node, depth, position }, kind) {
    if (!node[kind]) return [{ node, depth, position }];
    return node[kind].map((child) => ({ node: child, depth: depth - 1, position }));
  }

  function checked(part) {
    if (part.depth <= DEEPEST) return part;
    throw new QueryError("Groups stand too deep inside each other", part.position, "Take the query apart.");
  }

  function nothingToSubtractFrom(position) {
    const hint = "Write first what to look for, then what to leave out: leak -memory.";
    return new QueryError("NOT has nothing to subtract from", position, hint);
  }

  // ---- the grammar ---------------------------------------------------------------------------------------

  const MOST = 512;
  const [PHRASE, BEGINNING, NEAR] = [16, 8, 16];
  const MOST_SIGNS = 50000;
  const MOST_NOTES = 5;
  const OPERATORS = ["AND", "OR", "NOT"];
  const WORD_HINT = "To look for the word itself, write it in small letters or in quotation marks.";

  /** Read a query at a time in seconds since 1970 UTC: {text, tree, notes}. Throw QueryError when it cannot be read. */
  function parse(text, now) {
    const reader = new Reader(now);
    let count = 0;
    for (const token of lex(text, MOST_SIGNS + 1)) {
      if (count++ === MOST_SIGNS) {
        throw new QueryError("The query has more than 50,000 signs", token.position, "Ask for less at once.");
      }
      reader.take(token);
    }
    return { text, tree: reader.finish(), notes: reader.notes };
  }

  /** Count what has to be looked up for a leaf: words, those of names of code too, and letters of a run. */
  function lookedUp({ word, phrase, beginning, near }) {
    if (phrase) return phrase.reduce((count, unit) => count + wordsIn(unit), PHRASE);
    if (beginning) return wordsIn(beginning) - 1 + BEGINNING;
    return word ? wordsIn(word) : near ? NEAR : 1;
  }

  class Group {
    constructor(position, asked, isNamed) {
      Object.assign(this, { position, asked, isNamed, branches: [[]], operator: null, minuses: [] });
    }
  }

  class Reader {
    constructor(now) {
      this.now = now;
      this.notes = [];
      this.groups = [new Group(0, null, false)];
      this.field = null; // {field, name, position} whose value comes next
      this.stranger = null; // {name, position} that ends in a colon and is no field
      this.count = 0;
    }

    get group() {
      return this.groups[this.groups.length - 1];
    }

    take(token) {
      const { kind, text, position, after } = token;
      const stranger = this.stranger;
      this.stranger = null;
      if (stranger && after === "piece" && (kind === "quote" || kind === "open")) {
        throw unknownField(stranger.name, "", stranger.position);
      }
      const operator = kind === "piece" && OPERATORS.includes(text) && after !== "minus";
      if (this.field && (operator || kind === "close" || kind === "minus")) throw nothingAfter(this.field);
      if (kind === "open") this.open(token);
      else if (kind === "close") this.close(token);
      else if (kind === "minus") this.group.minuses.push({ name: "-", position });
      else if (kind === "quote") this.value(text, position, token);
      else if (operator) this.operate({ name: text, position });
      else this.piece(token);
    }

    finish() {
      if (this.field) throw nothingAfter(this.field);
      if (this.groups.length > 1) {
        throw new QueryError("The parenthesis is never closed", this.group.position, "Add a ) where the group ends.");
      }
      const built = build(this.group);
      if (!built) throw new QueryError("The query has no word to look for", 0, "Write one or more words: memory leak.");
      if (built.node.not) throw nothingToSubtractFrom(built.position);
      return built.node;
    }

    operate(operator) {
      const group = this.group;
      if (operator.name === "NOT") {
        group.minuses.push(operator);
        return;
      }
      nothingWaits(group);
      if (!group.branches[group.branches.length - 1].length) {
        throw new QueryError(`There is nothing before ${operator.name}`, operator.position, WORD_HINT);
      }
      group.operator = operator;
      if (operator.name === "OR") group.branches.push([]);
    }

    piece(token) {
      const { text, position, after } = token;
      if (after === "quote" && /^[~*^]/.test(text)) {
        throw new QueryError(`${shown(text)} cannot follow a phrase`, position, "Leave it out.");
      }
      const found = named(text, position);
      if (!found) {
        const other = NAMED.exec(text);
        if (other && !other[2]) this.stranger = { name: other[1], position };
        this.value(text, position, token);
        return;
      }
      const { field, name, value } = found;
      if (this.field) throw nothingAfter(this.field);
      if (this.group.asked) {
        throw new QueryError(`${name}: stands inside another field`, position, "Close the parentheses before it.");
      }
      this.field = { field, name: `${name}:`, position };
      if (value) this.value(value, position + name.length + 1, token);
    }

    value(text, position, token) {
      const quoted = token.kind === "quote";
      if (this.field && !quoted && /^-(?!-)/.test(text)) {
        throw new QueryError("The - stands behind the field", position, `Write it before: -${this.field.name}`);
      }
      const asked = this.field ? this.field.field : this.group.asked;
      const leaf = readValue(asked, text, position, quoted, this.now);
      if (!leaf && this.field) throw nothingAfter(this.field);
      this.field = null;
      if (!leaf) {
        if (token.after === "minus") this.group.minuses.pop();
        this.note(`${shown(text)} holds no letter or digit and is left out.`);
        return;
      }
      if (quoted && text.includes("*") && !leaf.pattern) this.note("In quotation marks a * is no beginning.");
      this.count += lookedUp(leaf);
      if (this.count > MOST) {
        throw new QueryError(`The query has more than ${MOST} words`, position, "Leave out what matters least.");
      }
      this.add({ node: leaf, depth: 1, position: token.position });
    }

    open(token) {
      const asked = this.field ? this.field.field : this.group.asked;
      this.groups.push(new Group(token.position, asked, this.field !== null));
      this.field = null;
    }

    close(token) {
      if (this.groups.length === 1) {
        throw new QueryError("No parenthesis is open here", token.position, "Leave out the ), or add a ( before it.");
      }
      const group = this.groups.pop();
      const built = build(group);
      if (built) this.add({ ...built, position: group.position });
      else if (group.isNamed || this.group.minuses.length) {
        const hint = "Put a word in, or leave them out.";
        throw new QueryError("There is nothing in the parentheses", group.position, hint);
      } else this.note("Parentheses with nothing in them are left out.");
    }

    note(note) {
      if (!this.notes.includes(note) && this.notes.length < MOST_NOTES) this.notes.push(note);
    }

    add(built) {
      const group = this.group;
      if (group.minuses.length % 2) built = negated(built, group.minuses[0].position);
      [group.minuses, group.operator] = [[], null];
      group.branches[group.branches.length - 1].push(built);
    }
  }

  /** Build what a group holds; null when it is empty. */
  function build(group) {
    nothingWaits(group);
    return group.branches[group.branches.length - 1].length ? anyOf(group.branches.map(allOf)) : null;
  }

  function nothingWaits(group) {
    const waiting = group.minuses[group.minuses.length - 1] || group.operator;
    if (waiting) throw nothingAfter(waiting);
  }

  function nothingAfter({ name, position }) {
    const hint = OPERATORS.includes(name) ? WORD_HINT : "Put a word or a value there.";
    return new QueryError(`There is nothing after ${name}`, position, hint);
  }

  // ---- how it was read -----------------------------------------------------------------------------------

  const PLACES = {
    subject: "in the subject",
    from: "in the sender",
    said: "in what was written",
    quoted: "in what was quoted",
    file: "in the name of an attachment",
    "text-in-file": "in the text of an attachment",
  };
  const VALUES = {
    list: (value) => `in the list “${value}”`,
    thread: (value) => `in the thread “${value}”`,
    id: (value) => `with the id “${value}”`,
    type: (value) => `with an attachment of type “${value}”`,
    has: (value) => `with an ${value}`,
  };

  /** Say what a query asks for, and what of it was left out. */
  function readAs({ tree, notes }) {
    return [`Messages ${clause(tree)}.`, ...notes].join(" ");
  }

  function clause(node) {
    if (node.and) {
      const wanted = merged(node.and.filter((child) => !child.not), " and ").join(" and ");
      return [wanted, ...node.and.filter((child) => child.not).map(clause)].join(" but ");
    }
    if (node.or) return merged(node.or, " or ").join(" or ");
    return node.not ? `not ${inner(node.not)}` : leafInWords(node);
  }

  /** Say each child, words that are looked for anywhere together. */
  function merged(children, joint) {
    const clauses = [];
    let open = false;
    for (const child of children) {
      const plain = child.word !== undefined && child.field === undefined;
      if (plain && open) clauses[clauses.length - 1] += `${joint}“${child.word}”`;
      else clauses.push(inner(child));
      open = plain;
    }
    return clauses;
  }

  const inner = (node) => (node.and || node.or ? `(${clause(node)})` : clause(node));

  function leafInWords(leaf) {
    if (leaf.dates) return stretchInWords(leaf.dates);
    if (leaf.exact !== undefined) return VALUES[leaf.field](leaf.exact);
    if (leaf.pattern !== undefined) return `with an attachment named “${leaf.pattern}”`;
    return `with ${wordsOf(leaf)}${leaf.field === undefined ? "" : ` ${PLACES[leaf.field]}`}`;
  }

  function wordsOf(leaf) {
    if (leaf.word !== undefined) return `“${leaf.word}”`;
    if (leaf.phrase) return `“${leaf.phrase.join(" ")}” side by side`;
    if (leaf.near !== undefined) {
      return `a word like “${leaf.near}” (up to ${leaf.distance} letter${leaf.distance > 1 ? "s" : ""} off)`;
    }
    const letter = isRun(leaf.beginning) && Array.from(leaf.beginning).length === 1;
    return letter ? `“${leaf.beginning}”` : `a word that begins with “${leaf.beginning}”`;
  }

  /** List what a tree asks for, in order. */
  function leaves(node) {
    return (node.and || node.or || (node.not && [node.not]) || []).flatMap(leaves).concat(isLeaf(node) ? [node] : []);
  }

  const isLeaf = (node) => !(node.and || node.or || node.not);

  Object.assign(Hamelin, { parse, readAs, leaves });
})(globalThis.Hamelin);
