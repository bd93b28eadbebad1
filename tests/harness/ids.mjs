// Ids as browsers make them.

import { randomBytes } from "node:crypto";

/** A UUIDv7 (RFC 9562) of that moment; `random` gives that many bytes. */
export function uuid(at = Date.now(), random = randomBytes) {
  const bytes = Buffer.from(random(16));
  bytes.writeUIntBE(at, 0, 6);
  bytes[6] = (bytes[6] & 0x0f) | 0x70;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  return dashed(bytes.toString("hex"));
}

/** The id of a form that somebody has read before sending it. */
export function readFormId() {
  return uuid(Date.now() - 4_000);
}

/** Thirty-two hex digits, as ids stand in lists, with their hyphens. */
export function dashed(hex) {
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/** An id without its hyphens, as it stands in lists. */
export function plain(id) {
  return id.replaceAll("-", "");
}

let addresses = 0;

/** A network address in a network that no other test of this process sends from (RFC 3849). */
export function networkAddress() {
  addresses += 1;
  return `2001:db8:${(process.pid & 0xffff).toString(16)}:${addresses.toString(16)}::1`;
}

let people = 0;

/** An e-mail address that nobody else has. */
export function emailAddress(name = "anna") {
  people += 1;
  return `${name}.${people}.${randomBytes(4).toString("hex")}@example.org`;
}
