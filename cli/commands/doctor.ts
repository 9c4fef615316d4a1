import { loadConfig } from '../../agent/config/load-config.ts';
import { examine } from '../../agent/doctor/doctor.ts';
import { findServiceAccess } from '../../agent/doctor/service-access.ts';
import { configFileInUse, configFlags } from '../agent-config.ts';
import type { CliCommand, CommandInput } from '../command-line.ts';
import { findDocument } from '../find-document.ts';
import { formatFindings, worstLevel } from '../format-findings.ts';
import { findServiceView } from '../service/service-view.ts';
import { version } from '../version.ts';

/** Its own, since "warnings" is an outcome that other commands do not have. */
const doctorExitCode = { ok: 0, warning: 1, failure: 2 } as const;

export const doctorCommand: CliCommand = {
  name: 'doctor',
  usage: '[--json]',
  title: 'Checks all that the agent needs, and says what to do. Exit code: 0 all is well, 1 warnings, 2 failures.',
  positionals: [0, 0],
  flags: { json: { type: 'boolean', help: 'Print JSON.' }, ...configFlags },
  async run(input: CommandInput) {
    const { env, isService, closedFile, runtimeDirs } = await findServiceView(input);
    const stateDir = input.flags.text('state');
    const defaults = await loadConfig({ file: '/dev/null', env: withoutSettings(env), flags: { stateDir } });
    if (!defaults.ok) throw new Error('the defaults of the configuration cannot be used');
    const groups = await examine({
      config: await loadConfig({
        file: input.flags.text('config'),
        env,
        flags: { stateDir },
        hasOwnAuthorityCheck: true,
      }),
      closedFile,
      configFile: configFileInUse(input),
      service: isService ? await findServiceAccess() : null,
      defaults: defaults.value,
      searchPath: env.PATH ?? '',
      runtimeDirs,
      settingsReference: findDocument('docs/configuration.md'),
    });
    const level = worstLevel(groups);
    if (input.flags.has('json')) {
      const findings = groups.flatMap((group) => group.findings.map((finding) => ({ group: group.title, ...finding })));
      console.log(JSON.stringify({ level, version, findings }, null, 2));
    } else {
      const style = { hasColour: hasColour(env), hasUnicode: hasUnicode(env) };
      console.log(formatFindings(groups, style, findDocument('docs/troubleshooting.md')));
    }
    return doctorExitCode[level];
  },
};

type Environment = CommandInput['env'];

function withoutSettings(env: Environment): Environment {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('PORTHOLE_')));
}

/** https://no-color.org */
function hasColour(env: Environment): boolean {
  return process.stdout.isTTY === true && !env.NO_COLOR && env.TERM !== 'dumb';
}

/** The character set of the locale (POSIX: the first of these that is set counts). */
function hasUnicode(env: Environment): boolean {
  return /utf-?8/i.test(env.LC_ALL || env.LC_CTYPE || env.LANG || '');
}
