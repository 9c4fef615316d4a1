import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, chromium, type Page } from 'playwright-core';
import { testPatternClock } from '../../agent/camera/test-pattern.ts';
import type { NativeDevice } from './native-device.ts';
import { installProbe, type ProbeOptions, type SeenFrame } from './page-probe.ts';
import type { Started } from './started.ts';
import { waitFor } from './wait-for.ts';

const executablePath = '/usr/bin/chromium';
const args = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--autoplay-policy=no-user-gesture-required',
];
const firstFrameTimeoutMs = 20_000;

/** What WebRTC itself counted (W3C webrtc-stats, inbound-rtp). */
export interface InboundCounters {
  framesDecoded: number;
  freezeCount: number;
  totalFreezesDuration: number;
  packetsLost: number;
}

/** A browser with a profile of its own, and so with a viewer identity of its own, that ends with the step. */
export async function openChromium(
  started: Started,
  relayPorts: ProbeOptions['relayPorts'] = null,
): Promise<BrowserContext> {
  const profile = await mkdtemp(join(tmpdir(), 'porthole-bench-chromium-'));
  started.onEnd(() => rm(profile, { recursive: true, force: true, maxRetries: 5 }));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath,
    args,
    viewport: { width: 1280, height: 800 },
    // The benchmark ends it itself.
    handleSIGINT: false,
    handleSIGTERM: false,
  });
  started.onEnd(() => context.close());
  await context.addInitScript(installProbe, { relayPorts, clock: testPatternClock });
  return context;
}

/** A page that shows a device, seen by the benchmark. */
export class WatchedPage {
  readonly page: Page;
  private readonly signal: AbortSignal;

  private constructor(page: Page, signal: AbortSignal) {
    this.page = page;
    this.signal = signal;
  }

  /** The viewer page of the product. */
  static async open(context: BrowserContext, link: string, signal: AbortSignal): Promise<WatchedPage> {
    const watched = new WatchedPage(await context.newPage(), signal);
    await watched.page.goto(link);
    await watched.untilFrames(1);
    return watched;
  }

  /** A bare page with nothing but a connection to the native chain. */
  static async openBare(context: BrowserContext, device: NativeDevice, signal: AbortSignal): Promise<WatchedPage> {
    const watched = new WatchedPage(await context.newPage(), signal);
    await watched.page.goto('about:blank');
    await device.connect((_connection, offer) => watched.page.evaluate(answerInPage, offer));
    await watched.untilFrames(1);
    return watched;
  }

  /** Loads the page anew, which opens another session. */
  async reload(): Promise<void> {
    await this.page.reload();
    await this.untilFrames(1);
  }

  untilFrames(count: number): Promise<unknown> {
    return waitFor(
      `${count} frames in the page`,
      () => this.read((probe, wanted) => probe.frames.length >= wanted, count),
      {
        timeoutMs: firstFrameTimeoutMs,
        signal: this.signal,
      },
    );
  }

  read<Value, Argument>(
    run: (probe: Window['benchProbe'], argument: Argument) => Value | Promise<Value>,
    argument?: Argument,
  ): Promise<Value> {
    return this.page.evaluate(
      `(${run})(window.benchProbe, ${argument === undefined ? 'undefined' : JSON.stringify(argument)})`,
    );
  }

  /** All frames since the last call. */
  takeFrames(): Promise<SeenFrame[]> {
    return this.read((probe) => probe.frames.splice(0));
  }

  counters(): Promise<InboundCounters> {
    return this.read(async ({ connection }) => {
      const report = (await connection?.getStats()) as unknown as Map<string, RTCInboundRtpStreamStats> | undefined;
      const found = [...(report?.values() ?? [])].find(({ type, kind }) => type === 'inbound-rtp' && kind === 'video');
      const {
        framesDecoded = 0,
        freezeCount = 0,
        totalFreezesDuration = 0,
        packetsLost = 0,
      } = found ?? ({} as InboundCounters);
      return { framesDecoded, freezeCount, totalFreezesDuration, packetsLost };
    });
  }
}

/** Runs in the page. */
async function answerInPage(sdp: string): Promise<string> {
  const connection = new RTCPeerConnection();
  connection.addEventListener('track', ({ track }) => {
    const video = Object.assign(document.createElement('video'), { muted: true, autoplay: true });
    document.body.append(video);
    video.srcObject = new MediaStream([track]);
  });
  await connection.setRemoteDescription({ type: 'offer', sdp });
  const answer = await connection.createAnswer();
  await connection.setLocalDescription(answer);
  return answer.sdp ?? '';
}
