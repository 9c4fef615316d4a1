import { SessionError } from '../../protocol/errors.ts';
import type { PortholeClient } from '../../viewer/client/porthole-client.ts';
import type { ViewerStats } from '../../viewer/client/viewer-stats.ts';
import type { CliCommand, CommandInput } from '../command-line.ts';
import { exitCode } from '../exit-code.ts';
import { openViewer, viewerFlags } from '../viewer-connection.ts';

/** What `porthole view --json` prints. */
export interface ViewReport {
  state: string;
  /** From the hello to the first whole keyframe; null when none came. */
  firstFrameMs: number | null;
  seconds: number;
  frames: number;
  framesPerSecond: number;
  bitrateKbps: number;
  rttMs: number | null;
  packetsLost: number;
  lossPercent: number;
  path: string | null;
}

export const viewCommand: CliCommand = {
  name: 'view',
  usage: 'LINK [--seconds N] [--json]',
  title: 'Watches a device without a screen and reports what arrives. LINK is what an invite printed, in quotes.',
  positionals: [1, 1],
  flags: {
    seconds: { type: 'string', value: 'N', help: 'How long to watch. Default 5.' },
    camera: { type: 'string', value: 'ID', help: 'Which camera. Default: the first.' },
    json: { type: 'boolean', help: 'Print JSON.' },
    ...viewerFlags,
  },
  async run(input: CommandInput) {
    const { flags } = input;
    const seconds = flags.integer('seconds', { min: 1, max: 86_400 }) ?? 5;
    const camera = flags.text('camera');
    const client = await openViewer(input, input.words[0] ?? '', camera === undefined ? undefined : [camera]);
    const report = await watch(client, seconds, input.signal);
    const { state, error } = client.status;
    await client.disconnect();
    console.log(flags.has('json') ? JSON.stringify(report) : formatReport(report));
    if (state === 'failed') throw new SessionError(error ?? 'internal');
    return report.framesPerSecond > 0 ? exitCode.done : exitCode.failed;
  },
};

/** Collects the statistics of every second, and reports when there have been enough of them or there will be no more. */
function watch(client: PortholeClient, seconds: number, signal: AbortSignal): Promise<ViewReport> {
  const samples: ViewerStats[] = [];
  return new Promise((resolve) => {
    const finish = () => {
      for (const stop of stops) stop();
      signal.removeEventListener('abort', finish);
      resolve(buildReport(client, samples));
    };
    const stops = [
      client.events.on('stats', (stats) => {
        samples.push(stats);
        if (samples.length >= seconds) finish();
      }),
      // Nothing more will come: the viewer was revoked, for example.
      client.events.on('status', ({ state }) => state === 'failed' && finish()),
    ];
    signal.addEventListener('abort', finish);
    if (signal.aborted || client.status.state === 'failed') finish();
  });
}

function buildReport(client: PortholeClient, samples: ViewerStats[]): ViewReport {
  // The first second holds the cached group of pictures, which arrives at once and would flatter the rates.
  const steady = samples.length > 1 ? samples.slice(1) : samples;
  const mean = (read: (stats: ViewerStats) => number) =>
    steady.length > 0 ? Math.round((10 * steady.reduce((sum, stats) => sum + read(stats), 0)) / steady.length) / 10 : 0;
  const last = samples.at(-1) ?? client.stats;
  return {
    state: client.status.state,
    firstFrameMs: last.firstFrameMs,
    seconds: samples.length,
    frames: last.framesDecoded,
    framesPerSecond: mean((stats) => stats.framesPerSecond),
    bitrateKbps: mean((stats) => stats.bitrateKbps),
    rttMs: last.rttMs,
    packetsLost: last.packetsLost,
    lossPercent: mean((stats) => stats.lossPercent),
    path: last.localCandidate && `${last.localCandidate}-${last.remoteCandidate}`,
  };
}

function formatReport(report: ViewReport): string {
  const { state, firstFrameMs, frames, framesPerSecond, bitrateKbps, rttMs, packetsLost, seconds } = report;
  return [
    `${state}: first frame after ${firstFrameMs ?? '?'} ms, ${frames} frames in ${seconds} s (${framesPerSecond} a second),`,
    `${bitrateKbps} kbit/s, round trip ${rttMs ?? '?'} ms, ${packetsLost} packets lost.`,
  ].join(' ');
}
