// Work that the edge asks for when it doubts that a form comes from a person: a number whose SHA-256 with the
// challenge begins with so many zero bits. It comes with the widget, since nearly nobody needs it; without the widget such a
// form could not be sent, and says so.

const AT_A_TIME = 256;

/** Finds it: `challenge.n`. Some tenths of a second of a phone's time; other work goes on in between. */
export const work = async (challenge) => {
  const bits = parseInt(challenge);
  const tried = async (n) => {
    const text = `${challenge}.${n}`;
    const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
    return new DataView(hash).getUint32(0) >>> (32 - bits) == 0 && text;
  };
  for (let n = 0; ; n += AT_A_TIME) {
    const all = await Promise.all(Array.from({ length: AT_A_TIME }, (_, k) => tried(n + k)));
    const found = all.find(Boolean);
    if (found) return found;
  }
};

/** The widget's `mount`, with a bridge that does the work and sends the form once more. */
export const working = (mount) => (bridge) =>
  mount({
    ...bridge,
    send: async (fields) => {
      const result = await bridge.send(fields);
      return result.work ? bridge.send([...fields, ["work", await work(result.work)]]) : result;
    },
  });
