// A page's form as a browser without scripts would read and send it.

const ENTITIES = { amp: "&", lt: "<", gt: ">", quot: '"', "#39": "'", "#x27": "'", "#x2f": "/" };

function plain(text) {
  return text.replace(/&(\w+|#\w+);/g, (whole, name) => ENTITIES[name.toLowerCase()] ?? whole);
}

function attributes(tag) {
  const found = tag.matchAll(/([\w-]+)(?:="([^"]*)")?/g);
  return Object.fromEntries([...found].map(([, name, value]) => [name, value === undefined ? "" : plain(value)]));
}

/** What the first form of a page would send: a `URLSearchParams`. */
export function formOf(html) {
  const [, form] = html.match(/<form[^>]*>([\s\S]*?)<\/form>/) ?? [];
  if (form === undefined) throw new Error(`no form in ${html.slice(0, 300)}`);
  const sent = new URLSearchParams();
  for (const [tag, , name, options] of form.matchAll(/<input ([^>]*)>|<select name="(\w+)"[^>]*>([\s\S]*?)<\/select>/g)) {
    if (name) {
      const all = [...options.matchAll(/<option ([^>]*)>/g)].map(([, inner]) => attributes(inner));
      sent.append(name, (all.find((option) => "selected" in option) ?? all[0]).value);
      continue;
    }
    const input = attributes(tag.slice("<input ".length));
    const ticked = !["checkbox", "radio"].includes(input.type) || "checked" in input;
    if (ticked) sent.append(input.name, input.value ?? "on");
  }
  return sent;
}

/** The form with some fields changed: a text, a list, or nothing for a field that is left out. */
export function filled(html, changes = {}) {
  const form = formOf(html);
  for (const [name, value] of Object.entries(changes)) {
    form.delete(name);
    for (const each of [value].flat()) if (each !== undefined) form.append(name, each);
  }
  return form;
}
