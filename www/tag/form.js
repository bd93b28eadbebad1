// The answer of a shopper: sent, corrected in place, thanked. Works without the wasm, and goes on working
// when the wasm does not. What was typed stays typed.
import { address } from "./page.js";
import { on } from "./quiet.js";
import { request, shop } from "./shop.js";
import { dialog, entry, find, settled } from "./stage.js";
import { state, update } from "./storage.js";
import { uuid } from "./uuid.js";
import { wake } from "./widget.js";

let id; // of this submission: however often it is sent, it counts once
let doubted = ""; // an address that the edge did not take

/** Is there an answer? */
export let answered;

/** The answer that is on its way, if any: a promise that is never rejected. */
export let sending;

/** Sends fields (a FormData or a list of pairs), and once more when the edge does not answer. */
export const send = async (fields) => {
  const said = new URLSearchParams(fields);
  const device = state.device || +/allow=device/.test(said);
  const ours = new URLSearchParams({
    id,
    page: address(),
    lang: entry.lang,
    version: entry.version,
    visitor: device ? state.id : "",
    sure: doubted, // counts only if it is the address
  });
  // Of a field that is there twice the last counts.
  const body = new URLSearchParams(ours + "&" + said);
  const attempt = async () => {
    const answer = await request(`/v1/forms/${entry.campaign}?shop=${shop}`, body);
    return { ok: answer.ok, ...(await answer.json()) };
  };
  const result = await attempt().catch(attempt);
  if (!result.ok) doubted = result.errors[0] && said.get("email");
  else if (!answered) {
    update((state) => {
      state.known = 1;
      state.code = result.code;
      state.device = device;
    });
    done();
  }
  return result;
};

/** It is answered, so closing it is no wish. */
export const done = () => {
  answered = 1;
  settled("answered");
};

/** Says what is wrong where it is wrong. An empty complaint clears the others. */
const tell = (error) =>
  dialog.querySelectorAll("[data-error]").forEach((note) => {
    const name = note.dataset.error;
    const input = find(`[name="${name}"]`);
    note.hidden = name != error.field;
    if (input) input.ariaInvalid = note.hidden ? null : "true";
    if (!note.hidden) {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = entry.texts[error.code].replace("{address}", error.suggestion);
      button.dataset.suggest = "";
      button.onclick = () => {
        input.value = error.suggestion;
        tell({});
        input.focus();
      };
      note.replaceChildren(error.suggestion ? button : button.textContent);
      input?.setAttribute("aria-describedby", note.id);
      input?.focus();
    }
  });

/** Thanks, with the code if there is one: the second card instead of the first. */
export const thank = (code) => {
  const output = find("output");
  const [form, done] = dialog.children;
  answered = form.hidden = true;
  done.hidden = false;
  output.hidden = !code;
  output.textContent = code;
  done.querySelector("h2").focus();
};

/** A new form stands on the stage. */
export const begin = () => {
  id = uuid();
  answered = 0;
  on(dialog, "submit", async (event) => {
    event.preventDefault();
    if (entry.survey) wake((dialog.dataset.pressed = 1));
    else if (!sending && !dialog.dataset.live) {
      const go = find(".rp-go");
      const label = go.textContent;
      go.textContent = entry.texts.sending;
      sending = send(new FormData(event.target)).catch(() => ({ errors: [{ field: "", code: "network" }] }));
      const result = await sending;
      go.textContent = label;
      sending = 0;
      if (result.ok) thank(result.code);
      else tell(result.errors[0]);
    }
  });
};
