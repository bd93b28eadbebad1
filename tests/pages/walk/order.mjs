// 6. An order, heard from the shop's server, is thanked for at once: by text where there is a number, else by mail.

import assert from "node:assert/strict";

import { NEWS, TEXTS, checkOut, number, place } from "./walk.mjs";

export async function thanks(walk) {
  const { shop, anna } = walk;
  // Her first order was thanked for as soon as the server told of it; she left a number at the checkout.
  const first = await walk.gets(anna.phone, "thank-you");
  assert.equal(first.text, "Anna, thank you for Marker tow float, €40.00. I am packing it now. Mara, Skerrow");
  await walk.text(first, "6-1-text-thank-you");
  const { consents } = await shop.person(anna.email);
  const texts = consents.find(({ channel }) => channel === "sms");
  assert.deepEqual([texts.state, texts.wording], ["given", "Text me offers now and then, too. I can stop at any time with the word STOP."]);

  // She orders what she had left: thanked for again, and no third letter about it.
  await checkOut(anna.visitor, { email: anna.email, phone: anna.phone });
  anna.orders.push(await place(anna.visitor));
  const second = await walk.gets(anna.phone, "thank-you", 2);
  assert.match(second.text, /^Anna, thank you for Lookout hat, Boathouse robe, €183\.00\./);
  assert.ok(!(await walk.got(anna.email)).includes("thank-you"), "once is enough");

  // Who gave no number gets a letter that shows what was ordered.
  const [gus, hana, ines, olga] = await walk.customers({ given_name: "Gus" }, { given_name: "Hana" }, { given_name: "Ines" }, { given_name: "Olga", phone: number(), allow: [NEWS, TEXTS] });
  Object.assign(walk, { gus, hana, ines, olga });
  await walk.ordered({ "G-1": gus, "H-1": hana, "I-1": ines, "O-1": olga });
  const letter = await walk.gets(gus.email, "thank-you");
  assert.match(letter.text, /Hello Gus,[^]*Your order G-1 has come in[^]*Ferry mug\n2 × €16\.00 = €32\.00/);
  await walk.letter(letter, "6-2-letter-thank-you");
  assert.match((await walk.gets(olga.phone, "thank-you")).text, /^Olga, thank you for 2 x Ferry mug/);
  assert.deepEqual(await walk.got(olga.email), []);
  for (const each of [gus, hana, ines]) assert.deepEqual(await walk.got(each.email), ["thank-you"]);
}
