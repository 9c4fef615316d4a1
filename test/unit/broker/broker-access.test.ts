import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Identity, refusePublish, refuseSubscribe } from '../../../broker/broker-access.ts';
import { limits } from '../../../protocol/limits.ts';

const deviceId = '0123456789abcdef0123456789abcdef';
const otherId = 'f'.repeat(32);
const sid = 'A'.repeat(22);
const base = `porthole/1/${deviceId}`;

const anonymous: Identity = { kind: 'anonymous' };
const device: Identity = { kind: 'device', deviceId };
const admin: Identity = { kind: 'user', name: 'admin', publish: ['#'], subscribe: ['#'] };
const reader: Identity = { kind: 'user', name: 'reader', publish: [], subscribe: ['porthole/1/+/status'] };

function publish(
  identity: Identity,
  topic: string,
  more: { retain?: boolean; qos?: number; payloadBytes?: number } = {},
) {
  return refusePublish('porthole', identity, { topic, retain: false, qos: 1, payloadBytes: 10, ...more });
}

function subscribe(identity: Identity, filter: string) {
  return refuseSubscribe('porthole', identity, filter);
}

describe('an anonymous client', () => {
  test.each([`${base}/status`, `${base}/out/${sid}`, `${base}/out/+`])('may subscribe %s', (filter) => {
    expect(subscribe(anonymous, filter)).toBeNull();
  });

  test.each([
    '#',
    '+/#',
    'porthole/#',
    'porthole/1/+/status',
    `porthole/1/+/out/${sid}`,
    `${base}/+`,
    `${base}/#`,
    `${base}/in/+`,
    `${base}/in/${sid}`,
    `${base}/out/#`,
    `${base}/out`,
    `${base}/out/`,
    `${base}/out/${sid}/x`,
    `${base}/status/`,
    `${base}/status/+`,
    `porthole/1/${deviceId.toUpperCase()}/status`,
    `porthole/2/${deviceId}/status`,
    `other/1/${deviceId}/status`,
    '$SYS/#',
    `${base}/out/short`,
  ])('may not subscribe %s', (filter) => {
    expect(subscribe(anonymous, filter)).toBe('filter-forbidden');
  });

  test('may send to a session of a device', () => {
    expect(publish(anonymous, `${base}/in/${sid}`)).toBeNull();
    expect(publish(anonymous, `${base}/in/${sid}`, { qos: 0 })).toBeNull();
  });

  test.each([
    `${base}/status`,
    `${base}/out/${sid}`,
    `${base}/in/short`,
    `${base}/in/${sid}/x`,
    `porthole/1/x/in/${sid}`,
  ])('may not publish %s', (topic) => {
    expect(publish(anonymous, topic)).toBe('topic-forbidden');
  });

  test('may not retain, use QoS 2, or send more than a signaling message', () => {
    const topic = `${base}/in/${sid}`;
    expect(publish(anonymous, topic, { retain: true })).toBe('retain-forbidden');
    expect(publish(anonymous, topic, { qos: 2 })).toBe('qos-forbidden');
    expect(publish(anonymous, topic, { payloadBytes: limits.signalingMessageMaxBytes })).toBeNull();
    expect(publish(anonymous, topic, { payloadBytes: limits.signalingMessageMaxBytes + 1 })).toBe('too-large');
  });

  test('gets nothing through any filter but one of the three forms', () => {
    const part = fc.constantFrom('porthole', '1', deviceId, otherId, 'status', 'in', 'out', sid, '+', '#', '', '$SYS');
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 6 }), (parts) => {
        const filter = parts.join('/');
        const isViewerForm = /^porthole\/1\/[0-9a-f]{32}\/(status|out\/(\+|[A-Za-z0-9_-]{22}))$/.test(filter);
        return (subscribe(anonymous, filter) === null) === isViewerForm;
      }),
      { numRuns: 2000 },
    );
  });
});

describe('the device', () => {
  test('hears its own sessions and nothing else', () => {
    expect(subscribe(device, `${base}/in/+`)).toBeNull();
    expect(subscribe(device, `porthole/1/${otherId}/in/+`)).toBe('filter-forbidden');
    expect(subscribe(device, 'porthole/1/+/in/+')).toBe('filter-forbidden');
    expect(subscribe(device, `${base}/out/+`)).toBe('filter-forbidden');
    expect(subscribe(device, '#')).toBe('filter-forbidden');
  });

  test('may retain its status and nothing else', () => {
    expect(publish(device, `${base}/status`, { retain: true })).toBeNull();
    expect(publish(device, `${base}/out/${sid}`)).toBeNull();
    expect(publish(device, `${base}/out/${sid}`, { retain: true })).toBe('retain-forbidden');
  });

  test('may not speak for another device or for a viewer', () => {
    expect(publish(device, `porthole/1/${otherId}/status`)).toBe('topic-forbidden');
    expect(publish(device, `porthole/1/${otherId}/out/${sid}`)).toBe('topic-forbidden');
    expect(publish(device, `${base}/in/${sid}`)).toBe('topic-forbidden');
  });
});

describe('a user', () => {
  test('has what is granted and no more', () => {
    expect(subscribe(reader, 'porthole/1/+/status')).toBeNull();
    expect(subscribe(reader, `${base}/status`)).toBeNull();
    expect(subscribe(reader, 'porthole/1/#')).toBe('filter-forbidden');
    expect(publish(reader, `${base}/status`)).toBe('topic-forbidden');
  });

  test('with # may retain and use QoS 2, but does not reach the topics of the broker', () => {
    expect(publish(admin, 'home/lamp', { retain: true, qos: 2, payloadBytes: 60_000 })).toBeNull();
    expect(publish(admin, '$SYS/x')).toBe('topic-invalid');
    expect(subscribe(admin, '#')).toBeNull();
    expect(subscribe(admin, '$SYS/#')).toBe('filter-forbidden');
  });

  test('is told what is no topic', () => {
    expect(publish(admin, 'a/+')).toBe('topic-invalid');
    expect(subscribe(admin, 'a/#/b')).toBe('filter-invalid');
  });
});

test('a prefix of several levels is respected', () => {
  expect(refuseSubscribe('site/lab', anonymous, `site/lab/1/${deviceId}/status`)).toBeNull();
  expect(refuseSubscribe('site/lab', anonymous, `porthole/1/${deviceId}/status`)).toBe('filter-forbidden');
});
