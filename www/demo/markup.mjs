// Markup in which whatever is inserted is escaped.

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
