// What is at which address, and what becomes of the forms that are sent to it.

import { catalogue } from "./catalogue.mjs";
import { customerUpdated, orderPlaced, returnRequested } from "./hooks.mjs";
import { sendBack } from "./order.mjs";
import { account, login } from "./pages/account.mjs";
import { cart } from "./pages/cart.mjs";
import { category } from "./pages/category.mjs";
import { checkout } from "./pages/checkout.mjs";
import { home } from "./pages/home.mjs";
import { missing } from "./pages/missing.mjs";
import { privacy } from "./pages/privacy.mjs";
import { product } from "./pages/product.mjs";
import { returns, sending } from "./pages/returns.mjs";
import { search } from "./pages/search.mjs";
import { thanks } from "./pages/thanks.mjs";
import { LONGEST } from "./search.mjs";
import { kept } from "./session.mjs";

export const html = (page, body) => ({ headers: { "Content-Type": "text/html; charset=utf-8", ...page.headers() }, body });
const json = (value) => ({ headers: { "Content-Type": "application/json" }, body: JSON.stringify(value) });
const gone = (page) => ({ ...html(page, missing(page)), status: 404 });
const wrong = (page, body) => ({ ...html(page, body), status: 422 });
const to = (location, headers) => ({ status: 303, headers: { Location: location, ...headers }, body: "" });

/** Answers a GET. */
export async function opened(page, { request, orders, sessions, check }) {
  const { pathname: path, searchParams } = page.url;
  const asked = (name) => searchParams.get(name)?.trim() ?? "";
  const session = sessions.of(request);
  const [, kind, id] = path.match(/^\/(category|product|returns)\/([A-Za-z0-9-]+)$/) ?? [];
  if (kind === "category") return catalogue.category(id) ? html(page, category(page, catalogue.category(id))) : gone(page);
  if (kind === "product") return catalogue.product(id) ? html(page, product(page, catalogue.product(id))) : gone(page);
  if (kind === "returns") {
    const order = theirs(orders, id, session);
    const noted = order?.returns.some((back) => back.id === asked("noted"));
    return order ? html(page, sending(page, order, { noted })) : to(page.href("/returns", { order: id }));
  }
  switch (path) {
    case "/": return html(page, home(page));
    case "/search": return html(page, search(page, asked("q").slice(0, LONGEST)));
    case "/cart": return html(page, cart(page));
    case "/checkout": return html(page, checkout(page));
    case "/thank-you": return orders.get(asked("order")) ? html(page, thanks(page, orders.get(asked("order")))) : gone(page);
    case "/account": return html(page, page.shopper ? account(page, orders.of(session)) : login(page));
    case "/returns": return html(page, returns(page, orders.of(session), { order: asked("order") }));
    case "/privacy": return html(page, privacy(page));
    case "/discount": return json(await check(asked("code")));
    default: return gone(page);
  }
}

/** Answers a POST of a form. */
export async function posted(page, { request, form, orders, sessions, check, hooks }) {
  const path = page.url.pathname;
  const fields = Object.fromEntries(form);
  const [, id] = path.match(/^\/returns\/([A-Za-z0-9-]+)$/) ?? [];
  if (id) return askForReturn(page, theirs(orders, id, sessions.of(request)), form, hooks, await orders.now());
  switch (path) {
    case "/discount": return json(await check(fields.code ?? "", worth(fields)));
    case "/checkout": {
      const { order, errors } = await orders.place(fields, page);
      if (errors) return wrong(page, checkout(page, fields, errors));
      const session = sessions.begin(request);
      order.sessions.add(session.id);
      hooks.tell(orderPlaced(order));
      return to(page.href("/thank-you", { order: order.id }), kept(session));
    }
    case "/account/login": {
      const { session, errors } = sessions.logIn(request, fields);
      if (errors) return wrong(page, login(page, fields, errors));
      hooks.tell(customerUpdated(session.shopper, page.lang, await orders.now()));
      return to(page.href("/account"), kept(session));
    }
    case "/account/logout":
      sessions.logOut(request);
      return to(page.href("/account"));
    case "/returns": {
      const order = orders.find(fields.order, fields.email);
      if (!order) return wrong(page, returns(page, orders.of(sessions.of(request)), fields, true));
      const session = sessions.begin(request);
      order.sessions.add(session.id);
      return to(page.href(`/returns/${order.id}`), kept(session));
    }
    default: return gone(page);
  }
}

function askForReturn(page, order, form, hooks, now) {
  if (!order) return gone(page);
  const { back, errors } = sendBack(order, form, now);
  if (errors) return wrong(page, sending(page, order, { asked: form, errors }));
  hooks.tell(returnRequested(order, back));
  return to(page.href(`/returns/${order.id}`, { noted: back.id }));
}

/** An order that a session may see. */
function theirs(orders, id, session) {
  const order = orders.get(id);
  return order?.sessions.has(session?.id) ? order : undefined;
}

/** What a code is asked about for: only what has the right form. */
const worth = ({ email, total }) => ({
  ...(/^\S+@\S+\.\S+$/.test(email ?? "") && { email }),
  ...(/^\d{1,6}\.\d\d$/.test(total ?? "") && { total }),
});
