import { spawn } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { join } from 'node:path';
import type { CliCommand, CommandInput } from '../command-line.ts';
import { distDir } from '../dist-dir.ts';
import { CliError, exitCode } from '../exit-code.ts';
import { ServiceInstallation } from '../service/service-installation.ts';

export const serviceCommand: CliCommand = {
  name: 'service',
  usage: 'install|uninstall|status [--print]',
  title: 'Installs the agent as a systemd service that starts with the machine, where npm has installed Porthole.',
  positionals: [1, 1],
  flags: {
    print: { type: 'boolean', help: 'With install: print the unit, and change nothing.' },
  },
  async run({ words: [action], flags }: CommandInput) {
    const installation = new ServiceInstallation({
      templateDir: join(distDir, 'systemd'),
      command: [process.execPath, realpathSync(process.argv[1] ?? '')],
      isRoot: process.getuid?.() === 0,
      run: runProgram,
    });
    switch (action) {
      case 'install':
        if (flags.has('print')) process.stdout.write(await installation.buildUnit());
        else console.log(describeInstalled(await installation.install()));
        return exitCode.done;
      case 'uninstall':
        console.log(describeUninstalled(await installation.uninstall()));
        return exitCode.done;
      case 'status':
        return exitCodeOf('systemctl', ['status', '--no-pager', 'porthole.service']);
      default:
        throw new CliError(exitCode.usage, `"${action}" is none of install, uninstall and status.`);
    }
  },
};

function describeInstalled({ isStarted }: { isStarted: boolean }): string {
  if (isStarted) return 'The service is running, and starts with the machine. "porthole service status" shows it.';
  return 'The service is installed, and starts with the machine once it is set up: "sudo porthole setup" asks for the broker and the camera; then: sudo systemctl start porthole';
}

function describeUninstalled({ isReplaced }: { isReplaced: boolean }): string {
  return isReplaced
    ? 'The service is now that of the Debian package, with the same configuration and state.'
    : 'The service is gone. Its configuration (/etc/porthole) and state (/var/lib/porthole) are kept.';
}

async function runProgram(program: string, args: readonly string[]): Promise<void> {
  const code = await exitCodeOf(program, args);
  if (code !== 0) throw new CliError(exitCode.failed, `"${[program, ...args].join(' ')}" failed with code ${code}.`);
}

function exitCodeOf(program: string, args: readonly string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: 'inherit' });
    child.on('error', () =>
      reject(new CliError(exitCode.failed, `This machine has no ${program}: the service is one of systemd.`)),
    );
    child.on('exit', (code) => resolve(code ?? exitCode.failed));
  });
}
