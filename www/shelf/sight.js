// Whether something was really seen: half of it, or half a window of it, for a second, on a page that is in front.

const LONG = 1_000; // ms
/** How finely it is heard how much of something is in the window. */
const STEPS = Array.from({ length: 21 }, (_, step) => step / 20);

export class Sight {
  /** Calls once when an element was seen; then, and when something else is waited for, it is over. */
  once(element, then) {
    this.end();
    this.observer = new IntersectionObserver(
      (looks) => {
        const { intersectionRatio, intersectionRect } = looks.at(-1);
        const seen = intersectionRatio >= 0.5 || intersectionRect.height >= innerHeight / 2;
        if (seen == this.seen) return;
        this.seen = seen;
        clearTimeout(this.timer);
        if (seen) this.#wait(then);
      },
      { threshold: STEPS },
    );
    this.observer.observe(element);
  }

  #wait(then) {
    this.timer = setTimeout(() => {
      // Behind another tab nobody sees it; the second begins anew.
      if (document.hidden) return this.#wait(then);
      this.end();
      then();
    }, LONG);
  }

  end() {
    clearTimeout(this.timer);
    this.observer?.disconnect();
    this.seen = false;
  }
}
