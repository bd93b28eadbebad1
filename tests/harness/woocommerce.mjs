// A double of WooCommerce's REST API v3, as far as coupons go. It follows the published contract
// (woocommerce.github.io/woocommerce-rest-api-docs, "Batch update coupons") and refuses what does not.

import { createServer } from "node:http";

const MOST = 100;
const FIELDS = {
  code: (value) => typeof value === "string" && value.length > 0,
  discount_type: (value) => ["percent", "fixed_cart", "fixed_product"].includes(value),
  amount: (value) => typeof value === "string" && /^\d+(\.\d+)?$/.test(value),
  usage_limit: Number.isInteger,
  description: (value) => typeof value === "string",
};

/** Starts it. `mood(attempt)` may answer otherwise: `{status, retryAfter}`, or `"lost"`: done, but not answered. */
export async function startWooCommerce({ key = "ck_double", secret = "cs_double", mood = () => undefined } = {}) {
  const shop = { mood, coupons: new Map(), asked: 0, wrong: [] };
  const server = createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const send = (status, json, headers = {}) => {
      response.writeHead(status, { "content-type": "application/json; charset=UTF-8", ...headers });
      response.end(JSON.stringify(json));
    };
    const error = (status, code, message) => send(status, { code, message, data: { status } });
    if (request.method !== "POST" || request.url !== "/wp-json/wc/v3/coupons/batch") {
      shop.wrong.push(`${request.method} ${request.url}`);
      return error(404, "rest_no_route", "No route was found matching the URL and request method.");
    }
    if (request.headers.authorization !== `Basic ${Buffer.from(`${key}:${secret}`).toString("base64")}`) {
      return error(401, "woocommerce_rest_cannot_batch", "Sorry, you are not allowed to manipulate this resource.");
    }
    shop.asked += 1;
    const mood = shop.mood(shop.asked);
    if (mood?.status) return send(mood.status, { message: "Try again" }, mood.retryAfter ? { "retry-after": String(mood.retryAfter) } : {});
    const { create, ...rest } = JSON.parse(Buffer.concat(chunks));
    if (Object.keys(rest).length > 0 || create.length > MOST) {
      shop.wrong.push(`${create.length} coupons, ${Object.keys(rest)}`);
      return error(413, "woocommerce_rest_request_entity_too_large", `Unable to accept more than ${MOST} items for this request.`);
    }
    const answers = create.map((coupon) => {
      const wrong = Object.entries(coupon).filter(([name, value]) => !FIELDS[name]?.(value));
      if (wrong.length > 0 || !coupon.code) {
        shop.wrong.push(JSON.stringify(wrong));
        return { id: 0, error: { code: "rest_invalid_param", message: `Invalid parameter(s): ${wrong.map(([name]) => name)}`, data: { status: 400 } } };
      }
      const code = coupon.code.toLowerCase();
      if (shop.coupons.has(code)) {
        return { id: 0, error: { code: "woocommerce_rest_coupon_code_already_exists", message: "The coupon code already exists", data: { status: 400 } } };
      }
      const made = { id: shop.coupons.size + 1, ...coupon, code };
      shop.coupons.set(code, made);
      return made;
    });
    if (mood === "lost") return request.socket.destroy();
    send(200, { create: answers });
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  shop.url = `http://127.0.0.1:${server.address().port}`;
  shop.stop = () => new Promise((resolve) => { server.closeAllConnections(); server.close(resolve); });
  return shop;
}
