// The answer of a shopper. What takes it comes at the first sign of interest ([`../form/form.js`]); it
// works without the wasm, and goes on working when the wasm does not.
import { address } from "./page.js";
import { later, on } from "./quiet.js";
import { edge, shop } from "./shop.js";
import { dialog, entry, find, settled } from "./stage.js";
import { state, update } from "./storage.js";
import { held } from "./tag.js";
import { uuid } from "./uuid.js";
import { wake } from "./widget.js";

let form; // what takes answers: a promise
let again = ""; // a module that could not be had is not asked for again under the same address

/** Is there an answer? */
export let answered;

/** The answer that is on its way, if any. */
export let sending;

/** It is answered, so closing it is no wish. */
export const done = () => {
  answered = 1;
  settled("answered");
};

/** What takes the answers of this form. */
export const taker = () => {
  const here = { dialog, entry, shop, page: address, state: () => state, update, uuid, answered: () => answered, done };
  form ||= import(edge + __FORM__ + again).then(({ take }) => take(here));
  form.catch(() => {
    form = 0;
    again += "?";
  });
  return form;
};

/** Thanks, with the code if there is one, instead of a form that was answered before. */
export const thank = async (code) => {
  answered = 1;
  (await taker()).thank(code);
};

/** A new form stands on the stage. */
export const begin = () => {
  form = answered = 0;
  on(dialog, "submit", async (event) => {
    const { target } = event; // an event inside of ours forgets it
    event.preventDefault();
    if (entry.survey) wake((dialog.dataset.pressed = 1));
    else if (!sending && !dialog.dataset.live) {
      // Nobody who is on the way to the checkout waits for us: what was sent arrives without the page.
      if (held) later(() => sending && dialog.close(), 3e3);
      sending = taker().then(({ submit }) => submit(target));
      try {
        if ((await sending) && held) dialog.close();
      } catch {
        const note = find('[data-error=""]');
        note.textContent = entry.texts.network;
        note.hidden = false;
      }
      sending = 0;
    }
  });
};
