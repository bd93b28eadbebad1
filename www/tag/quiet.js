// We are guests on somebody else's page: whatever goes wrong in here stays in here.

/** `f`, but nothing that it throws or rejects with ever reaches the page. */
export const quiet = (f) => async (event) => {
  try {
    await f(event);
  } catch {}
};

/** Listens to several space-separated events, quietly. */
export const on = (target, types, f) =>
  types.split(" ").map((type) => target.addEventListener?.(type, quiet(f)));

/** A quiet timer. */
export const later = (f, ms) => setTimeout(quiet(f), ms);
