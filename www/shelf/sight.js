// Whether something was really seen: half of it in the window for a second, on a page that is in front.

const LONG = 1_000; // ms

export class Sight {
  /** Calls once when an element was seen; then, and when something else is waited for, it is over. */
  once(element, then) {
    this.end();
    this.observer = new IntersectionObserver(
      ([{ intersectionRatio }]) => {
        clearTimeout(this.timer);
        if (intersectionRatio >= 0.5) this.#wait(then);
      },
      { threshold: 0.5 },
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
  }
}
