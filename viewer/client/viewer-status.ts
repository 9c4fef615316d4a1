import { type SessionErrorCode, sessionErrorText } from '../../protocol/errors.ts';

/**
 * Where a viewer stands. `waiting`: cannot connect now and tries again by itself (device offline, broker unreachable, busy).
 * `reconnecting`: had a picture and is on the way to a new one. `failed`: only a person can help (not authorised, no codec).
 */
export type ViewerState = 'idle' | 'connecting' | 'waiting' | 'connected' | 'reconnecting' | 'failed';

/** What an attempt is busy with, in this order. */
export type ConnectStep = 'broker' | 'device' | 'path';

export interface ViewerStatus {
  state: ViewerState;
  /** While connecting or reconnecting. */
  step?: ConnectStep;
  /** Why the viewer waits, reconnects or failed. */
  error?: SessionErrorCode;
}

export type ViewerEvent =
  | { type: 'connect' }
  | { type: 'step'; step: ConnectStep }
  | { type: 'connected' }
  | { type: 'lost'; error: SessionErrorCode }
  | { type: 'disconnect' };

/** Errors that no further attempt can cure. */
const finalErrors: ReadonlySet<SessionErrorCode> = new Set([
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

export function isFinal(error: SessionErrorCode): boolean {
  return finalErrors.has(error);
}

/** The transition table: the status after `event`, or the same object when the event changes nothing in this state. */
export function nextStatus(status: ViewerStatus, event: ViewerEvent): ViewerStatus {
  const next = statusAfter(status, event);
  const isSame = next.state === status.state && next.step === status.step && next.error === status.error;
  return isSame ? status : next;
}

function statusAfter(status: ViewerStatus, event: ViewerEvent): ViewerStatus {
  switch (event.type) {
    case 'disconnect':
      return { state: 'idle' };
    case 'connect':
      return status.state === 'idle' || status.state === 'failed' ? { state: 'connecting', step: 'broker' } : status;
    case 'step':
      return takeStep(status, event.step);
    case 'connected':
      return status.state === 'idle' || status.state === 'failed' ? status : { state: 'connected' };
    case 'lost':
      return afterLoss(status, event.error);
  }
}

function takeStep(status: ViewerStatus, step: ConnectStep): ViewerStatus {
  if (status.state === 'reconnecting') return { ...status, step };
  // A viewer that waits keeps its reason on show until an attempt gets as far as the path.
  if (status.state === 'waiting' && step !== 'path') return status;
  if (status.state === 'connecting' || status.state === 'waiting') return { state: 'connecting', step };
  return status;
}

function afterLoss(status: ViewerStatus, error: SessionErrorCode): ViewerStatus {
  if (status.state === 'idle' || status.state === 'failed') return status;
  if (isFinal(error)) return { state: 'failed', error };
  const hadPicture = status.state === 'connected' || status.state === 'reconnecting';
  return hadPicture ? { state: 'reconnecting', error } : { state: 'waiting', error };
}

const stepSentences: Record<ConnectStep, string> = {
  broker: 'Reaching the message broker…',
  device: 'Asking the device…',
  path: 'Opening a direct path to the device…',
};

/** The state in one sentence for people. */
export function describeStatus(status: ViewerStatus): string {
  const reason = status.error ? sessionErrorText(status.error) : '';
  switch (status.state) {
    case 'idle':
      return 'Not connected.';
    case 'connecting':
      return stepSentences[status.step ?? 'broker'];
    case 'connected':
      return 'Connected.';
    case 'waiting':
      return `${reason} Trying again.`.replace('Trying again. Trying again.', 'Trying again.');
    case 'reconnecting':
      return `${reason} Reconnecting…`;
    case 'failed':
      return reason;
  }
}
