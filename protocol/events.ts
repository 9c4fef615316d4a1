import { z } from 'zod';
import { limits } from './limits.ts';

/** What the device tells on the `rpc` channel without being asked. `event.camera` is a `cameraInfoSchema`. */

/**
 * Why a rendition is sent. `start`: to begin with; `pinned`: the viewer's choice; all others are about the path: more of it is
 * tried (`probe`), it carries more (`increase`) or as much as before (`hold`), a queue grows (`delay`), packets get lost
 * (`loss`), the viewer asks for less (`remb`), or nothing is heard of the viewer (`feedback-gap`).
 */
export const qualityReasons = [
  'start',
  'pinned',
  'probe',
  'increase',
  'hold',
  'delay',
  'loss',
  'remb',
  'feedback-gap',
] as const;
export type QualityReason = (typeof qualityReasons)[number];

/** What flows on a video line. Names that a viewer does not know are no error: a newer device may have more of them. */
export const qualityEventSchema = z.object({
  mid: z.string().max(16),
  /** Whose pictures they are. After `camera.select` the one before goes on until this names the new one. */
  camera: z.string().max(32),
  rendition: z.string().max(32),
  /** The line's share of what the device believes the path carries. */
  targetKbps: z.number().min(0),
  reason: z.string().max(32),
});
export type QualityEvent = z.infer<typeof qualityEventSchema>;

export const talkEventSchema = z.object({
  /** Label of the viewer that is heard on the device; null while nobody is. */
  talker: z.string().max(limits.nameMaxLength).nullable(),
  /** Whether that is this session. */
  mine: z.boolean(),
});
export type TalkEvent = z.infer<typeof talkEventSchema>;
