import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** Any user but root and the one who runs the tests. */
const stranger = 65_534;

/** A folder that nobody may look into. Until the test is over root is another user, because root may look into everything. */
export function makeClosedFolder(): string {
  const parent = mkdtempSync(join(tmpdir(), 'porthole-closed-'));
  const folder = join(parent, 'closed');
  mkdirSync(folder);
  chmodSync(parent, 0o755);
  chmodSync(folder, 0);
  const isRoot = process.getuid?.() === 0;
  if (isRoot) process.seteuid?.(stranger);
  onTestFinished(() => {
    if (isRoot) process.seteuid?.(0);
    chmodSync(folder, 0o700);
    rmSync(parent, { recursive: true });
  });
  return folder;
}
