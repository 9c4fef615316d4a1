import { z } from 'zod';
import { type VideoQuality, videoQualities } from '../../../protocol/video-quality.ts';
import { type Command, defineCommand } from '../command.ts';

/** What a viewer may change about its own session. All throw RpcError with a reason for people. */
export interface SessionControls {
  /** @param camera id of a camera that the session shows; all of them when left out */
  setQuality(sessionId: string, quality: VideoQuality, camera?: string): void;
  /** Shows another camera on the first video line. */
  selectCamera(sessionId: string, camera: string): void;
  /** Begins or ends to send the sound of the device, which no session gets at first. */
  setListening(sessionId: string, isListening: boolean): void;
  takeFloor(sessionId: string): void;
  releaseFloor(sessionId: string): void;
}

const cameraId = z.string().min(1).max(32);

export interface SessionPorts {
  sessions: SessionControls;
  /** Whether the device has sound for its viewers. */
  hasSound: boolean;
  /** Whether a viewer can be heard on the device. */
  hasLoudspeaker: boolean;
}

/** Commands that concern the session they are called in; those of sound only where the device has it. */
export function buildSessionCommands({ sessions, hasSound, hasLoudspeaker }: SessionPorts): Command[] {
  return [
    ...buildPictureCommands(sessions),
    ...(hasSound ? [buildListenCommand(sessions)] : []),
    ...(hasLoudspeaker ? buildTalkCommands(sessions) : []),
  ];
}

function buildPictureCommands(sessions: SessionControls): Command[] {
  return [
    defineCommand({
      name: 'video.quality',
      title: 'Pin the size of the picture, or let it follow what the path carries',
      role: 'view',
      perMinute: 60,
      params: z.strictObject({
        quality: z.enum(videoQualities).describe('auto, or one of the sizes: full, half, quarter'),
        camera: cameraId.optional().describe('Id; left out: all cameras on show'),
      }),
      result: z.object({ quality: z.enum(videoQualities) }),
      run({ quality, camera }, { sessionId }) {
        sessions.setQuality(sessionId, quality, camera);
        return { quality };
      },
    }),
    defineCommand({
      name: 'camera.select',
      title: 'Show another camera',
      role: 'view',
      perMinute: 60,
      params: z.strictObject({ camera: cameraId.describe('Id of the camera to show') }),
      result: z.object({ camera: cameraId }),
      run({ camera }, { sessionId }) {
        sessions.selectCamera(sessionId, camera);
        return { camera };
      },
    }),
  ];
}

function buildListenCommand(sessions: SessionControls): Command {
  return defineCommand({
    name: 'audio.listen',
    title: 'Begin or end to hear the sound of the device',
    role: 'view',
    params: z.strictObject({ on: z.boolean().describe('Whether the sound is sent; off when a session begins') }),
    result: z.object({ on: z.boolean() }),
    run({ on }, { sessionId }) {
      sessions.setListening(sessionId, on);
      return { on };
    },
  });
}

function buildTalkCommands(sessions: SessionControls): Command[] {
  return [
    defineCommand({
      name: 'talk.take',
      title: 'Be heard on the loudspeaker of the device',
      role: 'view',
      perMinute: 60,
      params: z.strictObject({}),
      result: z.object({}),
      run(_params, { sessionId }) {
        sessions.takeFloor(sessionId);
        return {};
      },
    }),
    defineCommand({
      name: 'talk.release',
      title: 'Stop being heard on the loudspeaker of the device',
      role: 'view',
      params: z.strictObject({}),
      result: z.object({}),
      run(_params, { sessionId }) {
        sessions.releaseFloor(sessionId);
        return {};
      },
    }),
  ];
}
