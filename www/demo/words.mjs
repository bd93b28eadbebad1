// The shop's words, in each of its languages; the first is the one it speaks unasked.

import { readFileSync } from "node:fs";

export const words = JSON.parse(readFileSync(new URL("words.json", import.meta.url), "utf8"));
export const languages = Object.keys(words);
