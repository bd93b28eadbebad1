// What all pages share: words, links that keep the switches, the document with the tag.

import { available, cents, decimal, pictureOf } from "./catalogue.mjs";
import { ask, footer, header } from "./frame.mjs";
import { data, html } from "./markup.mjs";
import { languages, words } from "./words.mjs";

const SWITCHES = { lang: languages.slice(1), csp: ["strict", "wasm"], tag: ["none", "twice"], edge: ["dead", "gone"] };
/** `{-}` is the place of a minus, `{n}` of the number. */
export const MONEY = { en: "{-}€{n}", ar: "\u2066{-}{n} €\u2069" };

/**
 * One request's page: language, switches and the origin the tag comes from. `shopper` is who is logged in, `proof` the
 * shop's signature of that; `device` what was answered about this device: "yes", "no", or nothing yet.
 */
export class Page {
  constructor({ url, key, edge, shopper, proof, device }) {
    const asked = [...url.searchParams].filter(([name, value]) => SWITCHES[name]?.includes(value));
    this.switches = Object.fromEntries(asked);
    Object.assign(this, { url, key, edge, shopper, proof, device });
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

  /** A day, as the page's readers write it. */
  date(at) {
    return new Intl.DateTimeFormat({ en: "en-GB", ar: "ar-u-nu-latn" }[this.lang], { dateStyle: "long", timeZone: "UTC" }).format(new Date(at));
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
<script type="module" src="/browser/device.js"></script>
${scripts.map((script) => html`<script type="module" src="/browser/${script}"></script>\n`)}</head>
<body class="page-${name}">
<a class="skip" href="#main">${this.t("skip")}</a>
${ask(this, name)}${header(this)}
<main id="main" tabindex="-1">
${main}
</main>
${footer(this)}
${this.proof && data("application/json", { customer: this.shopper.id, proof: this.proof }, "who")}</body>
</html>
`.text;
  }

  /** A product in a row of products. */
  card(product, { lazy = true } = {}) {
    return html`<li class="card"><a href="${this.href(`/product/${product.id}`)}">
<span class="pic"><img src="${pictureOf(product)}" alt="" width="800" height="1000"${lazy && html` loading="lazy"`}></span>
<span class="card-line"><strong>${this.in(product.name)}</strong> <span class="price">${this.price(product)}</span></span>
${!available(product) && html`<span class="tag">${this.t("sold_out")}</span>`}
<span class="quiet">${this.in(product.line)}</span></a></li>`;
  }

  price(product) {
    return this.money(cents(product.price));
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
