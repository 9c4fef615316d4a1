import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { findDocument } from '../../../cli/find-document.ts';

describe('findDocument', () => {
  it('names the document where this installation has it', () => {
    const folder = mkdtempSync(join(tmpdir(), 'porthole-documents-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    mkdirSync(join(folder, 'docs'));
    writeFileSync(join(folder, 'docs/deploy.md'), '');
    expect(findDocument('docs/deploy.md', ['/nowhere', folder])).toBe(join(folder, 'docs/deploy.md'));
  });

  it('calls it as in the repository where documents are left out', () => {
    expect(findDocument('docs/deploy.md', ['/nowhere'])).toBe('docs/deploy.md');
  });
});
