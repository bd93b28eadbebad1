// Folders that a test leaves nothing behind in.

import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** The repository. */
export const ROOT = new URL("../../", import.meta.url).pathname;

/** An empty folder; removed when the test is over. */
export function temporaryFolder(test, name = "rapport") {
  const folder = mkdtempSync(join(tmpdir(), `${name}-`));
  test.after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}

/** Every file below a folder, with its bytes. */
export function* filesBelow(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath ?? entry.path, entry.name);
    yield { path, bytes: readFileSync(path) };
  }
}
