import { z } from 'zod';
import { encodeBase64Url, parseBase64Url } from './bytes.ts';
import { sessionErrorCodes } from './errors.ts';
import { limits } from './limits.ts';
import { failure, type Result, success } from './result.ts';
import { roles } from './roles.ts';

/** What travels inside the seal. Unknown keys are dropped, so that a newer side can say more to an older one. */

const epochLengthBytes = 16;
const inviteTokenLengthBytes = 16;

const fixedBytes = (lengthBytes: number) =>
  z.string().refine((text) => parseBase64Url(text, lengthBytes) !== null, `must be ${lengthBytes} bytes as base64url`);
const name = z.string().min(1).max(limits.nameMaxLength);
// What strangers call themselves is shown in terminals, where control characters are commands and bidirectional ones rearrange
// the line.
const label = name.regex(/^[^\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]*$/u, 'must not hold control characters');
const sdp = z.string().min(1).max(limits.sdpMaxBytes);
const cameraState = z.enum(['idle', 'starting', 'live', 'restarting', 'missing', 'stopped']);

/** Video formats that this version can send, by their RTP encoding name in lower case. */
export const videoCodecs = ['h264', 'vp8'] as const;
export type VideoCodec = (typeof videoCodecs)[number];

export const cameraInfoSchema = z.object({
  id: z.string().min(1).max(32),
  name,
  state: cameraState,
  reason: z.string().max(500).optional(),
});
export type CameraInfo = z.infer<typeof cameraInfoSchema>;

export const helloSchema = z.object({
  type: z.literal('hello'),
  /** From the retained status; empty when the viewer has seen none. */
  epoch: z.union([z.literal(''), fixedBytes(epochLengthBytes)]),
  invite: fixedBytes(inviteTokenLengthBytes).optional(),
  /** How the viewer wants to be called in the device's list. */
  label: label.optional(),
  /** Video formats that the viewer decodes, lower case; names that the device does not know are no error. */
  codecs: z.array(z.string().max(16)).max(16),
  want: z.object({
    /** Cameras, one video line each. Left out: the device's first. Empty: none, the session is for commands only. */
    cameras: z.array(z.string().min(1).max(32)).max(8).optional(),
    /** The device's sound, where it has some and this viewer may hear it. */
    audio: z.boolean().default(false),
  }),
});
export type Hello = z.infer<typeof helloSchema>;

export const iceServerSchema = z.object({
  urls: z.array(z.string().max(256)).min(1).max(4),
  username: z.string().max(256).optional(),
  credential: z.string().max(256).optional(),
});
export type IceServer = z.infer<typeof iceServerSchema>;

export const offerSchema = z.object({
  type: z.literal('offer'),
  sdp,
  iceServers: z.array(iceServerSchema).max(8),
  role: z.enum(roles),
  device: z.object({ name, version: z.string().max(32) }),
  cameras: z.array(cameraInfoSchema).max(16),
  /** Which camera feeds which media line of the SDP. */
  streams: z.array(z.object({ mid: z.string().max(16), camera: z.string().max(32) })).max(8),
  /** The audio line, where there is one. */
  audio: z
    .object({
      mid: z.string().max(16),
      /** Whether the device sends its sound there. */
      sound: z.boolean(),
      /** Whether the device would play this viewer's microphone. */
      talk: z.boolean(),
    })
    .optional(),
});
export type Offer = z.infer<typeof offerSchema>;

export const retrySchema = z.object({ type: z.literal('retry'), epoch: fixedBytes(epochLengthBytes) });
export const refusalSchema = z.object({ type: z.literal('error'), code: z.enum(sessionErrorCodes) });

/** What a device answers to a hello. */
export const replySchema = z.discriminatedUnion('type', [offerSchema, retrySchema, refusalSchema]);
export type Reply = z.infer<typeof replySchema>;

export const answerSchema = z.object({ type: z.literal('answer'), sdp });
export const candidateSchema = z.object({
  type: z.literal('candidate'),
  candidate: z.string().max(limits.candidateMaxBytes),
  mid: z.string().max(16),
});
export const byeSchema = z.object({ type: z.literal('bye'), code: z.enum(sessionErrorCodes) });

/** What either side says once the handshake is done; only viewers answer. */
export const transportMessageSchema = z.discriminatedUnion('type', [answerSchema, candidateSchema, byeSchema]);
export type TransportMessage = z.infer<typeof transportMessageSchema>;

/** The retained status: in clear, and believed as a hint only. */
export const statusSchema = z.discriminatedUnion('online', [
  z.object({ online: z.literal(true), epoch: fixedBytes(epochLengthBytes), v: z.literal(1) }),
  z.object({ online: z.literal(false) }),
]);
export type Status = z.infer<typeof statusSchema>;

export const randomIdLengthBytes = 16;

/** An epoch, an invite token or a sid from 16 random bytes. */
export function encodeRandomId(bytes: Uint8Array): string {
  return encodeBase64Url(bytes);
}

/** Checks a value against a schema; the error names the first place that is wrong. */
export function parseWith<Schema extends z.ZodType>(schema: Schema, value: unknown): Result<z.infer<Schema>, string> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return success(parsed.data);
  const issue = parsed.error.issues[0];
  return failure(issue ? `${issue.path.join('.') || '(whole)'}: ${issue.message}` : 'not valid');
}
