import { z } from 'zod';
import { type CameraInfo, cameraInfoSchema } from '../../../protocol/messages.ts';
import { bulkReferenceSchema, RpcError } from '../../../protocol/rpc.ts';
import { type Command, defineCommand } from '../command.ts';

/** The cameras of the device. */
export interface Cameras {
  /** As they are now, those that nobody watches too. */
  list(): Promise<CameraInfo[]>;
  /**
   * A picture taken now, by the first camera when none is named. Starts the camera if need be.
   *
   * @throws when there will be no picture, with the code `snapshot-timeout` when none came in time
   */
  snapshot(id: string | undefined, signal: AbortSignal): Promise<{ camera: string; jpeg: Uint8Array }>;
}

// Above the deadline of the camera itself, which has the better reason to give.
const snapshotTimeoutMs = 8_000;

export function buildCameraCommands({ cameras }: { cameras: Cameras }): Command[] {
  return [
    defineCommand({
      name: 'camera.list',
      title: 'The cameras and how they are doing',
      role: 'view',
      params: z.strictObject({}),
      result: z.object({ cameras: z.array(cameraInfoSchema) }),
      run: async () => ({ cameras: await cameras.list() }),
    }),
    defineCommand({
      name: 'camera.snapshot',
      title: 'Take a picture in full size (JPEG)',
      role: 'view',
      perMinute: 60,
      timeoutMs: snapshotTimeoutMs,
      params: z.strictObject({
        camera: z.string().min(1).max(32).optional().describe('Id; left out: the first camera'),
      }),
      result: z.object({ camera: z.string(), bulk: bulkReferenceSchema }),
      async run(params, { sendBulk, signal }) {
        const { camera, jpeg } = await takeSnapshot(cameras, params.camera, signal);
        return { camera, bulk: sendBulk(jpeg, 'image/jpeg') };
      },
    }),
  ];
}

async function takeSnapshot(cameras: Cameras, id: string | undefined, signal: AbortSignal) {
  const camera = await findCamera(cameras, id);
  if (!camera)
    throw new RpcError('not-found', id === undefined ? 'The device has no camera' : `There is no camera ${id}`);
  try {
    return await cameras.snapshot(id, signal);
  } catch (error) {
    // A camera that is in trouble is no defect of the agent, and its reason is shown to viewers anyway.
    const { state, reason } = (await findCamera(cameras, id)) ?? camera;
    if (error instanceof RpcError) throw error;
    if (state !== 'live') throw new RpcError('unavailable', `${camera.name} gives no picture: ${reason ?? state}`);
    if ((error as { code?: unknown }).code !== 'snapshot-timeout') throw error;
    throw new RpcError(
      'timeout',
      `${camera.name} is live, but took too long for the picture: is the device overloaded?`,
    );
  }
}

async function findCamera(cameras: Cameras, id: string | undefined): Promise<CameraInfo | undefined> {
  return (await cameras.list()).find((camera) => id === undefined || camera.id === id);
}
