import type { Buffer } from 'node:buffer';
import type { FfmpegProgram } from '../ffmpeg/find-ffmpeg.ts';
import { type RunStatus, RunSupervisor } from '../ffmpeg/run-supervisor.ts';
import { buildLossConcealment, concealmentMs, opusDurationMs } from './opus-packet.ts';
import { type OrderedPacket, PacketOrder } from './packet-order.ts';
import { parseRtp, type RtpPacket } from './rtp-parser.ts';
import { TalkRun, type TalkRunOptions } from './talk-run.ts';

export interface TalkPlayerOptions extends Omit<TalkRunOptions, 'onPlaying' | 'ffmpeg'> {
  /** Asked at each start. @throws FfmpegError when there is none: the sink is missing, and it is asked again */
  findFfmpeg: (signal: AbortSignal) => Promise<FfmpegProgram>;
  /** How long the sink is kept open after a talker, in milliseconds; 1 s by default. */
  lingerMs?: number;
}

/** The way of one talker's voice to the sink. */
export interface TalkStream {
  /** Packets that were not played because the sink is not there, or because they were more than it takes. */
  readonly droppedCount: number;
  /** Takes one RTP packet as it came. Anything that is not one of this stream is ignored. */
  handleRtp(packet: Buffer): void;
  /** Lets go of the sink; the second call does nothing, and neither do packets afterwards. */
  close(): void;
}

const defaultLingerMs = 1_000;
/** More than this in a row is not concealed but left out: it would only be silence. */
const concealedMaxCount = 5;

/**
 * Plays the voice of a viewer on the device: Opus in RTP (RFC 7587), through one ffmpeg that runs while somebody talks. One stream is
 * open at a time; who that is decides {@link TalkFloor}.
 */
export class TalkPlayer {
  private readonly options: TalkPlayerOptions;
  private readonly supervisor: RunSupervisor;
  private run: TalkRun | null = null;

  constructor(options: TalkPlayerOptions) {
    this.options = options;
    this.supervisor = new RunSupervisor({
      run: (signal) => this.runOnce(signal),
      lingerMs: options.lingerMs ?? defaultLingerMs,
    });
    this.supervisor.onStatus((status) => options.logger.info({ ...status }, `talk ${status.state}`));
  }

  get status(): RunStatus {
    return this.supervisor.status;
  }

  /** Tells every change. @returns a function that ends it */
  onStatus(listener: (status: RunStatus) => void): () => void {
    return this.supervisor.onStatus(listener);
  }

  /** Opens the sink for one talker. @param options.payloadType that of Opus in the SDP */
  open({ payloadType }: { payloadType: number }): TalkStream {
    const lease = this.supervisor.acquire();
    let order = new PacketOrder<RtpPacket>();
    let ssrc: number | null = null;
    let droppedCount = 0;
    let isOpen = true;
    return {
      get droppedCount() {
        return droppedCount;
      },
      handleRtp: (bytes) => {
        if (!isOpen) return;
        const packet = parseRtp(bytes);
        if (!packet.ok || packet.value.payloadType !== payloadType) return;
        // A browser that begins anew numbers anew.
        if (packet.value.ssrc !== ssrc) order = new PacketOrder();
        ssrc = packet.value.ssrc;
        for (const ordered of order.push(packet.value)) if (!this.play(ordered)) droppedCount += 1;
      },
      close: () => {
        isOpen = false;
        lease.release();
      },
    };
  }

  /** Ends it for good, whoever talks. Resolves when nothing of it is left. */
  stop(): Promise<void> {
    return this.supervisor.stop();
  }

  private async runOnce(signal: AbortSignal) {
    const ffmpeg = await this.options.findFfmpeg(signal);
    const run = new TalkRun({
      ...this.options,
      ffmpeg,
      onPlaying: () => {
        if (!signal.aborted) this.supervisor.handleWorking();
      },
    });
    this.run = run;
    try {
      return await run.run(signal);
    } finally {
      this.run = null;
    }
  }

  private play({ packet, lostCount }: OrderedPacket<RtpPacket>): boolean {
    const { payload } = packet;
    const durationMs = opusDurationMs(payload);
    if (this.run === null || durationMs === null) return false;
    for (let index = 0; index < Math.min(lostCount, concealedMaxCount); index += 1) {
      this.run.write(buildLossConcealment(payload), concealmentMs(payload));
    }
    return this.run.write(payload, durationMs);
  }
}
