import { isIP } from 'node:net';
import { z } from 'zod';
import { limits } from '../../protocol/limits.ts';
import { defaultTopicPrefix, isTopicPrefix } from '../../protocol/topics.ts';

/**
 * Every setting of the agent, in one place. The file, the environment and the command line are checked by this schema, and
 * the reference in the documentation is made from its descriptions.
 */

const port = z.int().min(1).max(65_535);
const name = z.string().trim().min(1).max(limits.nameMaxLength);
const path = z.string().min(1).max(4096);

function url(schemes: readonly string[]) {
  const form = `must be an address that begins with ${schemes.map((scheme) => `${scheme}://`).join(' or ')}`;
  return z
    .string()
    .max(256)
    .refine((text) => schemes.some((scheme) => text.startsWith(`${scheme}://`)) && URL.canParse(text), form)
    .refine((text) => !URL.canParse(text) || new URL(text).username === '', 'must not hold a user name or password');
}

const cameraSchema = z.strictObject({
  id: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$/, 'must be 1 to 32 letters, digits, "_" or "-"')
    .optional()
    .describe('Name of the camera in commands. Default: cam0 for the first entry, cam1 for the second, and so on.'),
  name: name.optional().describe('What viewers see. Default: the id.'),
  source: z
    .string()
    .min(1)
    .max(1024)
    .describe('Where the picture comes from: test, file:PATH, /dev/videoN, /dev/v4l/by-id/NAME or rtsp://ADDRESS.'),
  widthMax: z.int().min(64).max(3840).default(1280).describe('A wider picture is scaled down to fit, in pixels.'),
  heightMax: z.int().min(64).max(2160).default(720).describe('A higher picture is scaled down to fit, in pixels.'),
  fps: z.int().min(1).max(120).default(30).describe('Frames per second.'),
  bitrateKbps: z.int().min(100).max(50_000).default(2000).describe('Video bitrate aimed at, in kbit/s.'),
  keyframeIntervalMs: z
    .int()
    .min(200)
    .max(60_000)
    .default(2000)
    .describe('Longest time between two keyframes, in milliseconds.'),
  passthrough: z
    .boolean()
    .default(false)
    .describe(
      'Pass the H.264 of the source on as the best picture, in place of encoding it again. Needs a source that is H.264 without B-frames: rtsp, a file, or a device that encodes.',
    ),
  lingerMs: z
    .int()
    .min(0)
    .max(86_400_000)
    .default(10_000)
    .describe('How long the camera keeps running after its last viewer left, in milliseconds.'),
});

const camerasSchema = z
  .array(cameraSchema)
  .max(8)
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

const iceSchema = z
  .strictObject({
    stun: z
      .array(z.string().regex(/^stuns?:[^\s/]+$/, 'must have the form stun:HOST:PORT'))
      .max(4)
      .default(['stun:stun.cloudflare.com:3478', 'stun:stun.l.google.com:19302'])
      .describe('STUN servers, which tell both sides their public address. Empty: none.'),
    turn: z
      .strictObject({
        urls: z
          .array(z.string().regex(/^turns?:[^\s/]+$/, 'must have the form turn:HOST:PORT'))
          .min(1)
          .max(4)
          .describe('TURN servers, which relay the media where no direct path exists.'),
        secret: z
          .string()
          .min(1)
          .max(256)
          .describe('Secret shared with the TURN server (static-auth-secret of coturn).'),
        ttlSeconds: z
          .int()
          .min(60)
          .max(86_400)
          .default(3600)
          .describe('Life of the TURN credentials that a session gets, in seconds.'),
      })
      .optional()
      .describe('TURN relay with short-lived credentials.'),
    portRange: z
      .tuple([port, port])
      .refine(([from, to]) => from <= to, 'must begin with the lower port')
      .optional()
      .describe('First and last local UDP port for media. Default: any free port.'),
    announce: z
      .strictObject({
        address: z
          .string()
          .refine((text) => isIP(text) !== 0, 'must be an IP address')
          .describe('Address that viewers reach the device at, where it is not its own: a 1:1 NAT or a port forward.'),
        ports: z
          .strictObject({
            from: port.describe('Outer port that leads to the first port of ice.portRange; the next follow.'),
          })
          .optional()
          .describe('Ports of the port forward, where they are not those of ice.portRange.'),
        only: z.boolean().default(false).describe('Offer the outer address alone, in place of the own ones.'),
      })
      .optional()
      .describe('An outer address to offer beside the own ones.'),
    lanOnly: z.boolean().default(false).describe('Use no STUN and no TURN server: viewers on the same network only.'),
  })
  .refine((ice) => !ice.announce?.ports || ice.portRange, {
    path: ['announce', 'ports'],
    message: 'needs ice.portRange, which it is the outer side of',
  })
  .refine(
    (ice) =>
      !ice.announce?.ports || !ice.portRange || lastAnnouncedPort(ice.announce.ports.from, ice.portRange) <= 65_535,
    {
      path: ['announce', 'ports', 'from'],
      message: 'leads beyond port 65535 for a range as long as ice.portRange',
    },
  );

export const configSchema = z.strictObject({
  name: name.describe('What viewers see. Default: the host name.'),
  stateDir: path.describe(
    'Folder for the device key and the list of viewers. Default: $STATE_DIRECTORY (systemd), else $XDG_STATE_HOME/porthole, else ~/.local/state/porthole.',
  ),
  runtimeDir: path.describe(
    'Folder for sockets. Default: $RUNTIME_DIRECTORY (systemd), else the folder "run" in stateDir.',
  ),
  log: z
    .strictObject({
      level: z
        .enum(['debug', 'info', 'warn', 'error', 'silent'])
        .default('info')
        .describe('Least severity that is logged.'),
      format: z
        .enum(['auto', 'text', 'json'])
        .default('auto')
        .describe('text: one readable line per event; json: one JSON object per line; auto: text on a terminal.'),
    })
    .prefault({})
    .describe('What goes to standard error.'),
  broker: z
    .strictObject({
      url: url(['mqtt', 'mqtts', 'ws', 'wss']).default('mqtt://127.0.0.1:1883').describe('MQTT broker of the agent.'),
      username: z.string().max(256).optional().describe('User name at the broker.'),
      password: z
        .string()
        .max(256)
        .optional()
        .describe('Password at the broker; passwordFile keeps it out of this place.'),
      passwordFile: path.optional().describe('File whose first line is the password at the broker.'),
      caFile: path
        .optional()
        .describe('PEM file of the authority that signed the broker certificate, where the system does not know it.'),
      topicPrefix: z
        .string()
        .refine(isTopicPrefix, 'must be topic levels of letters, digits, "_" and "-", with "/" between them')
        .default(defaultTopicPrefix)
        .describe('First level or levels of every topic.'),
    })
    .refine((broker) => broker.password === undefined || broker.passwordFile === undefined, {
      path: ['passwordFile'],
      message: 'must not be given beside broker.password',
    })
    .prefault({})
    .describe('How the agent reaches the broker.'),
  links: z
    .strictObject({
      pageUrl: url(['http', 'https'])
        .default('http://127.0.0.1:8080/')
        .describe('Address of the viewer page in invite links.'),
      brokerUrl: url(['ws', 'wss'])
        .default('ws://127.0.0.1:8080/mqtt')
        .describe('Address in invite links at which browsers reach the broker.'),
    })
    .prefault({})
    .describe('What invite links point at.'),
  cameras: camerasSchema
    .default([])
    .describe('The cameras, at most 8. Empty: the first camera found, else the test pattern.'),
  audio: z
    .strictObject({
      source: z
        .string()
        .min(1)
        .max(1024)
        .optional()
        .describe('Where sound comes from: test, alsa:DEVICE, pulse:NAME or rtsp://ADDRESS. Default: no sound.'),
      bitrateKbps: z.int().min(16).max(256).default(48).describe('Bitrate of the sound, in kbit/s.'),
      channels: z.int().min(1).max(2).default(1).describe('Channels of the sound: 1 for mono, 2 for stereo.'),
    })
    .prefault({})
    .describe('What viewers hear.'),
  talk: z
    .strictObject({
      sink: z
        .string()
        .min(1)
        .max(1024)
        .optional()
        .describe('Where the voice of a viewer is played: alsa:DEVICE, pulse:NAME or file:PATH. Default: nowhere.'),
    })
    .prefault({})
    .describe('What viewers say.'),
  ffmpeg: z
    .strictObject({
      path: path
        .optional()
        .describe('The ffmpeg to use. Default: the one on PATH, else that of the package ffmpeg-static.'),
      encoder: z
        .enum(['auto', 'libx264', 'h264_v4l2m2m'])
        .default('auto')
        .describe('Video encoder. auto: the hardware (h264_v4l2m2m) where a test encode works, else libx264.'),
    })
    .prefault({})
    .describe('The encoder program.'),
  ice: iceSchema.prefault({}).describe('How media finds its way.'),
  limits: z
    .strictObject({
      sessions: z.int().min(1).max(100).default(limits.sessionsMaxCount).describe('Viewers served at once.'),
    })
    .prefault({})
    .describe('Bounds that the owner may move.'),
});

/** A camera with all settings at their defaults. @throws ZodError for values that no configuration may have */
export function defaultCameraConfig(camera: { source: string; name: string }): CameraConfig {
  return {
    id: 'cam0',
    ...cameraSchema.omit({ id: true, name: true }).parse({ source: camera.source }),
    name: camera.name,
  };
}

/** The configuration, checked and complete. */
export type AgentConfig = z.output<typeof configSchema>;
export type CameraConfig = AgentConfig['cameras'][number];

function lastAnnouncedPort(announcedFrom: number, portRange: [number, number]): number {
  return announcedFrom + portRange[1] - portRange[0];
}
