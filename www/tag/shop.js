// Whose page this is, and the way to the shop's edge. Both stand in the script tag itself.
const script = document.currentScript;

/** The shop's public key. */
export const shop = script?.dataset.shop;

/** The edge, without a slash at the end; a route on the shop's own domain may have a path. */
export const edge = script?.src.split("/tag.js")[0];

/**
 * One request, 15 s at most; with a body it may outlive the page, which costs the page something. It needs no preflight: the
 * body is nothing, a string (text/plain) or URLSearchParams. Never rejected: what went wrong is the answer, and has neither `status` nor
 * `json`.
 */
export const request = (path, body) =>
  fetch(edge + path, {
    method: body && "POST",
    keepalive: !!body,
    body,
    signal: AbortSignal.timeout?.(15e3),
  }).catch((error) => error);
