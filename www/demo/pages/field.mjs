import { html } from "../markup.mjs";

/** A labelled input that names its mistake: `said` is what is wrong with it, if anything. */
export function field(name, label, { value = "", said, note, ...more } = {}) {
  const attributes = Object.entries({ type: "text", ...more }).filter(([, each]) => each !== undefined).map(([key, each]) => html` ${key}="${each}"`);
  const described = [said && `${name}-error`, note && `${name}-note`].filter(Boolean).join(" ");
  return html`<p class="field ${name}"><label for="${name}">${label}</label>
<input id="${name}" name="${name}" value="${value}"${attributes}${said ? html` aria-invalid="true"` : ""}${described ? html` aria-describedby="${described}"` : ""}>
${note && html`<span class="quiet" id="${name}-note">${note}</span>`}${said && html`<span class="error" id="${name}-error">${said}</span>`}</p>`;
}

/** What an input for an e-mail address says of itself. */
export const EMAIL = { type: "email", autocomplete: "email", inputmode: "email", dir: "ltr", required: "" };

/** The same of one for a telephone number, which nobody has to give. */
export const PHONE = (page) => ({ type: "tel", autocomplete: "tel", inputmode: "tel", dir: "ltr", required: undefined, note: page.t("phone_note") });
