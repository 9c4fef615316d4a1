import { describe, expect, it } from 'vitest';
import { deriveId } from '../../../protocol/identity.ts';
import { buildDeviceTopics, defaultTopicPrefix, isDeviceId, isSid, isTopicPrefix } from '../../../protocol/topics.ts';
import { sid } from '../../helpers/protocol-handshake.ts';

const deviceId = deriveId(new Uint8Array(32));
const topics = buildDeviceTopics('home/porthole', deviceId);

describe('device topics', () => {
  it('lie below prefix, version and device', () => {
    expect(buildDeviceTopics(defaultTopicPrefix, deviceId).status).toBe(`porthole/1/${deviceId}/status`);
    expect(topics.inFilter).toBe(`home/porthole/1/${deviceId}/in/+`);
    expect(topics.in(sid)).toBe(`home/porthole/1/${deviceId}/in/${sid}`);
    expect(topics.out(sid)).toBe(`home/porthole/1/${deviceId}/out/${sid}`);
  });

  it('give back the sid of what comes in, and of nothing else', () => {
    expect(topics.parseIn(topics.in(sid))).toBe(sid);
    const otherDevice = buildDeviceTopics('home/porthole', deriveId(new Uint8Array(32).fill(1)));
    for (const foreign of [
      '',
      topics.out(sid),
      topics.status,
      topics.in(''),
      topics.in(`${sid}/more`),
      topics.in('too-short'),
      topics.in(sid.replace('A', '+')),
      otherDevice.in(sid),
      buildDeviceTopics('porthole', deviceId).in(sid),
    ]) {
      expect(topics.parseIn(foreign)).toBeNull();
    }
  });
});

describe('names in topics', () => {
  it('have one form each', () => {
    expect(isDeviceId(deviceId)).toBe(true);
    for (const other of [
      '',
      deviceId.toUpperCase().replace(/\d/g, 'A'),
      deviceId.slice(1),
      `${deviceId}0`,
      `${deviceId}\n`,
    ]) {
      expect(isDeviceId(other)).toBe(false);
    }
    expect(isSid(sid)).toBe(true);
    // The last character holds four bits only: of the four spellings one is right, so that a sid is one topic.
    for (const other of [
      '',
      `${sid}A`,
      `${sid}==`,
      sid.slice(1),
      `${sid.slice(0, 21)}x`,
      `${sid.slice(0, 21)}+`,
      ` ${sid.slice(1)}`,
    ]) {
      expect(isSid(other)).toBe(false);
    }
  });

  it('begin with plain levels', () => {
    for (const good of ['porthole', 'a/b/c', 'A-1_z']) expect(isTopicPrefix(good)).toBe(true);
    for (const bad of ['', '/', 'a/', '/a', 'a//b', '+', 'a/#', '$SYS', 'a b', 'ü', 'a\n', 'x'.repeat(65)]) {
      expect(isTopicPrefix(bad)).toBe(false);
    }
  });
});

describe('deriveId', () => {
  it('is the first half of the SHA-256 of the key', () => {
    // The digest of 32 zero bytes begins with these 16 bytes.
    expect(deviceId).toBe('66687aadf862bd776c8fc18b8e9f8e20');
  });
});
