import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { hasSettings } from '../../../../agent/config/config-file.ts';

it.each([
  ['a setting', 'broker:\n  url: mqtt://b\n'],
  ['a list', 'cameras:\n  - source: test\n'],
  ['flow style', 'broker: {url: "mqtt://b"}\n'],
  ['compact JSON', '{"broker":{"url":"mqtt://b"}}'],
  ['a switch that is off', 'ice:\n  lanOnly: false\n'],
  ['what is no configuration, which the agent has to tell', 'broker:{url:mqtt://b}\n'],
])('sees that somebody has set something: %s', (_, text) => {
  expect(hasSettings(text)).toBe(true);
});

it.each([
  ['nothing', ''],
  ['the example file', readFileSync(new URL('../../../../packaging/porthole.example.yaml', import.meta.url), 'utf8')],
  ['headings without settings', 'broker:\n  # url: mqtt://b\nice: {}\n'],
])('sees nothing in %s', (_, text) => {
  expect(hasSettings(text)).toBe(false);
});
