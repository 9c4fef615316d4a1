import type { TwccFeedback } from '../twcc-feedback.ts';
import { ArrivalClock } from './arrival-clock.ts';
import { type SentPacket, TransportHistory } from './transport-history.ts';

export interface MissingPacket {
  sentAtMs: number;
  sizeBytes: number;
  /** 0 for a packet of no probe. */
  probeId: number;
}

export interface ArrivedPacket {
  sentAtMs: number;
  sizeBytes: number;
  /** 0 for a packet of no probe. */
  probeId: number;
  /** How long it waits behind packets of ours: see `OwnQueue`. */
  ownQueueMs: number;
  /** On the receiver's clock, without wraps. */
  arrivedAtMs: number;
}

export interface FeedbackReaderOptions {
  /** Once for each packet. @param wasMissing it had been called missing before */
  onArrived: (packet: ArrivedPacket, wasMissing: boolean) => void;
  /** Once for each packet. It may still arrive. */
  onMissing: (packet: MissingPacket) => void;
  /** Nothing will be known of some packets before the next ones, because a feedback message got lost or is late. */
  onGap: () => void;
}

/**
 * Brings together what was sent and what transport-wide feedback says of it. Messages may be lost, late, repeated or
 * invented: each packet that was really sent has its fate told once, in the order of sending within a message.
 */
export class FeedbackReader {
  private readonly options: FeedbackReaderOptions;
  private readonly history = new TransportHistory();
  private readonly clock = new ArrivalClock();
  /** The first number beyond the messages read. */
  private nextSequence: number | null = null;

  constructor(options: FeedbackReaderOptions) {
    this.options = options;
  }

  /** Remembers a packet. @param notes.probeId 16 bits, 0 for none */
  handleSent(packet: SentPacket, notes: { probeId: number; ownQueueMs: number }): void {
    this.history.add(packet, notes);
  }

  /** Returns when the latest of the packets that now turn out to have arrived was sent, or null when there is none. */
  read({ baseSequenceNumber, arrivalsMs }: TwccFeedback): number | null {
    this.history.expectReports();
    this.noteRange(baseSequenceNumber, (baseSequenceNumber + arrivalsMs.length) & 0xffff);
    let latestSentAtMs: number | null = null;
    for (let i = 0; i < arrivalsMs.length; i += 1) {
      const slot = this.history.slotOf((baseSequenceNumber + i) & 0xffff);
      if (slot < 0) continue;
      const arrivalMs = arrivalsMs[i] ?? Number.NaN;
      if (!Number.isFinite(arrivalMs)) this.readMissing(slot);
      else if (this.readArrival(slot, arrivalMs)) latestSentAtMs = this.history.sentAtMs(slot);
    }
    return latestSentAtMs;
  }

  private noteRange(base: number, end: number): void {
    this.nextSequence ??= base;
    if (isAhead(base, this.nextSequence)) this.options.onGap();
    if (isAhead(end, this.nextSequence)) this.nextSequence = end;
  }

  private readMissing(slot: number): void {
    const { history } = this;
    if (history.fate(slot) !== 'unknown') return;
    history.setFate(slot, 'missing');
    this.options.onMissing({
      sentAtMs: history.sentAtMs(slot),
      sizeBytes: history.sizeBytes(slot),
      probeId: history.probeId(slot),
    });
  }

  /** Returns false for a packet that had been reported before. */
  private readArrival(slot: number, arrivalMs: number): boolean {
    const { history } = this;
    const fate = history.fate(slot);
    if (fate === 'arrived') return false;
    history.setFate(slot, 'arrived');
    const packet = {
      sentAtMs: history.sentAtMs(slot),
      sizeBytes: history.sizeBytes(slot),
      probeId: history.probeId(slot),
      ownQueueMs: history.ownQueueMs(slot),
      arrivedAtMs: this.clock.unwrap(arrivalMs),
    };
    this.options.onArrived(packet, fate === 'missing');
    return true;
  }
}

/** Whether a 16-bit sequence number comes after another, by the shorter way round (RFC 1982). */
function isAhead(number: number, other: number): boolean {
  const distance = (number - other) & 0xffff;
  return distance !== 0 && distance < 0x8000;
}
