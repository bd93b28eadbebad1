/**
 * A UUIDv7 (RFC 9562, section 5.7) without its hyphens, which the edge does not need: 48 bits of milliseconds,
 * then chance. Decimal digits are hexadecimal digits too: 15 of them are 50 bits of chance within one
 * millisecond, and fewer bytes here than a hexadecimal dump. (A device that believes to be in a year before
 * 2005 shifts them by a digit, and its ids are still unique.)
 */
export const uuid = () =>
  (0 + Date.now().toString(16) + 70008 + crypto.getRandomValues(new Uint32Array(4)).join("")).slice(0, 32);
