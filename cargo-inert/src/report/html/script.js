"use strict";
// Everything that is shown comes from the data as text nodes; no text is ever read as markup.
(() => {
  // Control characters and those that change the direction of text are shown by their numbers.
  const clean = (text) => text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g, (c) => `\\u{${c.charCodeAt(0).toString(16)}}`);
  const data = JSON.parse(document.getElementById("data").textContent, (_, value) => typeof value === "string" ? clean(value) : value);
  const $ = (id) => document.getElementById(id);
  function el(tag, attributes, ...children) {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) {
      if (name === "class") node.className = value;
      else if (name === "tone") node.style.setProperty("--tone", `var(--${value})`);
      else if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
      else if (value !== false && value !== null && value !== undefined) node.setAttribute(name, value === true ? "" : value);
    }
    for (const child of children.flat(Infinity)) {
      if (child !== null && child !== undefined && child !== false) node.append(child instanceof Node ? child : document.createTextNode(String(child)));
    }
    return node;
  }
  const plural = (n, one, many) => `${n.toLocaleString("en")} ${n === 1 ? one : many || one + "s"}`;

  // One kind for each package: the one that asks for most attention.
  const KINDS = [
    ["refused", "refused", "refused"],
    ["run", "runs with all rights", "runs with all rights"],
    ["confined", "runs confined", "runs confined"],
    ["wasm", "runs in WebAssembly", "runs in WebAssembly"],
    ["macro", "runs in the compiler", "proc macro"],
    ["native", "native code, script replaced", "native code"],
    ["replaced", "script replaced by data", "replaced"],
    ["plain", "no script", "no script"],
    ["skipped", "not compiled", "not compiled"],
  ];
  const label = Object.fromEntries(KINDS.map(([kind, text]) => [kind, text]));
  const packages = data.packages;
  packages.forEach((p, at) => { p.at = at; p.natives = []; p.users = []; });
  const byName = new Map(packages.map((p) => [`${p.name} ${p.version}`, p]));
  data.natives.forEach((native) => native.used_by.forEach((name) => byName.get(name)?.natives.push(native)));
  packages.forEach((p) => p.dependencies.forEach((d) => packages[d].users.push(p.at)));
  for (const p of packages) {
    const s = p.script;
    const means = s && s.means;
    if ((s && s.action === "deny") || p.refused_macro) p.kind = "refused";
    else if (means === "unconfined") p.kind = "run";
    else if (means === "confined") p.kind = "confined";
    else if (means === "wasm") p.kind = "wasm";
    else if (p.skipped) p.kind = "skipped";
    else if (p.macro) p.kind = "macro";
    else if (p.natives.some((n) => n.provider.from !== "missing")) p.kind = "native";
    else if (s && (s.action === "replace" || means === "overridden")) p.kind = "replaced";
    else p.kind = "plain";
  }
  const of = (kind) => packages.filter((p) => p.kind === kind);

  // Header.
  $("title").textContent = data.title;
  document.title = data.title;
  $("about").textContent = `${data.command} · ${data.targets.join(", ")}${data.targets.includes(data.host) ? "" : " from " + data.host} · ${data.rustc}`;
  $("made").append(el("span", { class: "screen" }, "One file, no requests: everything on this page is in it. "), `Made by cargo-inert ${data.version}${data.created ? " at " + data.created : ""} from the plan; nothing was compiled.`);
  const refused = of("refused"), runs = [...of("run"), ...of("confined"), ...of("wasm")];
  const macros = packages.filter((p) => p.macro && !p.skipped);
  const scripts = packages.filter((p) => p.script);
  const replaced = scripts.filter((p) => p.script.means === "declared");
  const bundled = data.natives.filter((n) => n.provider.from === "bundled");
  const system = data.natives.filter((n) => n.provider.from === "system");
  const sum = (list) => list.reduce((all, n) => all + (n.provider.lines || 0), 0);
  const lines = sum(bundled.filter((n) => n.provider.certain)), possible = sum(bundled.filter((n) => !n.provider.certain));
  const weaker = data.changes ? data.changes.filter((c) => c.label === "weaker") : [];
  $("verdict").append(
    el("span", { class: "dot", tone: refused.length ? "refused" : of("run").length ? "run" : runs.length ? "confined" : "replaced" }),
    el("span", {}, el("b", {}, refused.length
      ? `This build is refused: ${plural(refused.length, "package is", "packages are")} not decided or denied. `
      : runs.length ? `This build runs ${plural(runs.length, "build script")}. ` : "This build runs no build script. "),
    `${plural(replaced.length, "script is", "scripts are")} replaced by data, ${plural(macros.length, "proc macro runs", "proc macros run")} in the compiler, which is ${data.compiler_confined ? "confined" : "not confined"}.`));

  // Filters are shared by the map, the table and the tree.
  const state = { text: "", kinds: new Set(), caps: new Set(), picked: null, tab: "packages" };
  function haystack(p) {
    return p.hay ??= [p.name, p.version, p.source, p.license, p.description, p.script?.reason, p.script?.capabilities.join(" "), p.script?.rights.join(" "), p.natives.map((n) => n.name).join(" "), label[p.kind]].join(" ").toLowerCase();
  }
  const shown = (p) => (!state.kinds.size || state.kinds.has(p.kind) || (state.kinds.has("macro") && p.macro && !p.skipped) || (state.kinds.has("native") && p.natives.length > 0) || (state.kinds.has("replaced") && p.script?.means === "declared"))
    && [...state.caps].every((cap) => p.script?.capabilities.includes(cap))
    && state.text.toLowerCase().split(/\s+/).every((word) => haystack(p).includes(word));

  const tiles = [
    ["refused", refused.length, "refused"],
    ["run", of("run").length, "run with all rights"],
    ["confined", of("confined").length + of("wasm").length, "run confined"],
    ["macro", macros.length, "proc macros"],
    ["replaced", replaced.length, "scripts replaced"],
    ["native", data.natives.length, lines ? `native libraries · ${lines.toLocaleString("en")} lines of C` : "native libraries"],
  ];
  for (const [kind, count, text] of tiles) {
    $("tiles").append(el("button", { class: "tile", type: "button", tone: count ? kind : "line", "data-kind": kind, "aria-pressed": "false", onclick: () => toggle(state.kinds, kind) }, el("b", {}, count.toLocaleString("en")), el("span", {}, text)));
  }
  if (data.changes) {
    $("tiles").append(el("button", { class: "tile", type: "button", tone: weaker.length ? "refused" : "line", onclick: () => open("changes") }, el("b", {}, weaker.length), el("span", {}, `weaker since ${data.since}`)));
  }
  const order = new Map(KINDS.map(([kind], at) => [kind, at]));
  const sorted = [...packages].sort((a, b) => order.get(a.kind) - order.get(b.kind) || a.name.localeCompare(b.name));
  const squares = new Map();
  for (const p of sorted) {
    const square = el("button", { type: "button", class: p.kind, tone: p.kind, title: `${p.name} ${p.version}: ${label[p.kind]}`, "aria-label": `${p.name} ${p.version}: ${label[p.kind]}`, onclick: () => pick(p) });
    squares.set(p, square);
    $("map").append(square);
  }
  for (const [kind, text] of KINDS) {
    const count = of(kind).length;
    if (count) $("legend").append(el("span", { class: kind, tone: kind }, el("i"), `${text}: ${count}`));
  }

  // Views.
  const views = {};
  const tabs = [["packages", "Packages"], ["tree", "Tree"], ["native", "Native code"]];
  if (data.changes) tabs.push(["changes", `Changes since ${data.since}`]);
  tabs.push(["risk", "Residual risk"]);
  for (const [name, text] of tabs) {
    $("tabs").append(el("button", { type: "button", role: "tab", "data-tab": name, "aria-selected": "false", onclick: () => open(name) }, text));
  }
  const badge = (kind, text) => el("span", { class: "badge", tone: kind }, text || label[kind]);
  const caps = (list) => list.map((cap) => el("span", { class: "cap mono" }, cap));

  const body = el("tbody");
  const count = el("span", { class: "soft" });
  const search = el("input", { type: "search", placeholder: "Search names, licences, reasons, capabilities, libraries", "aria-label": "Search", oninput: (event) => { state.text = event.target.value; refresh(); } });
  const allCaps = [...new Set(packages.flatMap((p) => p.script?.capabilities || []))].sort();
  const capChips = allCaps.map((cap) => el("button", { class: "chip mono", type: "button", "data-cap": cap, "aria-pressed": "false", onclick: () => toggle(state.caps, cap) }, cap));
  const detail = el("aside", { class: "sheet detail", "aria-live": "polite" });
  views.packages = el("div", { class: "sheet" }, el("table", {}, el("thead", {}, el("tr", {}, ["Package", "What happens", "Capabilities", "Licence"].map((text) => el("th", {}, text)))), body));
  views.tree = el("div", { class: "sheet" });
  const split = el("div", { class: "split" }, el("div", {}, el("div", { class: "tools" }, search, capChips, count), views.packages, views.tree), detail);
  $("views").append(split);

  function rowOf(p) {
    return el("tr", { tabindex: "0", class: p === state.picked ? "on" : "", onclick: () => pick(p), onkeydown: (event) => { if (event.key === "Enter") pick(p); } },
      el("td", {}, el("span", { class: "name" }, p.name), " ", el("span", { class: "soft" }, p.version), p.root ? el("span", { class: "soft" }, " · this build") : null),
      el("td", {}, badge(p.kind), p.macro && p.kind !== "macro" && !p.skipped ? badge("macro", "proc macro") : null, p.natives.length && p.kind !== "native" ? badge("native", "native code") : null, p.script?.baseline ? badge("run", "baseline") : null),
      el("td", {}, caps(p.script?.capabilities || [])),
      el("td", { class: "soft" }, p.license || "not said"));
  }
  // A tree in which each package unfolds once; a second place of the same package refers to the first.
  function buildTree() {
    const wanted = new Set();
    const up = (p) => { if (wanted.has(p)) return; wanted.add(p); p.users.forEach((at) => up(packages[at])); };
    packages.filter(shown).forEach(up);
    const filtered = state.text !== "" || state.kinds.size || state.caps.size;
    const seen = new Set();
    const item = (p, depth) => {
      const below = p.dependencies.map((at) => packages[at]).filter((d) => wanted.has(d)).sort((a, b) => order.get(a.kind) - order.get(b.kind) || a.name.localeCompare(b.name));
      const again = seen.has(p);
      seen.add(p);
      const list = el("ul");
      let filled = false;
      const fill = () => { if (!filled) { filled = true; below.forEach((d) => list.append(item(d, depth + 1))); } };
      const isOpen = !again && below.length > 0 && (filtered ? depth < 12 : depth < 2);
      if (isOpen) fill();
      list.hidden = !isOpen;
      const twist = below.length ? el("button", { class: "twist", type: "button", "aria-label": `Unfold ${p.name}`, "aria-expanded": String(isOpen), onclick: () => { fill(); list.hidden = !list.hidden; twist.textContent = list.hidden ? "▸" : "▾"; twist.setAttribute("aria-expanded", String(!list.hidden)); } }, isOpen ? "▾" : "▸") : el("span", { class: "twist" });
      return el("li", {}, el("div", { class: "row" }, twist, el("span", { class: "dot", tone: p.kind }), el("button", { class: "pick" + (p === state.picked ? " on" : ""), type: "button", onclick: () => pick(p) }, p.name, " ", el("span", { class: "soft" }, p.version)), p.kind === "plain" || p.kind === "skipped" ? null : badge(p.kind), again && below.length ? el("span", { class: "soft" }, "again") : null), list);
    };
    const roots = packages.filter((p) => p.root && wanted.has(p));
    views.tree.replaceChildren(roots.length ? el("ul", { class: "tree" }, roots.map((p) => item(p, 0))) : el("p", { class: "soft" }, "Nothing matches."));
  }
  const pair = (name, ...value) => [el("dt", {}, name), el("dd", {}, ...value)];
  function nativeText(native) {
    const p = native.provider;
    if (p.from === "system") return ["library of the system", p.version ? ` ${p.version}` : ", version unknown", p.runtime ? `, package ${p.runtime.name} ${p.runtime.version}` : p.development ? `, package ${p.development.name} ${p.development.version}` : ""].join("");
    if (p.from === "bundled") return `source that ${p.package} ships${p.version ? `, version ${p.version}` : ", version unknown"}${p.lines ? `, ${plural(p.files, "file")}, ${plural(p.lines, "line")}` : ""}${p.certain ? "" : ", if the build finds no other"}`;
    if (p.from === "prebuilt") return `${plural(p.files.length, "compiled file")} that ${p.package} ships`;
    if (p.from === "script") return `whatever the script of ${p.package} links`;
    return "missing on this machine";
  }
  function showDetail() {
    const p = state.picked;
    if (!p) { detail.replaceChildren(el("h2", {}, "Details"), el("p", { class: "soft" }, "Choose a package: what happens with it, why, what it may do, and how it comes into the build.")); return; }
    const s = p.script;
    const via = (s && s.via.length ? s.via : []).join(" → ");
    detail.replaceChildren(
      el("h2", {}, `${p.name} ${p.version}`), el("div", {}, badge(p.kind)),
      p.description ? el("p", { class: "soft" }, p.description) : "",
      el("dl", {},
        s ? [pair("script", el("code", {}, s.script)), pair("decided by", s.origin), s.reason ? pair("why", s.reason) : [], s.unsupported_when ? pair("not where", s.unsupported_when.length < 120 ? el("code", {}, s.unsupported_when) : el("details", {}, el("summary", {}, "the condition"), el("code", {}, s.unsupported_when))) : [],
          s.capabilities.length ? pair("may", caps(s.capabilities)) : [], s.rights.length ? pair("rights", caps(s.rights)) : []] : pair("script", "none"),
        p.macro ? pair("macro", p.refused_macro || (data.compiler_confined ? "runs in the compiler, confined" : "runs in the compiler, with your rights")) : [],
        p.natives.map((n) => pair("native", el("b", {}, n.name), ": ", nativeText(n))),
        pair("source", el("code", {}, p.source)),
        pair("licence", p.license || "not said", p.licence_files.length ? el("span", { class: "soft" }, ` · ${p.licence_files.map((f) => f.path).join(", ")}`) : ""),
        p.checksum ? pair("sha256", el("code", {}, p.checksum)) : [],
        p.features.length ? pair("features", el("span", { class: "soft" }, p.features.join(", "))) : [],
        via ? pair("via", via) : [],
        pair("used by", p.users.length ? p.users.slice(0, 12).map((at) => packages[at].name).join(", ") + (p.users.length > 12 ? ` and ${p.users.length - 12} more` : "") : "nothing but this build"),
        pair("in", p.linked ? "what is built" : "building only")));
  }

  // Native code.
  const file = (f) => el("div", {}, el("code", {}, f.path), " ", el("span", { class: "soft mono", title: f.sha256 }, f.sha256.slice(0, 12)));
  views.native = el("div", { class: "sheet" }, data.natives.length ? el("table", {}, el("thead", {}, el("tr", {}, el("th", {}, "Library"), el("th", {}, "Comes from"), el("th", { class: "num" }, "Lines"), el("th", {}, "Licence or other files"), el("th", {}, "Used by"))),
    el("tbody", {}, data.natives.map((n) => el("tr", {},
      el("td", {}, el("span", { class: "name" }, n.name), el("div", { class: "soft mono" }, n.target)),
      el("td", {}, nativeText(n), n.provider.shared_object ? el("div", { class: "soft mono" }, n.provider.shared_object) : null),
      el("td", { class: "num" }, n.provider.lines ? n.provider.lines.toLocaleString("en") : ""),
      el("td", {}, (n.provider.licence_files || n.provider.files || []) instanceof Array ? (n.provider.licence_files || (n.provider.files instanceof Array ? n.provider.files : []) || []).slice(0, 8).map(file) : null),
      el("td", {}, n.used_by.join(", ")))))) : el("p", { class: "soft" }, "No native library is linked by a declaration of this build."));
  $("views").append(views.native);

  // Changes.
  if (data.changes) {
    const tone = { weaker: "refused", same: "plain", stronger: "replaced" };
    views.changes = el("div", { class: "sheet" }, data.changes.length ? el("table", {}, el("tbody", {}, data.changes.map((c) => el("tr", {}, el("td", {}, badge(tone[c.label], c.label)), el("td", {}, el("span", { class: "name" }, c.what)), el("td", {}, c.text))))) : el("p", { class: "soft" }, `Nothing that decides has changed since ${data.since}.`));
    $("views").append(views.changes);
  }

  // The page for print.
  const list = (items) => items.length ? el("ul", {}, items.map((item) => el("li", {}, item))) : el("p", { class: "none" }, "Nothing.");
  const named = (p) => [el("b", {}, `${p.name} ${p.version}`)];
  const why = (p) => p.script?.reason ? `: ${p.script.reason}` : "";
  const risk = el("div", { class: "sheet risk" },
    el("h2", {}, "Residual risk"),
    el("p", {}, el("b", {}, data.title), ` · ${data.targets.join(", ")} · ${plural(packages.length, "package")}, ${plural(scripts.length, "build script")}`),
    el("p", { class: "soft" }, "What can still act when this software is built, and what is in it that no Rust compiler has checked. Code of the packages themselves acts when the program runs, and is not judged here."),
    refused.length ? [el("h3", {}, "Not decided: the build does not start"), list(refused.map((p) => [named(p), why(p) || (p.refused_macro ? `: ${p.refused_macro}` : "")].flat()).map((parts) => el("span", {}, parts)))] : [],
    el("h3", {}, "Programs that run with all rights of whoever builds"), list(of("run").map((p) => el("span", {}, named(p), why(p)))),
    el("h3", {}, "Programs that run confined (no network, no home folder), and their rights beyond that"), list([...of("confined"), ...of("wasm")].map((p) => el("span", {}, named(p), p.kind === "wasm" ? ", in WebAssembly" : "", p.script.rights.length ? `: ${p.script.rights.join(", ")}` : ": none"))),
    el("h3", {}, `Code in the compiler: ${plural(macros.length, "proc macro")}, ${data.compiler_confined ? "confined" : "not confined"}`),
    data.compiler_confined ? null : el("p", {}, `Why not: ${data.compiler_why || "the policy says so"}`),
    macros.length ? el("p", {}, macros.map((p) => `${p.name} ${p.version}`).join(", ")) : el("p", { class: "none" }, "Nothing."),
    el("h3", {}, `C and C++ that is compiled: ${plural(lines, "line")}${possible ? `, and up to ${plural(possible, "line")} if the build finds no other` : ""}`), list(bundled.map((n) => el("span", {}, el("b", {}, n.name), `: ${nativeText(n)}`))),
    el("h3", {}, "Compiled files that packages ship"), list(data.natives.filter((n) => n.provider.from === "prebuilt").map((n) => el("span", {}, el("b", {}, n.name), `: ${nativeText(n)}`))),
    el("h3", {}, "Libraries of the system"), list(system.map((n) => el("span", {}, el("b", {}, n.name), `: ${nativeText(n)}`))),
    data.natives.some((n) => n.provider.from === "script") ? [el("h3", {}, "Linked by scripts that run: not known"), list(data.natives.filter((n) => n.provider.from === "script").map((n) => n.provider.package))] : [],
    el("h3", {}, "Decided, and reviewed by nobody"), list([...packages.filter((p) => p.script?.baseline).map((p) => el("span", {}, named(p), " (baseline)")), ...data.unaccepted.map((u) => `not accepted: ${u.text} (${u.place})`), ...data.stale.map((s) => `stale: [[${s.kind}]] ${s.package} (${s.place})`)]),
    data.changes ? [el("h3", {}, `Weaker since ${data.since}`), list(weaker.map((c) => `${c.what} ${c.text}`))] : [],
    el("p", { class: "only-print soft" }, `${data.command}, cargo-inert ${data.version}${data.created ? ", " + data.created : ""}`));
  views.risk = risk;
  $("views").append(risk);

  function toggle(set, value) { if (!set.delete(value)) set.add(value); if (state.tab !== "packages" && state.tab !== "tree") state.tab = "packages"; refresh(); }
  function pick(p) { state.picked = state.picked === p ? null : p; if (state.tab !== "packages" && state.tab !== "tree") state.tab = "packages"; refresh(); }
  function open(tab) { state.tab = tab; refresh(); }
  function refresh() {
    for (const button of $("tabs").children) button.setAttribute("aria-selected", String(button.dataset.tab === state.tab));
    const inSplit = state.tab === "packages" || state.tab === "tree";
    split.hidden = !inSplit;
    for (const [name, view] of Object.entries(views)) view.hidden = name !== state.tab;
    for (const tile of $("tiles").children) if (tile.dataset.kind) tile.setAttribute("aria-pressed", String(state.kinds.has(tile.dataset.kind)));
    capChips.forEach((chip) => chip.setAttribute("aria-pressed", String(state.caps.has(chip.dataset.cap))));
    const found = sorted.filter(shown);
    for (const [p, square] of squares) { square.classList.toggle("dim", !shown(p)); square.classList.toggle("on", p === state.picked); }
    count.textContent = `${found.length} of ${packages.length}`;
    if (state.tab === "packages") body.replaceChildren(...found.map(rowOf));
    if (state.tab === "tree") buildTree();
    showDetail();
  }
  $("theme").addEventListener("click", () => {
    const dark = document.documentElement.dataset.theme ? document.documentElement.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    document.documentElement.dataset.theme = dark ? "light" : "dark";
  });
  $("print").addEventListener("click", () => window.print());
  // The address may choose a view, a theme, a search and a package: `#tree`, `#dark`, `#search=word`, `#package=name`.
  const words = () => { try { return decodeURIComponent(location.hash.slice(1)).split("&"); } catch { return []; } };
  for (const word of words()) {
    if (Object.hasOwn(views, word)) state.tab = word;
    if (word === "dark" || word === "light") document.documentElement.dataset.theme = word;
    if (word.startsWith("search=")) { state.text = word.slice(7); search.value = state.text; }
    if (word.startsWith("package=")) state.picked = packages.find((p) => p.name === word.slice(8)) || null;
  }
  refresh();
})();
