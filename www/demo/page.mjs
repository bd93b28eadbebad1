// What all pages share: escaping, words, links that keep the switches, the frame with the tag.

import { readFileSync } from "node:fs";
import { catalogue, decimal, pictureOf } from "./catalogue.mjs";

export const words = JSON.parse(readFileSync(new URL("words.json", import.meta.url), "utf8"));
export const languages = Object.keys(words);
const SWITCHES = { lang: languages.slice(1), csp: ["strict", "wasm"], tag: ["none", "twice"], edge: ["dead", "gone"] };
/** `{-}` is the place of a minus, `{n}` of the number. */
export const MONEY = { en: "{-}€{n}", ar: "\u2066{-}{n} €\u2069" };
const ESCAPES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

/** Markup that is safe to insert as it stands. */
class Markup {
  constructor(text) {
    this.text = text;
  }
  toString() {
    return this.text;
  }
}

const inserted = (value) => {
  if (value instanceof Markup) return value.text;
  if (Array.isArray(value)) return value.map(inserted).join("");
  if (value === undefined || value === null || value === false) return "";
  return String(value).replace(/[&<>"']/g, (sign) => ESCAPES[sign]);
};

/** Template for markup: everything inserted is escaped, unless it is markup itself. */
export const html = (parts, ...values) => new Markup(String.raw({ raw: parts }, ...values.map(inserted)));

/** A block of data inside a page; `<` cannot end it. */
export const data = (type, value, id) => {
  const text = new Markup(JSON.stringify(value).replaceAll("<", "\\u003c"));
  return html`<script type="${type}"${id ? html` id="${id}"` : ""}>${text}</script>`;
};

/** One request's page: language, switches and the origin the tag comes from. */
export class Page {
  constructor({ url, key, edge }) {
    const asked = [...url.searchParams].filter(([name, value]) => SWITCHES[name]?.includes(value));
    this.switches = Object.fromEntries(asked);
    this.url = url;
    this.key = key;
    this.edge = edge;
    this.lang = this.switches.lang ?? languages[0];
    this.dir = this.lang === "ar" ? "rtl" : "ltr";
  }

  /** One of the shop's words (or a list of them); `{name}` in it is replaced. */
  t(word, values = {}) {
    const text = words[this.lang][word];
    return typeof text !== "string" ? text : text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
  }

  /** One of an object's texts, in the language of the page. */
  in(texts) {
    return texts[this.lang];
  }

  /** An amount in cents, as shoppers read it; kept together where the text runs the other way. */
  money(amount) {
    const whole = Math.abs(amount);
    const euros = whole % 100 === 0 ? String(whole / 100) : decimal(whole);
    return MONEY[this.lang].replace("{n}", euros).replace("{-}", amount < 0 ? "−" : "");
  }

  href(path, more = {}) {
    const query = new URLSearchParams({ ...more, ...this.switches }).toString();
    return query ? `${path}?${query}` : path;
  }

  absolute(path) {
    return new URL(path, this.url.origin).href;
  }

  headers() {
    if (!this.switches.csp) return {};
    const wasm = this.switches.csp === "wasm" ? " 'wasm-unsafe-eval'" : "";
    return {
      "Content-Security-Policy": [
        "default-src 'self'", `script-src 'self' ${this.edge}${wasm}`, `connect-src 'self' ${this.edge}`, "style-src 'self'",
        "img-src 'self'", "font-src 'self'", `form-action 'self' ${this.edge}`, "object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'",
      ].join("; "),
    };
  }

  /** A whole page. `linked` are its JSON-LD statements, `scripts` its own modules. */
  frame({ title, description, main, linked = [], scripts = [], name }) {
    const tags = { none: 0, twice: 2 }[this.switches.tag] ?? 1;
    const tag = html`<script async src="${this.edge}/tag.js" data-shop="${this.key}"></script>\n`;
    return html`<!doctype html>
<html lang="${this.lang}" dir="${this.dir}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} · Skerrow</title>
<meta name="description" content="${description ?? this.t("description")}">
<link rel="icon" href="/pictures/flag-k.svg" type="image/svg+xml">
<link rel="preload" href="/fonts/bricolage-grotesque.woff2" as="font" type="font/woff2" crossorigin>
<link rel="stylesheet" href="/browser/frame.css">
<link rel="stylesheet" href="/browser/pages.css">
${linked.map((each) => html`${data("application/ld+json", { "@context": "https://schema.org", ...each })}\n`)}${Array(tags).fill(tag)}<script type="module" src="/browser/bag.js"></script>
${scripts.map((script) => html`<script type="module" src="/browser/${script}"></script>\n`)}</head>
<body class="page-${name}">
<a class="skip" href="#main">${this.t("skip")}</a>
${this.#header()}
<main id="main">
${main}
</main>
${this.#footer()}
</body>
</html>
`.text;
  }

  #header() {
    const link = (category) => {
      const path = `/category/${category.id}`;
      const here = this.url.pathname === path ? html` aria-current="page"` : "";
      return html`<li><a href="${this.href(path)}"${here}>${this.in(category.name)}</a></li>`;
    };
    const other = languages.find((lang) => lang !== this.lang);
    const query = new URLSearchParams(this.url.search);
    if (other === languages[0]) query.delete("lang");
    else query.set("lang", other);
    const there = query.size > 0 ? `${this.url.pathname}?${query}` : this.url.pathname;
    return html`<header class="top">
<a class="logo" href="${this.href("/")}"><img src="/pictures/flag-k.svg" alt="" width="26" height="26"> Skerrow</a>
<nav aria-label="${this.t("main_nav")}"><ul>${catalogue.categories.map(link)}</ul></nav>
<div class="tools"><a href="${there}" lang="${other}" hreflang="${other}">${this.t("language")}</a>
<a class="to-bag" href="${this.href("/cart")}" data-count="${this.t("bag_count")}"><span class="word">${this.t("bag")}</span> <span class="n" hidden>0</span></a></div>
</header>`;
  }

  #footer() {
    return html`<footer class="foot">
<img class="flags" src="/pictures/flags.svg" alt="${this.t("foot_flags")}" width="420" height="60" loading="lazy">
<div><nav aria-label="${this.t("foot_shop")}"><h2>${this.t("foot_shop")}</h2><ul>${catalogue.categories.map((each) => html`<li><a href="${this.href(`/category/${each.id}`)}">${this.in(each.name)}</a></li>`)}</ul></nav>
<nav aria-label="${this.t("foot_us")}"><h2>${this.t("foot_us")}</h2><ul><li><a href="mailto:mara@skerrow.example">${this.t("mara_link")}</a></li><li><a href="${this.href("/privacy")}">${this.t("privacy")}</a></li></ul></nav></div>
<p>${this.t("foot_text")}</p>
</footer>`;
  }

  /** A product in a row of products. */
  card(product, { lazy = true } = {}) {
    return html`<li class="card"><a href="${this.href(`/product/${product.id}`)}">
<span class="pic"><img src="${pictureOf(product)}" alt="" width="800" height="1000"${lazy ? html` loading="lazy"` : ""}></span>
<span class="card-line"><strong>${this.in(product.name)}</strong> <span class="price">${this.price(product)}</span></span>
<span class="quiet">${this.in(product.line)}</span></a></li>`;
  }

  price(product) {
    return this.money(Number(product.price.replace(".", "")));
  }

  /** The trail of links that leads here, seen and as JSON-LD. */
  trail(steps) {
    const all = [[this.t("home"), "/"], ...steps];
    const seen = html`<nav class="trail" aria-label="${this.t("home")}"><ol>${all.map(([name, path], index) =>
      index === all.length - 1 ? html`<li aria-current="page">${name}</li>` : html`<li><a href="${this.href(path)}">${name}</a></li>`)}</ol></nav>`;
    const linked = {
      "@type": "BreadcrumbList",
      itemListElement: all.map(([name, path], index) => ({ "@type": "ListItem", position: index + 1, name, item: this.absolute(path) })),
    };
    return { seen, linked };
  }
}
