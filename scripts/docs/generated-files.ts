import { configJsonSchema } from '../../agent/config/config-json-schema.ts';
import { buildConfigExample } from './config-example.ts';
import { buildConfigReference } from './config-reference.ts';

/** What "npm run docs" writes: path from the root of the repository, and content. */
export function buildGeneratedFiles(): ReadonlyMap<string, string> {
  return new Map([
    ['docs/configuration.md', buildConfigReference()],
    ['docs/porthole.schema.json', `${JSON.stringify(configJsonSchema(), null, 2)}\n`],
    ['packaging/porthole.example.yaml', buildConfigExample()],
  ]);
}
