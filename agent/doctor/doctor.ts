import type { Result } from '../../protocol/result.ts';
import { type ConfigProblem, formatConfigProblem } from '../config/config-problem.ts';
import type { AgentConfig } from '../config/config-schema.ts';
import { checkAgent } from './check-agent.ts';
import { checkBroker } from './check-broker.ts';
import { checkCameras } from './check-cameras.ts';
import { checkClock } from './check-clock.ts';
import { checkEncoders, checkFfmpeg } from './check-ffmpeg.ts';
import { checkHardware } from './check-hardware.ts';
import { checkLinks } from './check-links.ts';
import { checkNativeModule, checkNode } from './check-node.ts';
import { checkService } from './check-service.ts';
import { checkSound } from './check-sound.ts';
import { checkDisk, checkRuntimeFolder, checkState } from './check-state.ts';
import { checkStun } from './check-stun.ts';
import { checkTurn } from './check-turn.ts';
import { type Finding, failed, ok, skipped } from './finding.ts';

export interface DoctorOptions {
  /** As the agent would read it. */
  config: Result<AgentConfig, ConfigProblem[]>;
  /** What is looked at where that cannot be used: the defaults. */
  defaults: AgentConfig;
  /** Value of PATH, to find ffmpeg. */
  searchPath: string;
  /** Where an agent may have its socket, beside the runtime folder of the configuration. */
  runtimeDirs?: readonly string[];
  /** Bound of each group of checks; 7.5 s when left out. */
  timeoutMs?: number;
}

/** Findings that belong together, under a heading. */
export interface FindingGroup {
  title: string;
  findings: Finding[];
}

const timeoutDefaultMs = 7_500;
/** So much earlier the test pictures are given up, to be told in time and to leave no process behind. */
const lastWordMs = 500;

/**
 * Looks at everything that the agent needs, all at the same time, and changes nothing. It lets a running agent keep its cameras, sound
 * devices and status. Ends within 10 s whatever does not answer. Never throws.
 */
export async function examine(options: DoctorOptions): Promise<FindingGroup[]> {
  const { config: loaded, defaults, searchPath, runtimeDirs = [], timeoutMs = timeoutDefaultMs } = options;
  const config = loaded.ok ? loaded.value : defaults;
  // Before everything else, since the other checks keep out of a running agent's way.
  const [agent, state] = await Promise.all([
    checkAgent([...new Set([config.runtimeDir, ...runtimeDirs])]),
    checkState(config.stateDir),
  ]);
  const isAgentRunning = agent.isRunning;
  const needsConfig = async (check: string, run: () => Promise<Finding[]>) =>
    loaded.ok ? run() : [skipped(check, 'Not looked at, because the configuration cannot be used.')];
  const checks: [title: string, run: () => Promise<Finding[]>][] = [
    ['Program', async () => [checkNode(process.versions.node), await checkNativeModule(loadNativeLibrary)]],
    ['Configuration', async () => describeConfig(loaded)],
    [
      'Picture and sound',
      async () => {
        const { ffmpeg, finding } = await checkFfmpeg(config.ffmpeg, searchPath);
        const context = { ffmpeg, isAgentRunning, signal: AbortSignal.timeout(timeoutMs - lastWordMs) };
        const findings = await Promise.all([
          ffmpeg ? checkEncoders(ffmpeg, config.ffmpeg.encoder) : [],
          checkCameras(config.cameras, context),
          checkSound(config, context),
        ]);
        return [finding, ...findings.flat()];
      },
    ],
    [
      'Broker',
      () =>
        needsConfig('broker', () =>
          checkBroker(config.broker, { deviceId: state.deviceId, browserUrl: config.links.brokerUrl, isAgentRunning }),
        ),
    ],
    ['Links', () => needsConfig('links', () => checkLinks(config.links))],
    [
      'Network',
      async () =>
        (
          await Promise.all([checkStun(config.ice), checkTurn(config.ice, { wallClockMs: Date.now, gathersRelay })])
        ).flat(),
    ],
    [
      'Device',
      async () => [
        await checkClock({ wallClockMs: Date.now() }),
        ...(await checkDisk(config.stateDir)),
        ...checkRuntimeFolder(config.runtimeDir),
        ...state.findings,
        ...(await checkHardware()),
      ],
    ],
    ['Service', async () => [await checkService(), agent.finding]],
  ];
  return Promise.all(checks.map(async ([title, run]) => ({ title, findings: await bounded(title, run, timeoutMs) })));
}

function describeConfig(loaded: DoctorOptions['config']): Finding[] {
  if (loaded.ok) return [ok('config', 'The configuration can be used.')];
  return loaded.error.map((problem) =>
    failed(
      'config',
      asSentence(formatConfigProblem(problem)),
      'Correct it; docs/configuration.md lists all settings.',
      {
        path: problem.path,
        origin: problem.origin,
      },
    ),
  );
}

function asSentence(text: string): string {
  return /[.?!]$/.test(text) ? text : `${text}.`;
}

/** Neither a check that does not end nor one that is broken keeps the others from being told. */
async function bounded(title: string, run: () => Promise<Finding[]>, timeoutMs: number): Promise<Finding[]> {
  const check = title.toLowerCase().replaceAll(' ', '-');
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Finding[]>((resolve) => {
    const message = `These checks did not come to an end within ${timeoutMs / 1000} s.`;
    const finding = failed(check, message, 'Look at "dmesg" for a device or disk that does not answer.');
    timer = setTimeout(() => resolve([finding]), timeoutMs);
  });
  try {
    return await Promise.race([run(), late]);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return [failed(check, `These checks failed themselves (${reason}).`, 'Report this, please.')];
  } finally {
    clearTimeout(timer);
  }
}

/** Loaded here and not above: where it does not suit the machine, that is a finding and not the end. */
async function loadNativeLibrary(): Promise<{ version: string }> {
  const { nativeLibraryVersion } = await import('../rtc/ice-probe.ts');
  return { version: nativeLibraryVersion() };
}

async function gathersRelay(
  servers: { urls: string[]; username: string; credential: string }[],
  timeoutMs: number,
): Promise<boolean | null> {
  const probe = await import('../rtc/ice-probe.ts').catch(() => null);
  return probe === null ? null : probe.gathersRelay(servers, timeoutMs);
}
