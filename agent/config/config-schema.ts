import { z } from 'zod';
import { limits } from '../../protocol/limits.ts';
import { defaultTopicPrefix, isTopicPrefix } from '../../protocol/topics.ts';
import { parseAudioSource } from '../sources/audio-source.ts';
import { parseTalkSink } from '../sources/talk-sink.ts';
import { camerasSchema } from './camera-schema.ts';
import { iceSchema } from './ice-schema.ts';
import { deviceForm, nameForm, pathForm, urlForm, urlWithAccountForm } from './setting-forms.ts';

/**
 * Every setting of the agent, in one place. The file, the environment and the command line are checked by this schema; the
 * reference, the example file and the JSON Schema for editors are made from its descriptions, units and examples.
 */

const logSchema = z.strictObject({
  level: z
    .enum(['debug', 'info', 'warn', 'error', 'silent'])
    .default('info')
    .describe('Least severity that is logged.')
    .meta({ examples: ['debug'] }),
  format: z
    .enum(['auto', 'text', 'json'])
    .default('auto')
    .describe('text: one readable line per event; json: one JSON object per line; auto: text on a terminal.')
    .meta({ examples: ['json'] }),
});

const brokerSchema = z
  .strictObject({
    url: urlForm(['mqtt', 'mqtts', 'ws', 'wss'])
      .default('mqtt://127.0.0.1:1883')
      .describe('MQTT broker of the agent.')
      .meta({ examples: ['mqtts://broker.example:8883'] }),
    username: z
      .string()
      .max(256)
      .optional()
      .describe('User name at the broker. Default: none.')
      .meta({ examples: ['harbour-cam'] }),
    password: z
      .string()
      .max(256)
      .optional()
      .describe(
        'Password at the broker; a file keeps it out of this place. Default: that in the file broker-password beside this one, if any.',
      )
      .meta({ examples: ['correct horse battery staple'] }),
    passwordFile: pathForm
      .optional()
      .describe(
        'File whose first line is the password at the broker. May be left out for the file broker-password beside this one.',
      )
      .meta({ examples: ['/etc/porthole/broker-password'] }),
    caFile: pathForm
      .optional()
      .describe('PEM file of the authority that signed the broker certificate, where the system does not know it.')
      .meta({ examples: ['/etc/porthole/broker-ca.pem'] }),
    topicPrefix: z
      .string()
      .refine(isTopicPrefix, 'must be topic levels of letters, digits, "_" and "-", with "/" between them')
      .default(defaultTopicPrefix)
      .describe('First level or levels of every topic.')
      .meta({ examples: ['site/porthole'] }),
  })
  .refine((broker) => broker.password === undefined || broker.passwordFile === undefined, {
    path: ['passwordFile'],
    message: 'must not be given beside broker.password',
  })
  .refine(
    ({ username, password, passwordFile }) => username !== undefined || (password ?? passwordFile) === undefined,
    {
      path: ['username'],
      // MQTT 3.1.1, 3.1.2.9
      message: 'is missing: MQTT has no password without a user name',
    },
  );

const linksSchema = z.strictObject({
  pageUrl: urlForm(['http', 'https'])
    .default('http://127.0.0.1:8080/')
    .describe('Address of the viewer page in invite links.')
    .meta({ examples: ['https://page.example/'] }),
  brokerUrl: urlWithAccountForm(['ws', 'wss'])
    .default('ws://127.0.0.1:8080/mqtt')
    .describe(
      'Address in invite links at which browsers reach the broker. Where the broker wants an account of viewers, it stands in front of the host: wss://NAME:PASSWORD@HOST.',
    )
    .meta({ examples: ['wss://broker.example/mqtt'] }),
});

const audioSchema = z.strictObject({
  source: deviceForm(parseAudioSource)
    .optional()
    .describe('Where sound comes from: test, alsa:DEVICE, pulse:NAME or rtsp://ADDRESS. Default: no sound.')
    .meta({ examples: ['alsa:default'] }),
  bitrateKbps: z
    .int()
    .min(16)
    .max(256)
    .default(48)
    .describe('Bitrate of the sound, in kbit/s.')
    .meta({ unit: 'kbit/s', examples: [96] }),
  channels: z
    .int()
    .min(1)
    .max(2)
    .default(1)
    .describe('Channels of the sound: 1 for mono, 2 for stereo.')
    .meta({ examples: [2] }),
});

const talkSchema = z.strictObject({
  sink: deviceForm(parseTalkSink)
    .optional()
    .describe('Where the voice of a viewer is played: alsa:DEVICE, pulse:NAME or file:PATH. Default: nowhere.')
    .meta({ examples: ['alsa:default'] }),
});

const ffmpegSchema = z.strictObject({
  path: pathForm
    .optional()
    .describe('The ffmpeg to use. Default: the one on PATH, else that of the package ffmpeg-static.')
    .meta({ examples: ['/usr/bin/ffmpeg'] }),
  encoder: z
    .enum(['auto', 'libx264', 'h264_v4l2m2m'])
    .default('auto')
    .describe('Video encoder. auto: the hardware (h264_v4l2m2m) where a test encode works, else libx264.')
    .meta({ examples: ['libx264'] }),
});

const limitsSchema = z.strictObject({
  sessions: z
    .int()
    .min(1)
    .max(100)
    .default(limits.sessionsMaxCount)
    .describe('Viewers served at once.')
    .meta({ unit: 'viewers', examples: [20] }),
});

export const configSchema = z.strictObject({
  name: nameForm.describe('What viewers see. Default: the host name.').meta({ examples: ['Harbour cam'] }),
  stateDir: pathForm
    .describe(
      'Folder for the device key and the list of viewers. Default: $STATE_DIRECTORY (systemd), else $XDG_STATE_HOME/porthole, else ~/.local/state/porthole.',
    )
    .meta({ examples: ['/var/lib/porthole'] }),
  cacheDir: pathForm
    .describe(
      'Folder for what can be found out again, such as which encoder works. Default: $CACHE_DIRECTORY (systemd), else $XDG_CACHE_HOME/porthole, else ~/.cache/porthole.',
    )
    .meta({ examples: ['/var/cache/porthole'] }),
  runtimeDir: pathForm
    .describe('Folder for sockets. Default: $RUNTIME_DIRECTORY (systemd), else the folder "run" in stateDir.')
    .meta({ examples: ['/run/porthole'] }),
  broker: brokerSchema.prefault({}).describe('How the agent reaches the broker.'),
  links: linksSchema.prefault({}).describe('What invite links point at.'),
  cameras: camerasSchema,
  audio: audioSchema.prefault({}).describe('What viewers hear.'),
  talk: talkSchema.prefault({}).describe('What viewers say.'),
  ice: iceSchema.prefault({}).describe('How media finds its way.'),
  ffmpeg: ffmpegSchema.prefault({}).describe('The encoder program.'),
  limits: limitsSchema.prefault({}).describe('Bounds that the owner may move.'),
  log: logSchema.prefault({}).describe('What goes to standard error.'),
});

/** The configuration, checked and complete. */
export type AgentConfig = z.output<typeof configSchema>;
export type CameraConfig = AgentConfig['cameras'][number];
