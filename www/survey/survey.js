// A survey goes on after its first question: answers are taken, sent one by one, so that those of somebody who leaves
// are kept, and the next question follows. Where to is published; the rules behind it are `domain::campaign::survey`.
import { after } from "./ways.js";

/** What says why an answer is not taken: in the words of the shop. */
const complain = (card, why) => {
  const note = card.querySelector("[role=alert]");
  note.textContent = why ? note.dataset[why] : "";
  note.hidden = !why;
};

/**
 * Takes the dialog over: its cards are the questions, in order, and at last the thanks. `survey`: the ways, question by
 * question. `said`: what every answer says, too. The rest is the loader's.
 */
export const ask = (dialog, survey, said, { state, event, request, uuid, done }) => {
  const cards = [...dialog.children];
  const title = cards[0].querySelector("h2").id;
  const response = uuid();
  let place = 0;
  let busy;
  let waiting = []; // answers that the edge has not acknowledged

  const turn = (next) => {
    const [old, card] = [cards[place], cards[next]];
    const heading = card.querySelector("h2");
    old.querySelector("h2").removeAttribute("id");
    heading.id = title; // names the dialog
    old.hidden = true;
    card.hidden = false;
    place = next;
    dialog.scrollTop = 0;
    heading.focus();
    if (next == survey.length) done();
  };

  /** Without permission nothing is kept on the device: it is sent at once, under a name that this page made up. */
  const send = async (answer) => {
    if (state().device) return event("survey.answered", answer);
    waiting.push({ ...answer, id: uuid(), at: Date.now(), type: "survey.answered" });
    const { status } = await request(JSON.stringify({ v: 1, sent: Date.now(), events: waiting }));
    if (/202|4(?!29)../.test(status)) waiting = [];
  };

  /** Something was answered, or left out. */
  const go = async (card, answer) => {
    if (busy) return;
    const next = after(survey[place], answer?.choices);
    const last = next == survey.length;
    complain(card);
    busy = 1;
    if (answer) {
      const sent = send({ ...said(), response, question: survey[place][0], ...answer, last });
      // Nobody waits between two questions: what did not get through goes with the next one.
      if (last) {
        card.ariaBusy = "true";
        await sent;
        card.ariaBusy = null;
      }
    }
    busy = 0;
    if (last && waiting[0]) complain(card, "network");
    else turn(next);
  };

  const submit = (form) => {
    const card = cards[place];
    const fields = new FormData(form);
    const choices = fields.getAll("choice");
    const asked = form.querySelector("[name=choice]");
    const words = !asked || choices.includes("other") ? (fields.get("words") ?? "").trim() : "";
    if (choices[0] || words) go(card, { choices, ...(words && { words }) });
    else if (form.noValidate && "required" in form.dataset) {
      complain(card, "required");
      (asked || form.querySelector("[name=words]")).focus();
    } else go(card);
  };

  dialog.dataset.live = 1;
  dialog.addEventListener("submit", (event) => {
    event.preventDefault();
    submit(event.target);
  });
  dialog.addEventListener("click", ({ target }) => "skip" in target.dataset && go(cards[place]));
  // Somebody was quicker than this came.
  if (dialog.dataset.pressed) submit(cards[0].querySelector("form"));
};
