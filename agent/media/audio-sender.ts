import type { Buffer } from 'node:buffer';
import { AudioTimeline } from './audio-timeline.ts';
import type { MediaClock } from './media-clock.ts';
import { opusTicksPerMs } from './opus-duration.ts';
import type { Pacer } from './pacer.ts';
import type { PacketizedUnit } from './packetized-unit.ts';
import type { RenditionHub, RenditionSubscriber } from './rendition-hub.ts';
import { type FeedbackListener, RtcpExchange, type RtcpStats } from './rtcp-exchange.ts';
import { buildRtpStream } from './rtp-packet.ts';
import { type PacketTransport, RtpWriter } from './rtp-writer.ts';
import type { TransportSequence } from './transport-sequence.ts';

export interface AudioSenderOptions {
  /** With an `OpusPacketizer`. */
  hub: RenditionHub;
  transport: PacketTransport;
  /** Shared by all senders of the same peer connection, as is the pacer. */
  transportSequence: TransportSequence;
  pacer: Pacer;
  /** 32 bits, as announced in the SDP. */
  ssrc: number;
  /** 7 bits, as announced in the SDP. */
  payloadType: number;
  /** Sent in every packet when given; at most `midMaxBytes`. */
  mid?: string;
  /** RTCP canonical name: the same as that of the video, or the two are not kept in sync. */
  cname: string;
  clock: MediaClock;
  feedback?: FeedbackListener;
}

export interface AudioSenderStats extends RtcpStats {
  /** RTP packets that the transport took. */
  packetsSent: number;
  /** Their size with RTP headers. */
  bytesSent: number;
  /** Refused by the transport. */
  packetsDropped: number;
}

/** Sends the sound of one source to one viewer. It never waits in the pacer's queue: it is small, and late it is useless. */
export class AudioSender implements RenditionSubscriber {
  private readonly hub: RenditionHub;
  private readonly writer: RtpWriter;
  private readonly rtcp: RtcpExchange;
  private readonly timeline = new AudioTimeline(opusTicksPerMs);
  private state: 'idle' | 'open' | 'closed' = 'idle';
  private packetsDropped = 0;

  constructor(options: AudioSenderOptions) {
    const { hub, transport, transportSequence, pacer, cname, clock, feedback } = options;
    this.hub = hub;
    this.writer = new RtpWriter({ transport, transportSequence, pacer, stream: buildRtpStream(options) });
    const ticksAt = (monotonicMs: number) => this.timeline.ticksAt(monotonicMs);
    this.rtcp = new RtcpExchange({ writer: this.writer, cname, clock, ticksAt, feedback });
  }

  get stats(): AudioSenderStats {
    const { packetsSent, bytesSent } = this.writer;
    return { packetsSent, bytesSent, packetsDropped: this.packetsDropped, ...this.rtcp.stats };
  }

  /** Begins to send with the next unit, at first or after {@link pause}. Call it once the transport takes packets. */
  open(): void {
    if (this.state !== 'idle') return;
    this.state = 'open';
    this.rtcp.open();
    this.hub.subscribe(this, { from: 'now' });
  }

  /** Sends nothing until it is opened again. Sequence numbers then go on, and times show how long it was. Idempotent. */
  pause(): void {
    if (this.state === 'open') this.leave('idle');
  }

  /** For good. Idempotent. */
  close(): void {
    this.leave('closed');
  }

  handleUnit(unit: PacketizedUnit): void {
    if (this.state !== 'open') return;
    const timestamp = this.writer.timestampOf(this.timeline.place(unit));
    for (const packet of unit.packets) {
      if (this.writer.send(packet, timestamp) === null) this.packetsDropped += 1;
      else this.rtcp.handlePacketSent();
    }
  }

  /**
   * Takes an RTCP packet of the viewer: untrusted, any content; what concerns other lines is ignored. While paused too, because
   * feedback on the whole path comes under the name of any line.
   */
  handleRtcp(packet: Buffer): void {
    if (this.state !== 'closed') this.rtcp.handlePacket(packet);
  }

  private leave(state: 'idle' | 'closed'): void {
    this.state = state;
    this.rtcp.close();
    this.hub.unsubscribe(this);
  }
}
