// The way through a survey. Pure, so that Node can test it against the rules' own table.

/** Where it goes on after an answer to a question, whose ways are `[name, [[choices, place], …], else]`. */
export const after = ([, jumps, then], choices = []) =>
  (jumps.find(([of]) => of.some((choice) => choices.includes(choice))) ?? [, then])[1];
