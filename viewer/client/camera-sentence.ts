import type { CameraInfo } from '../../protocol/messages.ts';

const sentences: Record<CameraInfo['state'], string | null> = {
  idle: null,
  live: null,
  starting: 'is starting',
  restarting: 'is being restarted',
  missing: 'is missing',
  stopped: 'was stopped',
};

/** What is the matter with a camera, in one sentence; null while nothing is. */
export function describeCamera(camera: CameraInfo): string | null {
  const trouble = sentences[camera.state];
  if (trouble === null) return null;
  const reason = camera.reason?.trim();
  const sentence = `The camera “${camera.name}” ${trouble}${reason ? ` – ${reason}` : ''}`;
  return /[.?!]$/.test(sentence) ? sentence : `${sentence}.`;
}
