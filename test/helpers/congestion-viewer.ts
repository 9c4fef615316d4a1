import { type RenditionChoice, RenditionPolicy } from '../../agent/media/congestion/rendition-policy.ts';
import { CongestionCall, runCongestion } from './congestion-call.ts';
import { CongestionLink, type CongestionLinkOptions } from './congestion-link.ts';
import type { CongestionReceiverOptions } from './congestion-receiver.ts';

/** The default ladder of a camera of 2 Mbit/s. */
const ladder = [
  { name: 'top', bitrateKbps: 2_000 },
  { name: 'half', bitrateKbps: 500 },
  { name: 'quarter', bitrateKbps: 167 },
] as const;

type Rendition = RenditionChoice<(typeof ladder)[number]['name']>['rendition'];

export interface CongestionViewerOptions {
  link: CongestionLinkOptions;
  receiver?: CongestionReceiverOptions;
  soundKbps?: number;
  /** What the pictures take of the bitrate of their rendition, 0 to 1: little where nothing moves. */
  activity?: number;
  seed?: number;
  durationMs: number;
}

/** What a viewer gets whose session begins and divides its path as `PathControl` and `SessionMedia` do. */
export interface CongestionViewerResult {
  call: CongestionCall;
  neededKbps: number;
  changes: { atMs: number; rendition: Rendition }[];
  renditionAt(atMs: number): Rendition | undefined;
  /** How long after a moment the full picture is there to stay; Infinity when it is not. */
  topAfterMs(fromMs: number): number;
}

export function runCongestionViewer(options: CongestionViewerOptions): CongestionViewerResult {
  const { link, receiver, soundKbps = 0, activity = 1, seed, durationMs } = options;
  const neededKbps = ladder[0].bitrateKbps + soundKbps;
  const policy = new RenditionPolicy<(typeof ladder)[number]['name']>();
  const changes: { atMs: number; rendition: Rendition }[] = [];
  const call = new CongestionCall({
    link: new CongestionLink({ seed, ...link }),
    startKbps: neededKbps * 1.25,
    minKbps: soundKbps + 50,
    maxKbps: neededKbps * 3,
    neededKbps: neededKbps * 1.25,
    encoderKbps: (targetKbps, nowMs) => {
      const choice = policy.decide({ targetKbps: targetKbps - soundKbps, ladder, pinned: null, nowMs });
      if (changes.at(-1)?.rendition !== choice.rendition) changes.push({ atMs: nowMs, rendition: choice.rendition });
      return (ladder.find(({ name }) => name === choice.rendition) ?? ladder[2]).bitrateKbps * activity;
    },
    keyframesOnly: () => changes.at(-1)?.rendition === 'keyframes-only',
    soundKbps,
    receiver,
    seed,
  });
  runCongestion([call], durationMs);
  const renditionAt = (atMs: number) => changes.findLast((change) => change.atMs <= atMs)?.rendition;
  const topAfterMs = (fromMs: number) => {
    const last = changes.at(-1);
    return last?.rendition === 'top' ? Math.max(0, last.atMs - fromMs) : Number.POSITIVE_INFINITY;
  };
  return { call, neededKbps, changes, renditionAt, topAfterMs };
}
