// Errors as callers must get them (RFC 9457).

import assert from "node:assert/strict";

/** Checks that an answer is a well-formed problem with that status, and returns it. */
export function assertProblem(answer, status, field) {
  assert.equal(answer.status, status, answer.text.slice(0, 300));
  assert.match(answer.headers.get("content-type") ?? "", /^application\/problem\+json\b/);
  const problem = answer.json;
  assert.equal(problem.status, status);
  for (const name of ["type", "title", "detail", "request_id"]) {
    assert.equal(typeof problem[name], "string", `${name} in ${answer.text}`);
    assert.notEqual(problem[name], "", `${name} is empty in ${answer.text}`);
  }
  if (field !== undefined) assert.equal(problem.field, field, answer.text);
  return problem;
}
