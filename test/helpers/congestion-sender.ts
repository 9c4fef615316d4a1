import type { CongestionController } from '../../agent/media/congestion/congestion-controller.ts';
import type { ProbeRequest } from '../../agent/media/congestion/probe-cluster.ts';
import { seededRandom } from './congestion-link.ts';

const frameIntervalMs = 1000 / 30;
const keyframeInterval = 60;
const keyframeFactor = 4;
const packetMaxBytes = 1_200;
const soundIntervalMs = 20;
const pacingFactor = 2.5;
/** How often packets leave while some wait. */
const stepMs = 5;
/** The pacer drops what would wait for longer. */
const pacerQueueMaxMs = 400;

export interface CongestionSenderOptions {
  controller: CongestionController;
  /** The bitrate of the encoder at a moment. */
  encoderKbps: (nowMs: number) => number;
  /** Whether the pictures between keyframes are left out. */
  keyframesOnly?: () => boolean;
  /** Of the sound, which is not paced. */
  soundKbps?: number;
  send: (packet: { transportSequence: number; sizeBytes: number; isProbe: boolean; nowMs: number }) => void;
  seed?: number;
  /** Whether it can pad a probe. */
  probes?: boolean;
  /** What leaves at once after a pause, in milliseconds of the pacing rate. */
  burstMs?: number;
}

/** A camera of 30 pictures a second, an encoder with a keyframe every two seconds, and a pacer with probes. */
export class CongestionSender {
  private readonly options: CongestionSenderOptions;
  private readonly random: () => number;
  private frame = 0;
  private queuedBytes = 0;
  private budgetBytes = 0;
  private waitUntilMs = 0;
  private sequence = 0;
  private probe: { request: ProbeRequest; budgetBytes: number; packets: number; bytes: number } | null = null;
  framesDropped = 0;

  constructor(options: CongestionSenderOptions) {
    this.options = options;
    this.random = seededRandom((options.seed ?? 1) + 33);
  }

  /** Advances by one millisecond. */
  step(nowMs: number): void {
    while (this.frame * frameIntervalMs <= nowMs) this.encode(nowMs);
    const { controller, probes = true, soundKbps = 0 } = this.options;
    if (soundKbps > 0 && nowMs % soundIntervalMs === 0) this.transmit((soundKbps * soundIntervalMs) / 8, nowMs, false);
    const request = this.probe === null && probes ? controller.takeProbe(nowMs) : null;
    if (request !== null) this.probe = { request, budgetBytes: 0, packets: 0, bytes: 0 };
    if (this.probe !== null) this.sendProbe(nowMs);
    else this.sendMedia(nowMs);
  }

  private encode(nowMs: number): void {
    const averageBytes = (this.options.encoderKbps(nowMs) * frameIntervalMs) / 8;
    const isKeyframe = this.frame % keyframeInterval === 0;
    const share = (isKeyframe ? keyframeFactor : 1) / ((keyframeInterval + keyframeFactor - 1) / keyframeInterval);
    this.frame += 1;
    if (!isKeyframe && this.options.keyframesOnly?.()) return;
    const queueMs = (this.queuedBytes * 8) / (this.options.controller.targetKbps * pacingFactor);
    if (queueMs > pacerQueueMaxMs) this.framesDropped += 1;
    else this.queuedBytes += Math.round(averageBytes * share * (0.8 + 0.4 * this.random()));
  }

  private sendMedia(nowMs: number): void {
    const { burstMs = stepMs } = this.options;
    const bytesPerMs = (this.options.controller.targetKbps * pacingFactor) / 8;
    this.budgetBytes = Math.min(bytesPerMs * burstMs, this.budgetBytes + bytesPerMs);
    if (nowMs < this.waitUntilMs) return;
    while (this.queuedBytes > 0 && this.budgetBytes > 0) this.budgetBytes -= this.sendPacket(nowMs, false);
    if (this.queuedBytes > 0) this.waitUntilMs = nowMs + stepMs;
  }

  private sendProbe(nowMs: number): void {
    const probe = this.probe!;
    probe.budgetBytes += probe.request.rateKbps / 8;
    while (probe.budgetBytes > 0) {
      if (this.queuedBytes < packetMaxBytes) this.queuedBytes += packetMaxBytes; // padding
      const sizeBytes = this.sendPacket(nowMs, true);
      probe.budgetBytes -= sizeBytes;
      probe.bytes += sizeBytes;
      probe.packets += 1;
    }
    if (probe.packets >= probe.request.packetsMin && probe.bytes >= probe.request.bytesMin) this.probe = null;
  }

  private sendPacket(nowMs: number, isProbe: boolean): number {
    const sizeBytes = Math.min(packetMaxBytes, this.queuedBytes);
    this.queuedBytes -= sizeBytes;
    this.transmit(sizeBytes, nowMs, isProbe);
    return sizeBytes;
  }

  private transmit(sizeBytes: number, nowMs: number, isProbe: boolean): void {
    const packet = { transportSequence: this.sequence, sizeBytes, isProbe, nowMs };
    this.sequence += 1;
    this.options.controller.handleSent({
      transportSequence: packet.transportSequence & 0xffff,
      sizeBytes,
      atMs: nowMs,
      isProbe,
    });
    this.options.send(packet);
  }
}
