import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { CliError, exitCode } from '../exit-code.ts';
import { buildServiceUnit } from './service-unit.ts';

export interface ServiceInstallationOptions {
  /** Folder with the files of the package, absolute: `porthole.service`, `is-configured`, `sysusers.conf`, `tmpfiles.conf`. */
  templateDir: string;
  /** Node and the command of this installation, absolute. */
  command: readonly string[];
  isRoot: boolean;
  /** Runs a program of the system. @throws when it fails */
  run(program: string, args: readonly string[]): Promise<void>;
  /** Where the files go; another folder than `/` in tests. */
  root?: string;
}

const packagedUnit = 'usr/lib/systemd/system/porthole.service';
const unit = 'etc/systemd/system/porthole.service';
const sysusers = 'etc/sysusers.d/porthole.conf';
const tmpfiles = 'etc/tmpfiles.d/porthole.conf';

/** First line of our unit, by which `uninstall` knows it from one that somebody else has put in its place. */
const origin = '# Written by "porthole service install"; "porthole service uninstall" removes it.';

/** The unit hides these from the agent, so nothing that it needs may be there. */
const hiddenFolders = /^\/(home|root|run\/user|tmp|var\/tmp)\//;

const packageHasIt = new CliError(
  exitCode.failed,
  'The Debian package has installed the service, and keeps it: "systemctl status porthole" shows it.',
);

/** The systemd service of a Porthole that npm has installed: the one of the package, with the paths of this installation. */
export class ServiceInstallation {
  private readonly options: ServiceInstallationOptions;

  constructor(options: ServiceInstallationOptions) {
    this.options = options;
  }

  /** The unit as `install` writes it. */
  async buildUnit(): Promise<string> {
    const { command, templateDir } = this.options;
    const text = buildServiceUnit(await this.template('porthole.service'), command, templateDir);
    return `${origin}\n${text}`;
  }

  /**
   * Writes the unit, makes the user, and enables and starts the service, which stays inactive as long as nobody has set something.
   *
   * @returns whether it runs
   * @throws CliError that says what to do
   */
  async install(): Promise<{ isStarted: boolean }> {
    this.requireRoot('install');
    if (this.isPackaged) throw packageHasIt;
    const hidden = this.options.command.find((path) => hiddenFolders.test(path));
    if (hidden !== undefined) {
      throw new CliError(
        exitCode.failed,
        `The service may not look into home folders, and ${hidden} is in one. Install Node.js for the whole machine (from nodesource.com or nodejs.org), and with it Porthole from the file that "npm pack" makes in a clone ("sudo npm install -g ./porthole-VERSION.tgz"); then run this again.`,
      );
    }
    const { run } = this.options;
    await this.write(unit, await this.buildUnit());
    await this.write(sysusers, await this.template('sysusers.conf'));
    await this.write(tmpfiles, await this.template('tmpfiles.conf'));
    await run('systemd-sysusers', [this.path(sysusers)]);
    await run('systemd-tmpfiles', ['--create', this.path(tmpfiles)]);
    await run('systemctl', ['daemon-reload']);
    await run('systemctl', ['enable', 'porthole.service']);
    await run('systemctl', ['restart', 'porthole.service']);
    return { isStarted: await succeeds(run('systemctl', ['is-active', '--quiet', 'porthole.service'])) };
  }

  /**
   * Stops the service and removes what `install` wrote; configuration and state stay. A service of the Debian package, which the
   * unit has hidden until now, takes over from it.
   *
   * @returns whether there is one
   * @throws CliError that says what to do
   */
  async uninstall(): Promise<{ isReplaced: boolean }> {
    this.requireRoot('uninstall');
    const { isPackaged } = this;
    await this.requireOwnUnit();
    const { run } = this.options;
    if (!isPackaged) await run('systemctl', ['disable', '--now', 'porthole.service']);
    for (const file of [unit, sysusers, tmpfiles]) await rm(this.path(file), { force: true });
    await run('systemctl', ['daemon-reload']);
    if (isPackaged) {
      // The link by which it starts with the machine still leads to what is gone.
      await run('systemctl', ['reenable', 'porthole.service']);
      await run('systemctl', ['try-restart', 'porthole.service']);
    }
    return { isReplaced: isPackaged };
  }

  private requireRoot(action: string): void {
    if (this.options.isRoot) return;
    throw new CliError(exitCode.usage, `A service belongs to root: run "sudo porthole service ${action}".`);
  }

  private get isPackaged(): boolean {
    return existsSync(this.path(packagedUnit));
  }

  private async requireOwnUnit(): Promise<void> {
    const text = await readFile(this.path(unit), 'utf8').catch(() => null);
    if (text?.startsWith(origin)) return;
    if (text !== null) {
      throw new CliError(
        exitCode.failed,
        `/${unit} is not of "porthole service install", and stays: "systemctl cat porthole" shows it.`,
      );
    }
    throw this.isPackaged
      ? packageHasIt
      : new CliError(exitCode.failed, 'There is no service that "porthole service install" has installed.');
  }

  private template(name: string): Promise<string> {
    return readFile(join(this.options.templateDir, name), 'utf8');
  }

  private async write(file: string, text: string): Promise<void> {
    await mkdir(dirname(this.path(file)), { recursive: true });
    await writeFile(this.path(file), text, { mode: 0o644 });
  }

  private path(file: string): string {
    return join(this.options.root ?? '/', file);
  }
}

function succeeds(run: Promise<void>): Promise<boolean> {
  return run.then(
    () => true,
    () => false,
  );
}
