// The wasm takes over in place, at the first sign that somebody cares. If it is slow, broken or blocked,
// nothing changes. It waits by itself for an answer that is on its way, and leaves the thanks to us.
import { answered, send } from "./form.js";
import { edge } from "./shop.js";
import { dialog, entry } from "./stage.js";
import { published } from "./tag.js";

let woken;

/** Hands the dialog over, once. */
export const wake = async () => {
  const box = dialog;
  if (!answered && box.open && woken != box) {
    woken = box;
    const widget = await import(edge + __WIDGET__);
    await widget.default();
    await widget.mount({
      ...entry,
      dialog: box,
      brain: new Uint8Array(await (await published("files/" + entry.brain)).arrayBuffer()),
      send,
      done() {}, // `send` has seen it
    });
  }
};
