import { type QualityEvent, qualityEventSchema } from '../../protocol/events.ts';
import { parseWith } from '../../protocol/messages.ts';
import type { SentQuality } from './quality-words.ts';

/** The device has begun to send another rendition. */
export interface QualityChange extends SentQuality {
  /** When we heard of it, as `Date.now()` tells time. */
  atMs: number;
  camera: string;
  /** The rendition of this camera before; null where it has just come on the line. */
  from: string | null;
}

const changesMaxCount = 20;

/** Remembers what the device says about the quality of each camera (`event.quality`), and the latest changes. */
export class QualityLog {
  private latest: readonly QualityChange[] = [];
  /** By video line. */
  private readonly sent = new Map<string, QualityEvent>();

  /** Newest first. A new array for each change, so that it can be compared by identity. */
  get changes(): readonly QualityChange[] {
    return this.latest;
  }

  /** What is sent of a camera now, or null before the device has said so. */
  of(camera: string): SentQuality | null {
    return [...this.sent.values()].find((event) => event.camera === camera) ?? null;
  }

  /** @param params as they came from the device; what is no such event is dropped */
  handleEvent(params: unknown, atMs: number): void {
    const event = parseWith(qualityEventSchema, params);
    if (!event.ok) return;
    const { mid, camera, ...quality } = event.value;
    const before = this.sent.get(mid);
    const from = before?.camera === camera ? before.rendition : null;
    this.sent.set(mid, event.value);
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
