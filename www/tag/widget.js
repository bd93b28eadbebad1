// The wasm takes over in place, at the first sign that somebody cares. If it is slow, broken or blocked,
// nothing changes. It waits by itself for an answer that is on its way, and leaves the thanks to us.
import { answered, done, taker } from "./form.js";
import { event } from "./outbox.js";
import { address } from "./page.js";
import { edge, request, shop } from "./shop.js";
import { dialog, entry } from "./stage.js";
import { state } from "./storage.js";
import { held, objects, published } from "./tag.js";
import { uuid } from "./uuid.js";

let woken;

/** Hands the dialog over, once. A survey needs no wasm. */
export const wake = async () => {
  const box = dialog;
  const { campaign, version, survey } = entry;
  if (!answered && (survey || !held) && box.open && woken != box) {
    woken = box;
    if (survey)
      return (await import(edge + __SURVEY__)).ask(
        box,
        survey,
        () => ({ campaign, version, url: address(), cart: state.cart || undefined }),
        {
          state: () => state,
          event,
          request: (body) => request(`/v1/events?shop=${shop}&objects=${objects}&visitor=${state.id}`, body),
          uuid,
          done,
        },
      );
    const { send } = await taker();
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
