/* Leads addresses of the old archive to the same message here. Written into 404.html, which a server shows at any
   address that is not there: so all it can rely on is the address itself and the lists that the page names. */
(function () {
  "use strict";
  const main = document.querySelector("main");
  const lists = JSON.parse(main.dataset.lists);
  const said = document.getElementById("said");

  /** Split a path into the site's root, the list, and what is asked for below it; null when no list is named. */
  function place(path) {
    const parts = path.split("/").map((part) => {
      try { return decodeURIComponent(part); } catch (error) { return part; }
    });
    for (let i = parts.length - 1; i >= 0; i -= 1) {
      if (lists.includes(parts[i])) {
        return { root: parts.slice(0, i).join("/") + "/", list: parts[i], rest: parts.slice(i + 1) };
      }
    }
    return null;
  }

  /** Say where an old address is looked up: {page} stands already, {map, key} names a file and a line in it. */
  function route(rest) {
    const [first, second, third] = rest;
    if (first === "attachments" && /^\d{8}$/.test(second) && third) {
      return { map: `attachments/old-${second.slice(0, 4)}.js`, key: `${second}/${third}` };
    }
    if (/^\d{6,}\.html?$/.test(second || "")) {
      return { map: `${first}/old.js`, key: String(parseInt(second, 10)) };
    }
    const text = /^(.+?)\.txt(?:\.gz)?$/.exec(first || "");
    if (text) { return { page: `${text[1]}/date.html` }; }
    return first && !second ? { page: `${first}/thread.html` } : null;
  }

  /** Go where an address leads, below a root; say so where it leads nowhere. */
  function lead(path, root) {
    const found = place(path);
    const way = found && route(found.rest);
    if (!way) { return false; }
    const base = `${root === undefined ? found.root : root}${found.list}/`;
    if (way.page) { location.replace(base + way.page); return true; }
    const script = document.createElement("script");
    const fail = () => { said.textContent = "This message is not in the archive."; };
    window.hamelinOld = (map) => {
      if (!Object.hasOwn(map, way.key)) { fail(); return; }
      if (map[way.key] === "") { said.textContent = "This message was taken out by the archive's owner."; return; }
      const [thread, id] = map[way.key].split(" ");
      location.replace(`${base}threads/${thread}.html#${id}`);
    };
    script.onerror = fail;
    script.src = base + way.map;
    document.head.append(script);
    return true;
  }

  const own = /^(.*\/)404\.html$/.exec(location.pathname);
  const here = place(location.pathname);
  const root = own ? own[1] : here ? here.root : "/";
  const style = document.createElement("link");
  style.rel = "stylesheet";
  style.href = `${root}static/style.css`;
  document.head.append(style);
  for (const link of document.querySelectorAll("a.site, #home")) { link.href = `${root}index.html`; }
  document.querySelector("header form").action = `${root}search.html`;
  document.getElementById("old").addEventListener("submit", (event) => {
    event.preventDefault();
    const asked = event.target.elements.url.value.trim().replace(/^[a-z]+:\/\/[^/]*/i, "").replace(/[?#].*$/, "");
    if (!lead(asked, root)) { said.textContent = "That is no address of a list that is here."; }
  });
  if (own) {
    main.querySelector("h1").textContent = "Old links";
    said.textContent = "Addresses of the old archive lead to the same message here.";
  } else {
    lead(location.pathname);
  }
})();
