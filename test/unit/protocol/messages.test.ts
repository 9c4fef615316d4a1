import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { limits } from '../../../protocol/limits.ts';
import {
  answerSchema,
  candidateSchema,
  encodeRandomId,
  helloSchema,
  offerSchema,
  parseWith,
  refusalSchema,
  replySchema,
  statusSchema,
  transportMessageSchema,
} from '../../../protocol/messages.ts';
import { chromiumAnswer, libdatachannelOffer } from '../../helpers/protocol-descriptions.ts';

const id = 'AAECAwQFBgcICQoLDA0ODw';
const hello = { type: 'hello', epoch: id, codecs: ['h264'], want: {} };
const camera = { id: 'cam0', name: 'Front door', state: 'live' };
const offer = {
  type: 'offer',
  sdp: libdatachannelOffer,
  iceServers: [{ urls: ['turn:turn.example:3478'], username: '1:a', credential: 'b' }],
  role: 'view',
  device: { name: 'Shed', version: '0.1.0' },
  cameras: [camera],
  streams: [{ mid: 'v0', camera: 'cam0' }],
};

describe('the hello', () => {
  it('is taken with all its parts and with the fewest', () => {
    const whole = { ...hello, invite: id, label: 'Firefox on Android', want: { cameras: ['cam0'], audio: true } };
    expect(parseWith(helloSchema, whole)).toEqual({ ok: true, value: whole });
    expect(parseWith(helloSchema, hello)).toEqual({ ok: true, value: { ...hello, want: { audio: false } } });
    expect(parseWith(helloSchema, { ...hello, epoch: '' }).ok).toBe(true);
    expect(parseWith(helloSchema, { ...hello, codecs: [], want: { cameras: [] } }).ok).toBe(true);
  });

  it('loses the keys that this version does not know', () => {
    const newer = { ...hello, color: 'red', want: { audio: false, smell: true }, __proto__: null };
    expect(parseWith(helloSchema, newer)).toEqual({ ok: true, value: { ...hello, want: { audio: false } } });
    const polluting = JSON.parse(`{"__proto__": {"role": "admin"}, ${JSON.stringify(hello).slice(1)}`);
    const parsed = parseWith(helloSchema, polluting);
    expect(parsed.ok && 'role' in parsed.value).toBe(false);
  });

  it.each([
    ['another type', { ...hello, type: 'offer' }],
    ['no epoch', { ...hello, epoch: undefined }],
    ['an epoch that is too short', { ...hello, epoch: 'AAEC' }],
    ['an epoch that is not in canonical form', { ...hello, epoch: 'AAECAwQFBgcICQoLDA0ODx' }],
    ['an invite with padding', { ...hello, invite: `${id}==` }],
    ['an empty label', { ...hello, label: '' }],
    ['a long label', { ...hello, label: 'x'.repeat(limits.nameMaxLength + 1) }],
    ['a label that would drive a terminal', { ...hello, label: 'Firefox\u001b[2J' }],
    ['a label that would turn a line around', { ...hello, label: 'Firefox\u202e' }],
    ['a label of two lines', { ...hello, label: 'Firefox\nadmin' }],
    ['codecs that are no list', { ...hello, codecs: 'h264' }],
    ['too many codecs', { ...hello, codecs: Array(17).fill('h264') }],
    ['too many cameras', { ...hello, want: { cameras: Array(9).fill('cam0') } }],
    ['nothing wanted', { ...hello, want: null }],
    ['a list', [hello]],
    ['null', null],
  ])('is refused with %s', (_, value) => {
    expect(parseWith(helloSchema, value).ok).toBe(false);
  });

  it('names what is wrong with it, and never the value', () => {
    const parsed = parseWith(helloSchema, { ...hello, want: { cameras: ['cam0', 5] } });
    expect(!parsed.ok && parsed.error).toMatch(/^want\.cameras\.1: /);
    const secret = 'c2VjcmV0';
    const refused = parseWith(helloSchema, { ...hello, invite: secret });
    expect(!refused.ok && refused.error.includes(secret)).toBe(false);
    expect(parseWith(helloSchema, 'text')).toEqual({ ok: false, error: expect.stringMatching(/^\(whole\): /) });
  });
});

describe('the reply', () => {
  it('is an offer, a retry or an error', () => {
    expect(parseWith(replySchema, offer)).toEqual({ ok: true, value: offer });
    expect(parseWith(replySchema, { type: 'retry', epoch: id }).ok).toBe(true);
    expect(parseWith(refusalSchema, { type: 'error', code: 'busy' }).ok).toBe(true);
    expect(parseWith(replySchema, { type: 'hello' }).ok).toBe(false);
    expect(parseWith(replySchema, { type: 'retry', epoch: '' }).ok).toBe(false);
    expect(parseWith(replySchema, { type: 'error', code: 'no-such-code' }).ok).toBe(false);
  });

  it.each([
    ['an SDP over the limit', { ...offer, sdp: 'x'.repeat(limits.sdpMaxBytes + 1) }],
    ['an unknown role', { ...offer, role: 'owner' }],
    ['a camera in an unknown state', { ...offer, cameras: [{ ...camera, state: 'on fire' }] }],
    ['an ICE server without a URL', { ...offer, iceServers: [{ urls: [] }] }],
    ['too many ICE servers', { ...offer, iceServers: Array(9).fill(offer.iceServers[0]) }],
  ])('is refused with %s', (_, value) => {
    expect(parseWith(offerSchema, value).ok).toBe(false);
  });
});

describe('transport messages', () => {
  it('are answers, candidates and goodbyes', () => {
    for (const message of [
      { type: 'answer', sdp: chromiumAnswer },
      { type: 'candidate', candidate: '', mid: '0' },
      { type: 'bye', code: 'shutdown' },
    ]) {
      expect(parseWith(transportMessageSchema, message)).toEqual({ ok: true, value: message });
    }
    expect(parseWith(transportMessageSchema, offer).ok).toBe(false);
  });

  it('are refused when too long', () => {
    expect(parseWith(answerSchema, { type: 'answer', sdp: '' }).ok).toBe(false);
    const candidate = 'x'.repeat(limits.candidateMaxBytes + 1);
    expect(parseWith(candidateSchema, { type: 'candidate', candidate, mid: '0' }).ok).toBe(false);
    expect(parseWith(candidateSchema, { type: 'candidate', candidate: '', mid: 'x'.repeat(17) }).ok).toBe(false);
  });
});

describe('the status', () => {
  it('is on with an epoch, or off', () => {
    expect(parseWith(statusSchema, { online: true, epoch: id, v: 1 }).ok).toBe(true);
    expect(parseWith(statusSchema, { online: false })).toEqual({ ok: true, value: { online: false } });
    expect(parseWith(statusSchema, { online: true }).ok).toBe(false);
    expect(parseWith(statusSchema, { online: true, epoch: id, v: 2 }).ok).toBe(false);
    expect(parseWith(statusSchema, { online: 'false' }).ok).toBe(false);
  });
});

describe('any JSON value', () => {
  it('is refused or understood, and never throws', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        for (const schema of [helloSchema, replySchema, transportMessageSchema, statusSchema]) {
          expect(parseWith(schema, value).ok).toBe(false);
        }
      }),
    );
  });
});

describe('random ids', () => {
  it('are what the schemas take', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (bytes) => {
        const invite = encodeRandomId(bytes);
        expect(invite).toMatch(/^[A-Za-z0-9_-]{22}$/);
        expect(parseWith(helloSchema, { ...hello, invite }).ok).toBe(true);
      }),
    );
  });
});
