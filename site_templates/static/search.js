/* The search page: the box, the address bar and the list of results; everything else is in search-*.js before it.
 *
 * The page tells how far it is by main[data-state]: idle, waiting, done, error; and by main[data-total]. What is
 * asked for stands in the address, q and sort, so that a search can be kept, sent and gone back to. Files of the
 * pack are scripts, so that they load from a folder on a disk too; each hands its text to the function H.
 */
"use strict";

(function (Hamelin) {
  const AT_ONCE = 20;
  const main = document.querySelector("main");
  const form = document.querySelector("main form");
  const results = document.getElementById("results");
  const readAs = document.getElementById("read-as");
  const instead = document.getElementById("instead");
  const more = document.getElementById("more");
  const element = (name, ...children) => {
    const made = document.createElement(name);
    made.append(...children);
    return made;
  };

  // ---- the pack -------------------------------------------------------------------------------------------

  const handed = new WeakMap(); // a script, and the text that it handed over

  globalThis.H = (text) => handed.set(document.currentScript, text);

  /** Load a file of the pack: its text, which it hands over when it runs. */
  function load(name) {
    return new Promise((resolve, reject) => {
      const script = document.createElement("script");
      const settle = () => {
        script.remove();
        if (handed.has(script)) resolve(handed.get(script));
        else reject(new Error("A part of the search pack could not be loaded. Is this copy of the site complete?"));
      };
      script.onload = settle;
      script.onerror = settle;
      script.src = `search/${name}.js`;
      document.head.append(script);
    });
  }

  let opened = null;

  /** Open the pack once; when that did not work, the next search tries again. */
  function pack() {
    opened = opened || Hamelin.openPack(load);
    opened.catch(() => { opened = null; });
    return opened;
  }

  // ---- searching ------------------------------------------------------------------------------------------

  let turn = 0; // the number of the newest search: an older one that comes late is not shown

  async function search(asked, sort) {
    const mine = ++turn;
    const now = Math.floor(Date.now() / 1000);
    instead.replaceChildren();
    show("waiting");
    try {
      const query = Hamelin.parse(asked, now);
      const held = await pack();
      const { total, hits } = await Hamelin.search(query.tree, held, { limit: Infinity, sort });
      const first = await Hamelin.tell(hits.slice(0, AT_ONCE), query.tree, held);
      if (mine !== turn) return;
      results.replaceChildren(...first.map(shown));
      readAs.replaceChildren(Hamelin.readAs(query).replace(/^Messages/, counted(total)), " ", Hamelin.unpublished(query.tree));
      main.dataset.total = total;
      offerMore(hits, query, held, mine);
      show("done");
      if (!total) offer(await Hamelin.suggestion(asked, held, now), sort, mine);
    } catch (error) {
      if (mine === turn) refuse(error);
    }
  }

  /** Offer a query that finds something, where this one found nothing. */
  function offer(other, sort, mine) {
    if (!other || mine !== turn) return;
    const asked = new URLSearchParams({ q: other });
    if (sort === "date") asked.set("sort", sort);
    const link = element("a", element("bdi", other));
    link.href = `?${asked}`;
    instead.replaceChildren("Did you mean: ", link);
  }

  /** Show more results when they are asked for, the next ones below. */
  function offerMore(hits, query, held, mine) {
    let count = Math.min(AT_ONCE, hits.length);
    more.hidden = count >= hits.length;
    more.onclick = async () => {
      more.disabled = true;
      const next = await Hamelin.tell(hits.slice(count, count + AT_ONCE), query.tree, held).catch(refuse);
      more.disabled = false;
      if (!next || mine !== turn) return;
      const items = next.map(shown);
      results.append(...items);
      count += items.length;
      more.hidden = count >= hits.length;
      items[0].querySelector("a").focus();
    };
  }

  function refuse(error) {
    results.replaceChildren();
    more.hidden = true;
    delete main.dataset.total;
    const isQuery = error instanceof Hamelin.QueryError;
    readAs.replaceChildren(element("span", isQuery ? `${error.message} ${error.hint || ""}` : error.message));
    readAs.firstChild.className = "error";
    show("error");
    if (!isQuery) console.warn(error);
  }

  const counted = (total) => {
    if (total === 0) return "No messages";
    return total === 1 ? "1 message" : `${total.toLocaleString("en")} messages`;
  };

  function show(state) {
    main.dataset.state = state;
    results.setAttribute("aria-busy", state === "waiting");
  }

  // ---- results --------------------------------------------------------------------------------------------

  function shown(hit) {
    const link = element("a", element("bdi", ...marked(hit.subject, "(no subject)")));
    link.href = hit.url;
    const facts = element("p", element("bdi", hit.from), " · ", time(hit.date), " · ", element("bdi", hit.list));
    facts.className = "facts";
    const snippet = element("p", ...marked(hit.snippet, ""));
    snippet.className = "snippet";
    snippet.dir = "auto";
    const item = element("li", link, facts, snippet);
    item.className = "result";
    return item;
  }

  /** Split a text at its marks: nodes with the marked words as such. */
  function marked({ text, marks }, otherwise) {
    const nodes = [];
    let end = 0;
    for (const [start, stop] of marks) {
      nodes.push(text.slice(end, start), element("mark", text.slice(start, stop)));
      end = stop;
    }
    nodes.push(text.slice(end) || (nodes.length ? "" : otherwise));
    return nodes;
  }

  /** Write a date as all pages do. */
  function time(seconds) {
    if (!seconds) return "no date";
    const moment = new Date(seconds * 1000);
    const iso = moment.toISOString();
    const day = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"][moment.getUTCDay()];
    const made = element("time", `${day} ${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`);
    made.dateTime = iso.replace(".000", "");
    return made;
  }

  // ---- the box and the address ------------------------------------------------------------------------------

  /** Search for what the address asks for. */
  function follow() {
    const asked = new URLSearchParams(location.search);
    const query = (asked.get("q") || "").trim();
    const sort = asked.get("sort") === "date" ? "date" : "relevance";
    form.elements.q.value = query;
    form.elements.sort.value = sort;
    document.title = document.title.replace(/^(?:.* – )?Search/, query ? `${query} – Search` : "Search");
    if (query) search(query, sort);
    else {
      turn += 1;
      results.replaceChildren();
      readAs.replaceChildren();
      instead.replaceChildren();
      more.hidden = true;
      form.elements.q.focus();
      show("idle");
    }
  }

  function ask(event) {
    event?.preventDefault();
    const asked = new URLSearchParams({ q: form.elements.q.value });
    if (form.elements.sort.value === "date") asked.set("sort", "date");
    history.pushState(null, "", `?${asked}`);
    follow();
  }

  form.addEventListener("submit", ask);
  form.addEventListener("change", (event) => { if (event.target.name === "sort") ask(); });
  window.addEventListener("popstate", follow);
  follow();
})(globalThis.Hamelin);
