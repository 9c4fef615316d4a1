import { z } from 'zod';
import { parseWith } from '../../protocol/messages.ts';
import type { SentQuality } from './quality-words.ts';

/** The device has begun to send another rendition. */
export interface QualityChange extends SentQuality {
  /** When we heard of it, as `Date.now()` tells time. */
  atMs: number;
  camera: string;
  /** The rendition before; null at the beginning of a session. */
  from: string | null;
}

const changesMaxCount = 20;

const qualityEventSchema = z.object({
  camera: z.string().max(32),
  rendition: z.string().max(32),
  targetKbps: z.number().min(0).nullable().default(null),
  reason: z.string().max(200).nullable().default(null),
});

/** Remembers what the device says about the quality of each camera (`event.quality`), and the latest changes. */
export class QualityLog {
  private latest: readonly QualityChange[] = [];
  private readonly sent = new Map<string, SentQuality>();

  /** Newest first. A new array for each change, so that it can be compared by identity. */
  get changes(): readonly QualityChange[] {
    return this.latest;
  }

  /** What is sent of a camera now, or null before the device has said so. */
  of(camera: string): SentQuality | null {
    return this.sent.get(camera) ?? null;
  }

  /** @param params as they came from the device; what is no such event is dropped */
  handleEvent(params: unknown, atMs: number): void {
    const event = parseWith(qualityEventSchema, params);
    if (!event.ok) return;
    const { camera, ...quality } = event.value;
    const from = this.sent.get(camera)?.rendition ?? null;
    this.sent.set(camera, quality);
    // The target moves all the time; only a different picture is worth a line.
    if (quality.rendition === from) return;
    this.latest = [{ atMs, camera, from, ...quality }, ...this.latest].slice(0, changesMaxCount);
  }

  /** A new session begins; the changes of the one before stay on record. */
  beginSession(): void {
    this.sent.clear();
  }

  clear(): void {
    this.sent.clear();
    this.latest = [];
  }
}
