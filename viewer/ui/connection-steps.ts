import type { SessionErrorCode } from '../../protocol/errors.ts';
import type { ConnectStep, ViewerStatus } from '../client/viewer-status.ts';

export interface StepMark {
  step: ConnectStep;
  label: string;
  mark: 'done' | 'now' | 'failed' | 'ahead';
}

const steps: readonly { step: ConnectStep; label: string }[] = [
  { step: 'broker', label: 'Broker' },
  { step: 'device', label: 'Device' },
  { step: 'path', label: 'Path' },
];

const brokerErrors: ReadonlySet<SessionErrorCode> = new Set(['broker-unreachable', 'broker-refused']);
const pathErrors: ReadonlySet<SessionErrorCode> = new Set([
  'connect-timeout',
  'dead-path',
  'path-failed',
  'closed-by-peer',
  'sdp-refused',
]);

/**
 * How far the way to the device has been walked, and where it stops: to the broker, to the device behind it, and the direct path.
 * Null where there is no way to show: nothing was tried, or all is well.
 */
export function buildStepMarks(status: ViewerStatus): StepMark[] | null {
  if (status.state === 'idle' || status.state === 'connected' || status.error === 'link-invalid') return null;
  if (status.error === 'internal') return null;
  const isUnderWay = status.step !== undefined && status.state !== 'waiting';
  const at = isUnderWay ? status.step : stepOf(status.error);
  const index = steps.findIndex(({ step }) => step === at);
  return steps.map((step, position) => ({
    ...step,
    mark: position < index ? 'done' : position > index ? 'ahead' : isUnderWay ? 'now' : 'failed',
  }));
}

/** Where an error stopped the way. What is neither the broker's nor the path's came from the device. */
function stepOf(error: SessionErrorCode | undefined): ConnectStep {
  if (error && brokerErrors.has(error)) return 'broker';
  return error && pathErrors.has(error) ? 'path' : 'device';
}
