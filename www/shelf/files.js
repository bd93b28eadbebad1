// Files that never change: fetched once, checked by their names, and kept on the device where that is allowed.

/** Files that are kept, at most: a page opens some ten of them. */
const MOST = 24;

/** Where files are kept; nowhere without permission, or where the browser has no such place. */
const place = async ({ state, name }) => {
  try {
    if (state().device) return await caches.open(name);
  } catch {}
};

/** Under which address a file is kept. */
const at = (name) => "/rapport/" + name;

/** Whether bytes are what their name says: the first 64 bits of their SHA-256. Not every page may compute that. */
const is = async (bytes, name) => {
  if (!globalThis.crypto?.subtle) return true;
  const hash = new DataView(await crypto.subtle.digest("SHA-256", bytes)).getBigUint64(0);
  return hash.toString(16).padStart(16, "0") == name;
};

/** A file's bytes, `anew` if they were fetched; nothing if they cannot be had, or may not be fetched any more. */
export const load = async (name, bridge, may) => {
  const here = await (await place(bridge))?.match(at(name));
  if (here) {
    const bytes = await here.arrayBuffer();
    if (await is(bytes, name)) return { bytes: new Uint8Array(bytes) };
    await forget(name, bridge);
  }
  if (!may) return;
  const answer = await bridge.published("packs/" + name);
  if (!answer.ok) return;
  const bytes = await answer.arrayBuffer();
  if (!(await is(bytes, name))) return;
  await keep(name, bytes, bridge).catch(() => {});
  return { bytes: new Uint8Array(bytes), anew: true };
};

/** Keeps a file, and the last ones beside it. The permission may have been taken back while it came. */
const keep = async (name, bytes, bridge) => {
  const here = await place(bridge);
  if (!here) return;
  await here.put(at(name), new Response(bytes));
  const all = await here.keys();
  for (const old of all.slice(0, Math.max(0, all.length - MOST))) await here.delete(old);
};

/** Does not keep a file any longer. */
export const forget = async (name, bridge) => (await place(bridge))?.delete(at(name));
