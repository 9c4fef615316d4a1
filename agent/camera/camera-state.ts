import type { CameraInfo } from '../../protocol/messages.ts';

/**
 * - `idle`: nobody watches, ffmpeg does not run
 * - `starting`: no frame yet
 * - `live`: frames come
 * - `restarting`: ffmpeg ended or went silent, and is started again
 * - `missing`: the source is not there, or says nothing; it is tried again for ever
 * - `stopped`: for good
 */
export type CameraState = CameraInfo['state'];

export type CameraEvent = 'wanted' | 'unwanted' | 'frame' | 'failed' | 'source-missing' | 'closed';

const transitions: Record<CameraState, Partial<Record<CameraEvent, CameraState>>> = {
  idle: { wanted: 'starting', closed: 'stopped' },
  starting: { frame: 'live', failed: 'restarting', 'source-missing': 'missing', unwanted: 'idle', closed: 'stopped' },
  live: { failed: 'restarting', 'source-missing': 'missing', unwanted: 'idle', closed: 'stopped' },
  restarting: { frame: 'live', failed: 'restarting', 'source-missing': 'missing', unwanted: 'idle', closed: 'stopped' },
  missing: { frame: 'live', failed: 'restarting', 'source-missing': 'missing', unwanted: 'idle', closed: 'stopped' },
  stopped: {},
};

/** @returns the state after the event, or null where the event has no meaning */
export function nextCameraState(state: CameraState, event: CameraEvent): CameraState | null {
  return transitions[state][event] ?? null;
}
