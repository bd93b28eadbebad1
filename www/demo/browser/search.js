// What was searched for, and whether anything was found: nothing else on the page says so.

import { rapport } from "./bag.js";

const searched = JSON.parse(document.getElementById("searched").textContent);
rapport("track", { type: "search", ...searched });
if (searched.results === 0) rapport("track", { type: "empty search", ...searched });
