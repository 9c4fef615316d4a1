import { readFileSync } from 'node:fs';
import { x25519 } from '@noble/curves/ed25519.js';
import { describe, expect, it } from 'vitest';
import { sessionErrorCodes } from '../../../protocol/errors.ts';
import { qualityReasons } from '../../../protocol/events.ts';
import { deriveId, type KeyPair } from '../../../protocol/identity.ts';
import { limits } from '../../../protocol/limits.ts';
import { nobleDiffieHellman } from '../../../protocol/noble-diffie-hellman.ts';
import type { DiffieHellman } from '../../../protocol/noise.ts';
import { rpcErrorCodes } from '../../../protocol/rpc.ts';
import { frameKind } from '../../../protocol/sealed-channel.ts';
import { buildHello, openAtDevice, openedHello, sid } from '../../helpers/protocol-handshake.ts';

const document = readFileSync(new URL('../../../docs/protocol.md', import.meta.url), 'utf8');

/** The rows of the first table below a heading, without its head. */
function tableBelow(heading: string): string[][] {
  const section = document.split(/^#+ /m).find((part) => part.startsWith(`${heading}\n`)) ?? '';
  const lines = section.slice(section.indexOf('| --- ')).split('\n\n')[0] ?? '';
  const rows = lines.split('\n').slice(1);
  return rows.map((row) =>
    row
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim().replaceAll('`', '')),
  );
}

describe('docs/protocol.md', () => {
  it('lists every session error, in the order of the source', () => {
    expect(tableBelow('Session errors').map(([code]) => code)).toEqual([...sessionErrorCodes]);
  });

  it('lists every RPC error with its number', () => {
    const listed = Object.fromEntries(tableBelow('RPC errors').map(([name, code]) => [name, Number(code)]));
    expect(listed).toEqual(rpcErrorCodes);
  });

  it('lists every reason of a quality', () => {
    expect(tableBelow('Reasons of a quality').map(([reason]) => reason)).toEqual([...qualityReasons]);
  });

  it('lists every limit with its value', () => {
    const listed = Object.fromEntries(tableBelow('Limits').map(([name, value]) => [name, value]));
    const expected = Object.entries(limits).map(([name, value]) => [name, [value].flat().join(', ')]);
    expect(listed).toEqual(Object.fromEntries(expected));
  });

  it('lists every kind of frame', () => {
    const listed = Object.fromEntries(tableBelow('Frames').map(([kind, name]) => [name, Number(kind)]));
    expect(listed).toEqual(frameKind);
  });

  it('names no limit that does not exist', () => {
    const form = /`([a-z]+[A-Z]\w*(?:Bytes|Count|Ms|PerSecond|Length|Depth))`/g;
    const keysOfMessages = ['sizeBytes', 'sentAtMs'];
    const named = [...document.matchAll(form)].map(([, name = '']) => name);
    expect(named.length).toBeGreaterThan(Object.keys(limits).length);
    expect(named.filter((name) => !(name in limits) && !keysOfMessages.includes(name))).toEqual([]);
  });
});

describe('the worked example', () => {
  const example = Object.fromEntries(tableBelow('A worked example').map(([what, hex]) => [what, hex]));
  const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
  const keysOf = (name: string): KeyPair => {
    const privateKey = Uint8Array.from(Buffer.from(example[name] ?? '', 'hex'));
    return { privateKey, publicKey: x25519.getPublicKey(privateKey) };
  };
  const device = keysOf('device private key');
  const viewer = keysOf('viewer private key');
  const withEphemeral = (name: string): DiffieHellman => ({
    ...nobleDiffieHellman,
    generateKeyPair: () => keysOf(name),
  });

  it('has the keys and ids that belong together', () => {
    expect(hex(device.publicKey)).toBe(example['device public key']);
    expect(hex(viewer.publicKey)).toBe(example['viewer public key']);
    expect(deriveId(device.publicKey)).toBe(example['device id']);
    expect(deriveId(viewer.publicKey)).toBe(example['viewer id']);
    expect(document).toContain(`\`${sid}\``);
  });

  it('is what the code computes, byte for byte', () => {
    const [hello, retry, bye] = [...document.matchAll(/^\d\. (?:hello|reply|transport): `(.*)`/gm)].map(([, json]) =>
      JSON.parse(json!),
    );
    const ofViewer = { dh: withEphemeral('viewer ephemeral private key'), device, viewer, sid };
    const ofDevice = { ...ofViewer, dh: withEphemeral('device ephemeral private key') };
    const seal = buildHello(ofViewer, hello);
    expect(hex(seal.bytes)).toBe(example.hello);
    expect(openAtDevice(ofDevice, seal.bytes).ok).toBe(true);
    const reply = openedHello(ofDevice, seal).reply(retry);
    expect(hex(reply.bytes)).toBe(example.reply);
    const opened = seal.openReply(reply.bytes);
    expect(opened.ok && hex(opened.value.channel.seal(bye))).toBe(example.transport);
  });
});
