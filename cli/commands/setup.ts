import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { configFileVariable, type Environment } from '../../agent/config/config-environment.ts';
import { listConfigKeys } from '../../agent/config/config-keys.ts';
import { defaultConfigFile, systemConfigFile, userConfigFile } from '../../agent/config/config-paths.ts';
import { formatConfigProblem } from '../../agent/config/config-problem.ts';
import type { AgentConfig } from '../../agent/config/config-schema.ts';
import { loadConfig } from '../../agent/config/load-config.ts';
import type { Finding } from '../../agent/doctor/finding.ts';
import { success } from '../../protocol/result.ts';
import type { CliCommand, CommandInput, Flags } from '../command-line.ts';
import { distDir } from '../dist-dir.ts';
import { CliError, exitCode } from '../exit-code.ts';
import { isServiceInstalled, serviceRuntimeDir, serviceStateDir } from '../service/service-paths.ts';
import { buildAgentChecks } from '../setup/agent-checks.ts';
import { describeFindings } from '../setup/describe-findings.ts';
import { nextSteps } from '../setup/next-steps.ts';
import { TerminalPrompt } from '../setup/prompt.ts';
import { settleByFlags } from '../setup/settle-by-flags.ts';
import { answersFrom, guessLinks, type SetupAnswers, settingsFrom, withAccount } from '../setup/setup-answers.ts';
import type { AnswerCheckPorts } from '../setup/setup-checks.ts';
import { SetupDialog } from '../setup/setup-dialog.ts';
import { type WrittenFiles, writeSetup } from '../setup/write-setup.ts';
import { readStandardInput } from '../standard-input.ts';

const schemaFiles = ['/usr/share/porthole/porthole.schema.json', join(distDir, '../docs/porthole.schema.json')];

/** In place of a file: the authorities that everybody trusts are the ones that count. */
const noCaFile = 'none';

export const setupCommand: CliCommand = {
  name: 'setup',
  usage: '[--broker URL] [--camera SOURCE] [--name NAME] [--yes]',
  title: 'Asks for broker, camera and name, tries them, and writes the configuration.',
  positionals: [0, 0],
  flags: {
    broker: { type: 'string', value: 'URL', help: 'mqtt://, mqtts://, ws:// or wss://HOST, as the device reaches it.' },
    username: { type: 'string', value: 'NAME', help: 'User name of the device at the broker.' },
    'password-file': { type: 'string', value: 'FILE|-', help: 'Where to read its password; - is standard input.' },
    'ca-file': {
      type: 'string',
      value: 'FILE',
      help: 'PEM file of the authority that signed the broker certificate; none removes the one that is set.',
    },
    'page-url': { type: 'string', value: 'URL', help: 'Address of the page, for invite links.' },
    'links-broker-url': { type: 'string', value: 'URL', help: 'The broker as browsers reach it: ws:// or wss://.' },
    camera: { type: 'string', value: 'SOURCE', help: 'test, file:PATH, /dev/videoN, rpicam or rtsp://…' },
    name: { type: 'string', value: 'NAME', help: 'What viewers see. Default: the host name.' },
    config: {
      type: 'string',
      value: 'FILE',
      help: 'What to write. Default: /etc/porthole/porthole.yaml as root, else ~/.config/porthole/porthole.yaml.',
    },
    yes: { type: 'boolean', help: 'Ask nothing: what no flag says stays as it is, or has its default.' },
    unchecked: { type: 'boolean', help: 'Ask nothing and try nothing, but write.' },
    json: { type: 'boolean', help: 'Ask nothing, print JSON.' },
  },
  async run(input: CommandInput) {
    const { flags, env } = input;
    const isRoot = process.getuid?.() === 0;
    const file = resolve(flags.text('config') ?? (isRoot ? systemConfigFile : userConfigFile(env)));
    const current = await readCurrent(file, env);
    const checks = await buildAgentChecks({
      current,
      searchPath: env.PATH ?? '',
      serviceStateDir: file === systemConfigFile ? serviceStateDir : null,
      runtimeDirs: [serviceRuntimeDir],
    });
    const ports = { checks, buildConfig: (answers: SetupAnswers) => buildConfig(answers, { file, env, current }) };
    const { answers, findings } = await settle(input, ports, current);
    const schemaFile = schemaFiles.find((path) => existsSync(path)) ?? null;
    const currentCaFile = current.broker.caFile;
    const written = await writeSetup({ file, answers, currentCaFile, schemaFile, isRoot });
    const hasService = isServiceInstalled();
    const next = nextSteps({ file, defaultFile: defaultConfigFile(env), hasService, isRoot });
    const facts: SetupFacts = { config: file, ...written, deviceId: checks.deviceId, findings, next };
    console.log(flags.has('json') ? JSON.stringify(facts) : describe(facts));
    return exitCode.done;
  },
};

interface SetupFacts extends WrittenFiles {
  config: string;
  /** Null while the agent has not made its key. */
  deviceId: string | null;
  findings: Finding[];
  /** Commands to run next. */
  next: string[];
}

/** The settings that are in force, from the file that is to be written and from the environment. */
async function readCurrent(file: string, env: Environment): Promise<AgentConfig> {
  const loaded = await load(file, env, {});
  if (loaded.ok) return loaded.value;
  const problems = loaded.error.map((problem) => `  ${formatConfigProblem(problem)}`);
  throw new CliError(exitCode.usage, [`${file} cannot be used as it is:`, ...problems].join('\n'));
}

async function buildConfig(
  answers: SetupAnswers,
  { file, env, current }: { file: string; env: Environment; current: AgentConfig },
): ReturnType<typeof loadConfig> {
  const built = await load(file, env, settingsFrom(answers, current));
  return built.ok ? success(withAccount(built.value, answers)) : built;
}

/** A file that is not there yet is as good as an empty one. */
function load(file: string, env: Environment, flags: Record<string, unknown>): ReturnType<typeof loadConfig> {
  const ownEnv = { ...env, [configFileVariable]: undefined };
  return loadConfig({ defaultFile: file, env: ownEnv, flags, hasOwnAuthorityCheck: true });
}

/** By questions at a terminal, else by flags alone. */
async function settle(
  { flags }: CommandInput,
  ports: AnswerCheckPorts,
  current: AgentConfig,
): Promise<{ answers: SetupAnswers; findings: Finding[] }> {
  const given = await readGiven(flags);
  const isQuiet = ['yes', 'unchecked', 'json'].some((name) => flags.has(name));
  const isAsked = process.stdin.isTTY && process.stdout.isTTY && !isQuiet;
  if (isAsked) return { answers: await askAll(ports, current, given), findings: [] };
  const standard = answersFrom(current);
  const guessed =
    given.brokerUrl !== undefined && isGuessable(current, given.brokerUrl) ? guessLinks(given.brokerUrl) : {};
  const answers = { ...standard, ...guessed, ...given };
  return { answers, findings: await settleByFlags(answers, ports, flags.has('unchecked')) };
}

async function askAll(
  ports: AnswerCheckPorts,
  current: AgentConfig,
  given: Partial<SetupAnswers>,
): Promise<SetupAnswers> {
  const prompt = new TerminalPrompt();
  try {
    return await new SetupDialog({
      ...ports,
      prompt,
      given,
      standard: answersFrom(current),
      hasLinks: hasOwnLinks(current),
      hasPassword: current.broker.password !== undefined,
    }).run();
  } catch (error) {
    if (!(error instanceof Error && error.name === 'AbortError')) throw error;
    throw new CliError(exitCode.failed, '\nNothing was written.');
  } finally {
    prompt.close();
  }
}

/** What the command line settles; nothing else is in the answer. */
async function readGiven(flags: Flags): Promise<Partial<SetupAnswers>> {
  const password = await readPassword(flags.text('password-file'));
  const given: Partial<SetupAnswers> = {
    name: flags.text('name'),
    brokerUrl: flags.text('broker'),
    username: flags.text('username'),
    password,
    caFile: readCaFile(flags.text('ca-file')),
    pageUrl: flags.text('page-url'),
    linksBrokerUrl: flags.text('links-broker-url'),
    camera: flags.text('camera'),
  };
  const said = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  // What is there, and undefined, takes the place of the one in force.
  return flags.text('ca-file') === noCaFile ? { ...said, caFile: undefined } : said;
}

function readCaFile(file: string | undefined): string | undefined {
  if (file === '' || file === '-') {
    throw new CliError(exitCode.usage, `--ca-file takes a PEM file, or "${noCaFile}" to remove the one that is set.`);
  }
  return file === noCaFile ? undefined : file;
}

async function readPassword(file: string | undefined): Promise<string | undefined> {
  if (file === undefined) return undefined;
  try {
    const text = file === '-' ? await readStandardInput() : await readFile(file, 'utf8');
    return text.split(/\r?\n/)[0];
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? String(error);
    throw new CliError(exitCode.usage, `--password-file: ${file} cannot be read (${code}).`);
  }
}

function hasOwnLinks({ links }: AgentConfig): boolean {
  const standard = listConfigKeys().find(({ path }) => path.join('.') === 'links.brokerUrl')?.defaultValue;
  return links.brokerUrl !== standard;
}

function isGuessable(current: AgentConfig, brokerUrl: string): boolean {
  return !hasOwnLinks(current) && URL.canParse(brokerUrl);
}

function describe({ config, passwordFile, caFile, deviceId, findings, next }: SetupFacts): string {
  return [
    ...(findings.length > 0 ? [describeFindings(findings), ''] : []),
    `Written: ${[config, passwordFile, caFile].filter(Boolean).join(', ')}.`,
    ...(deviceId === null ? [] : [`Device id: ${deviceId}`]),
    '',
    'Next:',
    ...next.map((command) => `  ${command}`),
  ].join('\n');
}
