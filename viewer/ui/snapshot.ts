import { RpcError } from '../../protocol/rpc.ts';

/** Asks the device for a full-size still. @throws RpcError, also when the answer holds no picture */
export async function takeSnapshot(options: {
  call(method: string, params: object): Promise<unknown>;
  /** Absent: the device's first camera. */
  camera: string | undefined;
}): Promise<Blob> {
  const { camera } = options;
  const result = await options.call('camera.snapshot', camera ? { camera } : {});
  const data = typeof result === 'object' && result !== null && 'data' in result ? result.data : null;
  if (!(data instanceof Uint8Array)) throw new RpcError('internal-error', 'The device sent no picture.');
  return new Blob([data as Uint8Array<ArrayBuffer>], { type: 'image/jpeg' });
}

/** A file name that every system takes, and that sorts by time. */
export function buildSnapshotName(subject: string, takenAt: Date): string {
  const safe = subject.replace(/[^\p{L}\p{N}]+/gu, '-').replace(/^-+|-+$/g, '') || 'snapshot';
  const time = takenAt
    .toISOString()
    .replace(/\.\d+Z$/, 'Z')
    .replaceAll(':', '-');
  return `${safe}-${time}.jpg`;
}

/** Hands a file to the person's download folder. */
export function downloadBlob(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob);
  const anchor = document.createElement('a');
  anchor.href = url;
  anchor.download = name;
  anchor.click();
  // The download has its own hold on the data once it has begun, which some browsers do a moment after the click.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
