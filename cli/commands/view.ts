import { z } from 'zod';
import { SessionError } from '../../protocol/errors.ts';
import { type CameraInfo, cameraInfoSchema } from '../../protocol/messages.ts';
import { describeCamera } from '../../viewer/client/camera-sentence.ts';
import type { PortholeClient } from '../../viewer/client/porthole-client.ts';
import type { ViewerStats } from '../../viewer/client/viewer-stats.ts';
import type { CliCommand, CommandInput } from '../command-line.ts';
import { CliError, exitCode } from '../exit-code.ts';
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
  /** How the camera is doing that gave no picture; null where it gave some, or the device does not say. */
  camera: CameraInfo | null;
}

const cameraListSchema = z.object({ cameras: z.array(cameraInfoSchema) });

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
    const seen = await watch(client, seconds, input.signal);
    const report = { ...seen, camera: seen.framesPerSecond > 0 ? null : await findCamera(client) };
    const { state, error } = client.status;
    await client.disconnect();
    console.log(flags.has('json') ? JSON.stringify(report) : formatReport(report));
    if (state === 'failed') throw new SessionError(error ?? 'internal');
    if (report.framesPerSecond > 0) return exitCode.done;
    throw new CliError(exitCode.failed, explainNoPicture(report.camera));
  },
};

/** The one on show, as the device sees it now. */
async function findCamera(client: PortholeClient): Promise<CameraInfo | null> {
  const id = client.lines[0]?.camera;
  const answer = cameraListSchema.safeParse(await client.call('camera.list').catch(() => null));
  return answer.data?.cameras.find((camera) => camera.id === id) ?? null;
}

function explainNoPicture(camera: CameraInfo | null): string {
  const sentence = (camera && describeCamera(camera)) ?? 'No picture has come; the device does not say why.';
  // The device's own words, in which a terminal would take control characters for commands.
  return sentence.replace(/\p{Cc}/gu, ' ');
}

/** Collects the statistics of every second, and reports when there have been enough of them or there will be no more. */
function watch(client: PortholeClient, seconds: number, signal: AbortSignal): Promise<Omit<ViewReport, 'camera'>> {
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

function buildReport(client: PortholeClient, samples: ViewerStats[]): Omit<ViewReport, 'camera'> {
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
