// A double of Shopify's Admin API (GraphQL), as far as discount codes go. It follows the published contract
// (shopify.dev/docs/api/admin-graphql: discountCodeBasicCreate, discountRedeemCodeBulkAdd,
// discountRedeemCodeBulkCreation, codeDiscountNodeByCode) and refuses what does not.

import { createServer } from "node:http";

const PATH = /^\/admin\/api\/\d{4}-(01|04|07|10)\/graphql\.json$/;
/** Fields of DiscountCodeBasicInput, and those without which nothing is created. */
const BASIC = ["appliesOncePerCustomer", "code", "combinesWith", "context", "customerGets", "customerSelection", "endsAt", "minimumRequirement", "recurringCycleLimit", "startsAt", "title", "usageLimit"];
const NEEDED = ["code", "context", "customerGets", "startsAt", "title"];
const MOST_CODES = 250;

/**
 * Starts it. `mood(operation, attempt)` may answer otherwise: `{status, retryAfter}`, `"throttled"`,
 * `{userError}`, or `"lost"`: done, and the connection breaks before the answer.
 */
export async function startShopify({ token = "shpat_double", mood = () => undefined, polls = 1 } = {}) {
  const shop = { token, mood, discounts: new Map(), bulks: new Map(), asked: [], wrong: [] };
  const owner = (code) => [...shop.discounts].find(([, { codes }]) => codes.has(code.toUpperCase()))?.[0];
  const taken = { field: ["code"], code: "TAKEN", message: "Code must be unique. Please try a different code." };

  const operations = {
    discountCodeBasicCreate({ basicCodeDiscount: input }) {
      const strange = Object.keys(input).filter((name) => !BASIC.includes(name));
      const missing = NEEDED.filter((name) => input[name] === undefined);
      if (strange.length + missing.length > 0) return invalid(`DiscountCodeBasicInput: unknown ${strange}, missing ${missing}`);
      const { percentage } = input.customerGets.value;
      if (!(percentage > 0 && percentage <= 1)) return invalid(`percentage ${percentage} is not between 0 and 1`);
      if (input.customerGets.items.all !== true || input.context.all !== "ALL") return invalid("no items or no buyers");
      if (!(Date.parse(input.startsAt) <= Date.now() + 60_000) || !Number.isInteger(input.usageLimit)) return invalid("startsAt or usageLimit");
      if (owner(input.code)) return { codeDiscountNode: null, userErrors: [taken] };
      const id = `gid://shopify/DiscountCodeNode/${shop.discounts.size + 1}`;
      shop.discounts.set(id, { ...input, codes: new Set([input.code.toUpperCase()]) });
      return { codeDiscountNode: { id }, userErrors: [] };
    },
    discountRedeemCodeBulkAdd({ discountId, codes }) {
      if (!Array.isArray(codes) || codes.length === 0 || codes.length > MOST_CODES || codes.some((each) => Object.keys(each).join() !== "code")) return invalid("codes: [DiscountRedeemCodeInput!]!");
      if (!shop.discounts.has(discountId)) {
        return { bulkCreation: null, userErrors: [{ field: ["discountId"], code: "INVALID", message: "Code discount does not exist." }] };
      }
      const id = `gid://shopify/DiscountRedeemCodeBulkCreation/${shop.bulks.size + 1}`;
      shop.bulks.set(id, { discountId, codes: codes.map(({ code }) => code), polls, results: undefined });
      return { bulkCreation: { id }, userErrors: [] };
    },
    discountRedeemCodeBulkCreation({ id }) {
      const bulk = shop.bulks.get(id);
      if (!bulk) return null;
      if (bulk.polls-- > 0) return { done: false, codes: { nodes: [] } };
      const discount = shop.discounts.get(bulk.discountId);
      bulk.results ??= bulk.codes.map((code, n) => {
        if (owner(code)) return { code, discountRedeemCode: null, errors: [taken] };
        discount.codes.add(code.toUpperCase());
        return { code, discountRedeemCode: { id: `gid://shopify/DiscountRedeemCode/${n}` }, errors: [] };
      });
      return { done: true, codes: { nodes: bulk.results } };
    },
  };
  function invalid(message) {
    shop.wrong.push(message);
    return { invalid: message };
  }

  const server = createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const send = (status, json, headers = {}) => {
      response.writeHead(status, { "content-type": "application/json", ...headers });
      response.end(JSON.stringify(json));
    };
    if (request.method !== "POST" || !PATH.test(request.url) || !/^application\/json/.test(request.headers["content-type"])) {
      shop.wrong.push(`${request.method} ${request.url}`);
      return send(404, { errors: "Not Found" });
    }
    if (request.headers["x-shopify-access-token"] !== shop.token) {
      return send(401, { errors: "[API] Invalid API key or access token (unrecognized login or wrong password)" });
    }
    const { query, variables } = JSON.parse(Buffer.concat(chunks));
    const lookup = [...query.matchAll(/(\w+): codeDiscountNodeByCode\(code: \$(\w+)\) \{ id \}/g)];
    const name = lookup.length > 0 ? "codeDiscountNodeByCode" : query.match(/^(?:mutation|query) (\w+)\(/)?.[1];
    shop.asked.push({ name, variables });
    const mood = shop.mood(name, shop.asked.filter((each) => each.name === name).length);
    if (mood?.status) return send(mood.status, { errors: "Try again" }, mood.retryAfter ? { "retry-after": String(mood.retryAfter) } : {});
    if (mood === "throttled") return send(200, { errors: [{ message: "Throttled", extensions: { code: "THROTTLED" } }] });
    if (mood?.userError) return send(200, { data: { [name]: { codeDiscountNode: null, bulkCreation: null, userErrors: [mood.userError] } } });
    let data;
    if (lookup.length > 0) {
      data = Object.fromEntries(lookup.map(([, alias, variable]) => [alias, owner(variables[variable]) ? { id: owner(variables[variable]) } : null]));
    } else if (operations[name] && query.includes(`{ ${name}(`)) {
      const result = operations[name](variables);
      if (result?.invalid) return send(200, { errors: [{ message: result.invalid }] });
      data = { [name]: result };
    } else {
      shop.wrong.push(query);
      return send(200, { errors: [{ message: `no such operation: ${name}` }] });
    }
    if (mood === "lost") return request.socket.destroy();
    send(200, { data });
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  shop.url = `http://127.0.0.1:${server.address().port}`;
  /** All codes that the shop knows. */
  shop.codes = () => [...shop.discounts.values()].flatMap(({ codes }) => [...codes]);
  shop.stop = () => new Promise((resolve) => { server.closeAllConnections(); server.close(resolve); });
  return shop;
}
