import { expect, it } from 'vitest';
import { deriveClientId } from '../../../../agent/signaling/client-id.ts';

it('is the same at every start, differs between devices, and is taken by every broker', () => {
  const ids = [1, 1, 2].map((fill) => deriveClientId(new Uint8Array(32).fill(fill)));
  expect(ids[0]).toBe(ids[1]);
  expect(ids[0]).not.toBe(ids[2]);
  // The characters and the length that MQTT 3.1.1 obliges a broker to accept.
  expect(ids[0]).toMatch(/^[0-9a-zA-Z]{1,23}$/);
});
