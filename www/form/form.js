// Takes what a shopper answers: sent, corrected in place, thanked. What was typed stays typed.

// Asked for a second time, its address ends in a question mark.
const edge = import.meta.url.replace(/\/w\/\w+\/form\.js\?*$/, "");

/** For the form in a dialog. Nothing that it gives is ever rejected. The rest is the loader's. */
export const take = ({ dialog, entry, shop, page, state, update, uuid, answered, done }) => {
  const id = uuid(); // of this submission: however often it is sent, it counts once
  let doubted = ""; // an address that the edge did not take

  const find = (selector) => dialog.querySelector(selector);

  /** Sends fields (a FormData or a list of pairs), and once more when the edge does not answer. */
  const send = async (fields) => {
    const said = new URLSearchParams(fields);
    const device = state().device || +/allow=device/.test(said);
    const ours = new URLSearchParams({
      id,
      page: page(),
      lang: entry.lang,
      version: entry.version,
      visitor: device ? state().id : "",
      sure: doubted, // counts only if it is the address
    });
    // Of a field that is there twice the last counts.
    const body = new URLSearchParams(ours + "&" + said);
    const attempt = async () => {
      const answer = await fetch(`${edge}/v1/forms/${entry.campaign}?shop=${shop}`, {
        method: "POST",
        body,
        keepalive: true,
        headers: { Accept: "application/json" },
        signal: AbortSignal.timeout?.(15e3),
      });
      return { ok: answer.ok, ...(await answer.json()) };
    };
    const result = await attempt().catch(attempt);
    if (!result.ok) doubted = result.errors[0] && said.get("email");
    else if (!answered()) {
      update((state) => {
        state.known = 1;
        state.code = result.code;
        state.device = device;
      });
      done();
    }
    return result;
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
  const thank = (code) => {
    const output = find("output");
    const [form, done] = dialog.children;
    form.hidden = true;
    done.hidden = false;
    output.hidden = !code;
    output.textContent = code;
    done.querySelector("h2").focus();
  };

  /** The form as it stands; whether it was taken. */
  const submit = async (form) => {
    const go = find(".rp-go");
    const label = go.textContent;
    go.textContent = entry.texts.sending;
    const result = await send(new FormData(form)).catch(() => ({ errors: [{ field: "", code: "network" }] }));
    go.textContent = label;
    if (result.ok) thank(result.code);
    else tell(result.errors[0]);
    return result.ok;
  };

  return { send, thank, submit };
};
