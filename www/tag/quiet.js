// We are guests on somebody else's page: whatever goes wrong in here stays in here.

/**
 * `f`, but nothing that it throws or rejects with ever reaches the page. Only what is a promise is waited for: one for each
 * event would cost the page something. (`quiet` itself is as good as any for a rejection to end in.)
 */
export const quiet = (f) => (event) => {
  try {
    f(event)?.catch?.(quiet);
  } catch {}
};

/** Listens to several space-separated events, quietly. */
export const on = (target, types, f) =>
  types.split(" ").map((type) => target.addEventListener?.(type, quiet(f)));

/** A quiet timer. */
export const later = (f, ms) => setTimeout(quiet(f), ms);

/** What makes the page wait comes after the next frame: somebody has pressed something, and is to see that first. */
export const painted = (f) => requestAnimationFrame(() => later(f));
