import type { Result } from '../../protocol/result.ts';
import { type ConfigProblem, formatConfigProblem } from '../config/config-problem.ts';
import type { AgentConfig } from '../config/config-schema.ts';
import { type AgentPresence, checkAgent, describeCameras } from './check-agent.ts';
import { checkBroker } from './check-broker.ts';
import { checkCameras } from './check-cameras.ts';
import { checkClock } from './check-clock.ts';
import { checkEncoders, checkFfmpeg } from './check-ffmpeg.ts';
import { checkHardware } from './check-hardware.ts';
import { checkLinks } from './check-links.ts';
import { checkNativeModule, checkNode } from './check-node.ts';
import { checkService } from './check-service.ts';
import { checkServiceFiles } from './check-service-files.ts';
import { checkSound } from './check-sound.ts';
import { checkDisk, checkRuntimeFolder, checkState } from './check-state.ts';
import { checkStun } from './check-stun.ts';
import { checkTurn } from './check-turn.ts';
import { type Finding, failed, ok, skipped, warning } from './finding.ts';
import type { ServiceAccess } from './service-access.ts';

export interface DoctorOptions {
  /** As the agent would read it. */
  config: Result<AgentConfig, ConfigProblem[]>;
  /** The configuration of the service, where it is the one in use and closed to this user. */
  closedFile?: string | null;
  /** The rights of the service, where it is the service that is meant and not whoever looks; null: those of the caller count. */
  service?: ServiceAccess | null;
  /** The file that the configuration is in. */
  configFile?: string;
  /** What is looked at where that cannot be used: the defaults. */
  defaults: AgentConfig;
  /** Value of PATH, to find ffmpeg. */
  searchPath: string;
  /** Where an agent may have its socket, beside the runtime folder of the configuration. */
  runtimeDirs?: readonly string[];
  /** The document that explains all settings, as people are told of it. */
  settingsReference?: string;
  /** Bound of each group of checks; 7.5 s when left out. */
  timeoutMs?: number;
}

/** Findings that belong together, under a heading. */
export interface FindingGroup {
  title: string;
  findings: Finding[];
}

/** What the checks go by. */
interface Subject extends Pick<DoctorOptions, 'closedFile' | 'configFile'> {
  loaded: DoctorOptions['config'];
  service: ServiceAccess | null;
  /** The configuration, or the defaults. */
  config: AgentConfig;
  searchPath: string;
  settingsReference: string;
  agent: AgentPresence;
  state: { deviceId: string | null; findings: Finding[] };
  /** Ends what would run on. */
  signal: AbortSignal;
}

const timeoutDefaultMs = 7_500;
/** So much earlier the test pictures are given up, to be told in time and to leave no process behind. */
const lastWordMs = 500;

const groups: readonly [title: string, check: (subject: Subject) => Promise<Finding[]>][] = [
  ['Program', checkProgram],
  ['Picture and sound', checkMedia],
  ['Broker and links', checkSignaling],
  ['Network', checkNetwork],
  ['Device', checkDevice],
  ['Service', async ({ agent }) => [await checkService(), agent.finding]],
];

/**
 * Looks at everything that the agent needs, all at the same time. It changes nothing but the status at the broker, and lets a running agent
 * keep that, its cameras and its sound devices. Ends within 10 s whatever does not answer. Never throws.
 */
export async function examine(options: DoctorOptions): Promise<FindingGroup[]> {
  const { config: loaded, defaults, searchPath, runtimeDirs = [], timeoutMs = timeoutDefaultMs } = options;
  const { settingsReference = 'docs/configuration.md', service = null, closedFile, configFile } = options;
  const config = loaded.ok ? loaded.value : defaults;
  // Before everything else, since the other checks keep out of a running agent's way.
  const [agent, state] = await Promise.all([
    checkAgent([...new Set([config.runtimeDir, ...runtimeDirs])]),
    checkState(config.stateDir),
  ]);
  const signal = AbortSignal.timeout(timeoutMs - lastWordMs);
  const files = { closedFile, configFile, settingsReference };
  const subject: Subject = { loaded, ...files, service, config, searchPath, agent, state, signal };
  return Promise.all(
    groups.map(async ([title, check]) => ({ title, findings: await bounded(title, () => check(subject), timeoutMs) })),
  );
}

async function checkProgram(subject: Subject): Promise<Finding[]> {
  const native = await checkNativeModule(loadNativeLibrary);
  return [checkNode(process.versions.node), native, ...(await checkConfig(subject))];
}

async function checkConfig({
  loaded,
  closedFile,
  configFile,
  service,
  settingsReference,
}: Subject): Promise<Finding[]> {
  if (closedFile) {
    const message = `The configuration of the service, ${closedFile}, is not for this user to read.`;
    return [warning('config', message, 'Run "sudo porthole doctor".', { fault: 'permission' })];
  }
  if (!loaded.ok) return loaded.error.map((problem) => describeProblem(problem, settingsReference));
  const obstacles = service === null ? [] : await checkServiceFiles(loaded.value, configFile, service);
  return obstacles.length > 0 ? obstacles : [ok('config', 'The configuration can be used.')];
}

async function checkMedia({ config, searchPath, agent, service, signal }: Subject): Promise<Finding[]> {
  const { ffmpeg, finding } = await checkFfmpeg(config.ffmpeg, searchPath);
  const context = { ffmpeg, isAgentRunning: agent.isRunning, service, signal };
  const findings = await Promise.all([
    ffmpeg ? checkEncoders(ffmpeg, config.ffmpeg.encoder, signal) : [],
    agent.status ? describeCameras(agent.status) : checkCameras(config.cameras, context),
    checkSound(config, context),
  ]);
  return [finding, ...findings.flat()];
}

async function checkSignaling({ loaded, config, agent, state }: Subject): Promise<Finding[]> {
  if (!loaded.ok) return [skipped('broker', 'Not looked at, because the configuration cannot be used.')];
  const { broker, links } = config;
  const { status } = agent;
  if (hasOtherSettings(agent, config)) {
    return [skipped('broker', 'Not looked at: the agent that runs here was started with other settings.')];
  }
  const deviceId = status?.deviceId ?? state.deviceId;
  const [brokerFindings, linkFindings] = await Promise.all([
    checkBroker(broker, { deviceId, browserUrl: links.brokerUrl, isAgentRunning: agent.isRunning === true }),
    checkLinks(links),
  ]);
  return [...(status?.broker.online ? brokerFindings.map(believeAgent) : brokerFindings), ...linkFindings];
}

/** Where the agent itself is online, a failure on its way is one of this command, which may not read the password, say. */
function believeAgent(finding: Finding): Finding {
  const isOfDevice = finding.check.startsWith('broker-');
  if (!isOfDevice || finding.level !== 'failure') return finding;
  return skipped(finding.check, `The running agent is online; this command does not get as far: ${finding.message}`);
}

async function checkNetwork({ config, agent }: Subject): Promise<Finding[]> {
  if (hasOtherSettings(agent, config)) {
    return [skipped('stun', 'Not looked at: the agent that runs here was started with other settings.')];
  }
  const { ice } = config;
  const findings = await Promise.all([checkStun(ice), checkTurn(ice, { wallClockMs: Date.now, gathersRelay })]);
  return findings.flat();
}

async function checkDevice({ config, state }: Subject): Promise<Finding[]> {
  const findings = await Promise.all([
    checkClock({ wallClockMs: Date.now() }),
    checkDisk(config.stateDir),
    checkHardware(),
  ]);
  return [...checkRuntimeFolder(config.runtimeDir), ...state.findings, ...findings.flat()];
}

function describeProblem(problem: ConfigProblem, reference: string): Finding {
  const advice = `Correct it; ${reference} lists all settings.`;
  const { path, origin } = problem;
  return failed('config', asSentence(formatConfigProblem(problem)), advice, { path, origin });
}

function asSentence(text: string): string {
  return /[.?!]$/.test(text) ? text : `${text}.`;
}

/** As that of "porthole up" has, which is its own broker. Whether those work it says itself. */
function hasOtherSettings({ status }: AgentPresence, { broker }: AgentConfig): boolean {
  return status !== null && new URL(status.broker.url).href !== new URL(broker.url).href;
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
