import { type Pong, parseControlMessage } from '../../protocol/control-channel.ts';
import type { SessionErrorCode } from '../../protocol/errors.ts';
import { limits } from '../../protocol/limits.ts';
import { SilenceMeter } from '../../protocol/silence-meter.ts';
import type { MediaClock } from '../media/media-clock.ts';
import type { PeerChannel } from '../rtc/peer.ts';

/** The device's end of the `control` channel: answers pings, and tells when the viewer has been silent for too long. */
export class ControlLine {
  private readonly clock: MediaClock;
  private readonly readLines: () => NonNullable<Pong['lines']>;
  private readonly onSilent: () => void;
  private readonly onBye: () => void;
  private channel: PeerChannel | null = null;
  private watchdog: NodeJS.Timeout | null = null;
  private silence: SilenceMeter | null = null;

  /** @param options.readLines what leads from RTP timestamps to capture times now (see `Pong.lines`) */
  constructor(options: {
    clock: MediaClock;
    readLines(): NonNullable<Pong['lines']>;
    onSilent(): void;
    onBye(): void;
  }) {
    this.clock = options.clock;
    this.readLines = options.readLines;
    this.onSilent = options.onSilent;
    this.onBye = options.onBye;
  }

  attach(channel: PeerChannel): void {
    this.channel = channel;
  }

  /** Begins to watch over silence; the viewer pings once a second. */
  startWatching(): void {
    const intervalMs = limits.heartbeatIntervalMs;
    this.silence = new SilenceMeter({ intervalMs, nowMs: () => this.clock.nowMs() });
    this.watchdog ??= setInterval(() => this.watch(), intervalMs);
  }

  /** Something of the viewer has arrived, on whatever channel. */
  handleHeard(): void {
    this.silence?.handleHeard();
  }

  handleMessage(data: string | Uint8Array): void {
    const receivedAtMs = this.clock.nowMs();
    const message = parseControlMessage(data);
    if (!message) return;
    this.handleHeard();
    if (message.type === 'bye') this.onBye();
    else if (message.type === 'ping') {
      const pong: Pong = {
        type: 'pong',
        pingSentAtMs: message.sentAtMs,
        receivedAtMs,
        sentAtMs: this.clock.nowMs(),
        lines: this.readLines(),
      };
      this.channel?.send(JSON.stringify(pong));
    }
  }

  /** Tells the viewer why the session ends, and nothing more after that. */
  close(code: SessionErrorCode): void {
    if (this.watchdog) clearInterval(this.watchdog);
    this.watchdog = null;
    this.channel?.send(JSON.stringify({ type: 'bye', code }));
    this.channel = null;
  }

  private watch(): void {
    if ((this.silence?.measure() ?? 0) >= limits.deadPathMs) this.onSilent();
  }
}
