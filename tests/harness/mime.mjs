// Reads a mail as strictly as the standards are written, so that what is badly made is found:
// RFC 5322 (message), RFC 2045 to 2047 (MIME, encoded words).

import assert from "node:assert/strict";

/** The longest line that may be sent, without its end (RFC 5322, 2.1.1). */
const LINE_BYTES = 998;

/** Reads a whole message: `{headers, parts: [{type, text}]}`. Throws on whatever is not as it must be. */
export function readMail(source) {
  assertLines(source);
  const { headers, body } = readEntity(source);
  for (const name of ["from", "to", "date", "subject", "message-id"]) {
    assert.equal(headers.filter(([have]) => have === name).length, 1, `exactly one ${name}`);
  }
  assert.equal(one(headers, "mime-version"), "1.0");
  assert.match(one(headers, "message-id"), /^<[^\s<>@]+@[^\s<>@]+>$/);
  assert.match(
    one(headers, "date"),
    /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{1,2} (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} \d\d:\d\d:\d\d [+-]\d{4}$/,
  );
  const { type, parameters } = contentType(one(headers, "content-type"));
  assert.equal(type, "multipart/alternative");
  return { headers: new Map(headers.map(([name, value]) => [name, decodeWords(value)])), parts: readParts(body, parameters.boundary) };
}

function assertLines(source) {
  assert.ok(source.endsWith("\r\n"), "the last line ends");
  for (const line of source.slice(0, -2).split("\r\n")) {
    assert.doesNotMatch(line, /[\r\n]/, "a lone CR or LF");
    assert.doesNotMatch(line, /\0/, "a NUL");
    assert.match(line, /^[\x01-\x7f]*$/, "only ASCII may be sent to every server");
    assert.ok(Buffer.byteLength(line) <= LINE_BYTES, `a line of ${line.length} characters`);
  }
}

/** Headers as `[name in lower case, unfolded value]`, and the body. */
function readEntity(source) {
  const end = source.indexOf("\r\n\r\n");
  assert.notEqual(end, -1, "an empty line ends the headers");
  const lines = source.slice(0, end).split("\r\n");
  const headers = [];
  for (const line of lines) {
    if (/^[ \t]/.test(line)) {
      assert.ok(headers.length > 0 && line.trim(), "a folded line continues something");
      headers.at(-1)[1] += ` ${line.trim()}`;
    } else {
      const [, name, value] = line.match(/^([!-9;-~]+):[ \t]*(.*)$/) ?? assert.fail(`no header: ${line}`);
      headers.push([name.toLowerCase(), value.trim()]);
    }
  }
  return { headers, body: source.slice(end + 4) };
}

function one(headers, name) {
  return headers.find(([have]) => have === name)?.[1] ?? assert.fail(`no ${name}`);
}

function contentType(value) {
  const [type, ...rest] = value.split(";").map((part) => part.trim());
  const parameters = Object.fromEntries(
    rest.map((part) => {
      const [, name, quoted, bare] = part.match(/^([\w-]+)=(?:"([^"]*)"|([^\s"]+))$/) ?? assert.fail(part);
      return [name.toLowerCase(), quoted ?? bare];
    }),
  );
  return { type: type.toLowerCase(), parameters };
}

function readParts(body, boundary) {
  assert.match(boundary, /^[\w'()+,./:=? -]{1,69}[\w'()+,./:=?-]$/, "RFC 2046, 5.1.1");
  const [before, ...rest] = `\r\n${body}`.split(`\r\n--${boundary}`);
  assert.equal(before.trim(), "", "nothing before the first part");
  assert.equal(rest.pop().trim(), "--", "the last boundary closes");
  return rest.map((part) => {
    assert.ok(part.startsWith("\r\n"), "a boundary stands alone on its line");
    const { headers, body } = readEntity(part.slice(2));
    const { type, parameters } = contentType(one(headers, "content-type"));
    assert.equal(parameters.charset?.toLowerCase(), "utf-8");
    const encoding = headers.find(([name]) => name === "content-transfer-encoding")?.[1].toLowerCase() ?? "7bit";
    return { type, text: decodeBody(body, encoding) };
  });
}

function decodeBody(body, encoding) {
  switch (encoding) {
    case "7bit":
      return body;
    case "base64":
      assert.match(body, /^(?:[A-Za-z0-9+/]{1,76}={0,2}\r\n)*[A-Za-z0-9+/]{0,76}={0,2}$/);
      return utf8(Buffer.from(body, "base64"));
    case "quoted-printable":
      return utf8(quotedPrintable(body));
    default:
      return assert.fail(`an encoding that not everyone reads: ${encoding}`);
  }
}

function quotedPrintable(body) {
  for (const line of body.split("\r\n")) {
    assert.ok(line.length <= 76, `a line of ${line.length} characters (RFC 2045, 6.7)`);
    assert.doesNotMatch(line, /[ \t]$/, "white space at the end of a line gets lost");
    assert.doesNotMatch(line, /=(?![0-9A-F]{2}|$)/, "a stray equals sign");
  }
  const joined = body.replace(/=\r\n/g, "");
  return Buffer.from(joined.replace(/=([0-9A-F]{2})/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16))), "latin1");
}

/** Text from bytes that must be UTF-8. */
function utf8(bytes) {
  return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
}

/** A header value with its encoded words (RFC 2047) in plain. */
function decodeWords(value) {
  const joined = value.replace(/(\?=)\s+(=\?)/g, "$1$2");
  return joined.replace(/=\?([^?]+)\?([bq])\?([^?]*)\?=/gi, (word, charset, encoding, text) => {
    assert.ok(word.length <= 75, `an encoded word of ${word.length} characters`);
    assert.equal(charset.toLowerCase(), "utf-8");
    const bytes =
      encoding.toLowerCase() === "b"
        ? Buffer.from(text, "base64")
        : Buffer.from(text.replaceAll("_", " ").replace(/=([0-9A-F]{2})/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16))), "latin1");
    return utf8(bytes);
  });
}
