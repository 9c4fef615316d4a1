import { z } from 'zod';
import { parseCameraSource } from '../sources/camera-source.ts';
import { deviceForm, nameForm } from './setting-forms.ts';

const cameraSchema = z.strictObject({
  id: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$/, 'must be 1 to 32 letters, digits, "_" or "-"')
    .optional()
    .describe('Name of the camera in commands. Default: cam0 for the first entry, cam1 for the second, and so on.')
    .meta({ examples: ['door'] }),
  name: nameForm
    .optional()
    .describe('What viewers see. Default: the id.')
    .meta({ examples: ['Front door'] }),
  source: deviceForm(parseCameraSource)
    .describe(
      'Where the picture comes from: test, file:PATH, /dev/videoN, /dev/v4l/by-id/NAME, rpicam or rtsp://ADDRESS.',
    )
    .meta({ examples: ['/dev/video0'] }),
  widthMax: z
    .int()
    .min(64)
    .max(3840)
    .default(1280)
    .describe('A wider picture is scaled down to fit, in pixels.')
    .meta({ unit: 'pixels', examples: [1920] }),
  heightMax: z
    .int()
    .min(64)
    .max(2160)
    .default(720)
    .describe('A higher picture is scaled down to fit, in pixels.')
    .meta({ unit: 'pixels', examples: [1080] }),
  fps: z
    .int()
    .min(1)
    .max(120)
    .default(30)
    .describe('Frames per second.')
    .meta({ unit: 'frames/s', examples: [15] }),
  bitrateKbps: z
    .int()
    .min(100)
    .max(50_000)
    .default(2000)
    .describe('Video bitrate aimed at, in kbit/s.')
    .meta({ unit: 'kbit/s', examples: [4000] }),
  keyframeIntervalMs: z
    .int()
    .min(200)
    .max(60_000)
    .default(2000)
    .describe('Longest time between two keyframes, in milliseconds.')
    .meta({ unit: 'ms', examples: [5000] }),
  passthrough: z
    .boolean()
    .default(false)
    .describe(
      'Pass the H.264 of the source on as the best picture, in place of encoding it again. Needs a source that is H.264 without B-frames: rtsp, a file, or a device that encodes.',
    )
    .meta({ examples: [true] }),
  lingerMs: z
    .int()
    .min(0)
    .max(86_400_000)
    .default(10_000)
    .describe('How long the camera keeps running after its last viewer left, in milliseconds.')
    .meta({ unit: 'ms', examples: [60_000] }),
});

export const camerasSchema = z
  .array(
    cameraSchema.refine((camera) => !(camera.passthrough && camera.source === 'test'), {
      path: ['passthrough'],
      message: 'needs a source that is H.264, which the test pattern is not',
    }),
  )
  .max(8)
  .default([])
  .describe('The cameras, at most 8. Empty: the first camera found, else the test pattern.')
  .meta({ examples: [[{ source: '/dev/video0', name: 'Front door' }]] })
  .transform((cameras) =>
    cameras.map((camera, index) => {
      const id = camera.id ?? `cam${index}`;
      return { ...camera, id, name: camera.name ?? id };
    }),
  )
  .refine(
    (cameras) => new Set(cameras.map((camera) => camera.id)).size === cameras.length,
    'two cameras have the same id',
  );

/** A camera with all settings at their defaults. @throws ZodError for values that no configuration may have */
export function defaultCameraConfig(camera: { source: string; name: string }): z.output<typeof camerasSchema>[number] {
  return {
    id: 'cam0',
    ...cameraSchema.omit({ id: true, name: true }).parse({ source: camera.source }),
    name: camera.name,
  };
}
