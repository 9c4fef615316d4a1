import { describe, expect, it } from 'vitest';
import { sessionErrorCodes } from '../../../../protocol/errors.ts';
import {
  describeStatus,
  isFinal,
  nextStatus,
  type ViewerEvent,
  type ViewerState,
  type ViewerStatus,
} from '../../../../viewer/client/viewer-status.ts';

const example: Record<ViewerState, ViewerStatus> = {
  idle: { state: 'idle' },
  connecting: { state: 'connecting', step: 'broker' },
  waiting: { state: 'waiting', error: 'busy' },
  connected: { state: 'connected' },
  reconnecting: { state: 'reconnecting', error: 'dead-path' },
  failed: { state: 'failed', error: 'revoked' },
};

const events = {
  connect: { type: 'connect' },
  device: { type: 'step', step: 'device' },
  path: { type: 'step', step: 'path' },
  connected: { type: 'connected' },
  lost: { type: 'lost', error: 'path-failed' },
  final: { type: 'lost', error: 'unauthorised' },
  disconnect: { type: 'disconnect' },
} satisfies Record<string, ViewerEvent>;

const same = null;
const idle = example.idle;
const connected = example.connected;
const atBroker: ViewerStatus = { state: 'connecting', step: 'broker' };
const atDevice: ViewerStatus = { state: 'connecting', step: 'device' };
const atPath: ViewerStatus = { state: 'connecting', step: 'path' };
const lost: ViewerStatus = { state: 'reconnecting', error: 'path-failed' };
const waiting: ViewerStatus = { state: 'waiting', error: 'path-failed' };
const refused: ViewerStatus = { state: 'failed', error: 'unauthorised' };
const again = (step: 'device' | 'path'): ViewerStatus => ({ ...example.reconnecting, step });

type Row = Record<keyof typeof events, ViewerStatus | null>;
const table: Record<ViewerState, Row> = {
  idle: { connect: atBroker, device: same, path: same, connected: same, lost: same, final: same, disconnect: same },
  connecting: {
    connect: same,
    device: atDevice,
    path: atPath,
    connected,
    lost: waiting,
    final: refused,
    disconnect: idle,
  },
  waiting: { connect: same, device: same, path: atPath, connected, lost: waiting, final: refused, disconnect: idle },
  connected: { connect: same, device: same, path: same, connected: same, lost, final: refused, disconnect: idle },
  reconnecting: {
    connect: same,
    device: again('device'),
    path: again('path'),
    connected,
    lost,
    final: refused,
    disconnect: idle,
  },
  failed: { connect: atBroker, device: same, path: same, connected: same, lost: same, final: same, disconnect: idle },
};

describe('nextStatus', () => {
  const cases = Object.entries(table).flatMap(([state, row]) =>
    Object.entries(row).map(([event, next]) => [state as ViewerState, event as keyof Row, next] as const),
  );

  it.each(cases)('from %s by %s', (state, event, next) => {
    const status = example[state];
    const result = nextStatus(status, events[event]);
    if (next === same) expect(result).toBe(status);
    else expect(result).toEqual(next);
  });

  it('gives the same object when nothing changes', () => {
    for (const status of [atDevice, again('device')]) expect(nextStatus(status, events.device)).toBe(status);
    expect(nextStatus(waiting, events.lost)).toBe(waiting);
  });

  it('forgets the reason once a new attempt has come as far as the path', () => {
    expect(nextStatus(example.waiting, events.path).error).toBeUndefined();
  });
});

it('gives up on what only a person can cure, and on nothing else', () => {
  expect(sessionErrorCodes.filter(isFinal)).toEqual([
    'unauthorised',
    'invite-invalid',
    'no-camera',
    'no-codec',
    'malformed',
    'sdp-refused',
    'revoked',
    'replaced',
    'link-invalid',
  ]);
});

describe('describeStatus', () => {
  it('has a sentence for every state and every reason', () => {
    for (const status of Object.values(example)) expect(describeStatus(status)).toMatch(/[.…]$/);
    for (const error of sessionErrorCodes) {
      for (const state of ['waiting', 'reconnecting', 'failed'] as const) {
        expect(describeStatus({ state, error })).toMatch(/^[A-Z].*[.…]$/);
      }
    }
  });

  it('does not promise twice to try again', () => {
    expect(describeStatus({ state: 'waiting', error: 'busy' })).toBe(
      'The device serves as many viewers as it can. Trying again.',
    );
  });
});
