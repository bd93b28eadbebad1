// The development clock: a deployment does not have it, and then it is not here either.

import { inFull } from "./dom.js";

/** Moves the shop's clock on request and looks again with `after`; the answer tells it the time. */
export function startClock(shop, after) {
  const form = document.getElementById("clock");
  const now = document.getElementById("clock-now");
  const ran = document.getElementById("ran");
  let gone = false;

  function tell(clock) {
    form.hidden = gone || !clock.development;
    now.textContent = inFull(clock.now);
  }

  async function advance(seconds, words) {
    if (form.getAttribute("aria-busy")) return;
    form.setAttribute("aria-busy", "true");
    ran.textContent = "Moving …";
    try {
      const answer = await shop.api.advance(seconds);
      ran.textContent = `${words} later: ${answer.ran === 1 ? "1 job" : `${answer.ran} jobs`} ran.`;
      await after(true);
    } catch (error) {
      if (error.kind === "missing") {
        gone = true;
        form.hidden = true;
      }
      ran.textContent = error.message;
    } finally {
      form.removeAttribute("aria-busy");
    }
  }

  form.onclick = (event) => {
    const button = event.target.closest("[data-seconds]");
    if (button) advance(Number(button.dataset.seconds), button.textContent);
  };
  form.onsubmit = (event) => {
    event.preventDefault();
    const unit = form.querySelector("#unit");
    const amount = form.querySelector("#amount").valueAsNumber;
    const name = unit.selectedOptions[0].textContent;
    advance(amount * Number(unit.value), `${amount} ${amount === 1 ? name.slice(0, -1) : name}`);
  };
  tell(shop.status.clock);
  return tell;
}
