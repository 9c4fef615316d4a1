import { readFile, stat } from 'node:fs/promises';
import { type ProgramRun, runProgram } from './run-program.ts';

/** The rights of the service, which are others than those of root, who looks. */
export interface ServiceAccess {
  /** Whether it may read and write a device. False where there is none. */
  mayOpen(path: string): Promise<boolean>;
}

export interface ServiceAccessOptions {
  isRoot: boolean;
  systemctl(args: string[]): Promise<ProgramRun>;
  /** As group(5). */
  groupFile: string;
}

const timeoutMs = 2_000;
const properties = ['LoadState', 'User', 'SupplementaryGroups'];
const readWrite = 0o6;

/**
 * The rights of the service, by the groups that it gets.
 *
 * @returns null where the caller's own are what counts: no root, no service, or one that is root. Never throws
 */
export async function findServiceAccess({
  isRoot = process.getuid?.() === 0,
  systemctl = (args) => runProgram('systemctl', args, timeoutMs),
  groupFile = '/etc/group',
}: Partial<ServiceAccessOptions> = {}): Promise<ServiceAccess | null> {
  if (!isRoot) return null;
  const { stdout } = await systemctl(['show', 'porthole.service', `--property=${properties.join(',')}`]);
  const property = (name: string) => new RegExp(`^${name}=(.*)$`, 'm').exec(stdout)?.[1] ?? '';
  const user = property('User');
  if (property('LoadState') !== 'loaded' || user === '' || user === 'root') return null;
  const groups = await readFile(groupFile, 'utf8').catch(() => '');
  const ids = findGroupIds(groups, user, property('SupplementaryGroups').split(' '));
  return {
    async mayOpen(path) {
      const stats = await stat(path).catch(() => null);
      // It owns no device.
      const mode = stats === null ? 0 : ids.has(stats.gid) ? stats.mode >> 3 : stats.mode;
      return (mode & readWrite) === readWrite;
    },
  };
}

/** The groups that are named, the user's own, and those that it is a member of. */
function findGroupIds(groupFile: string, user: string, names: readonly string[]): ReadonlySet<number> {
  const entries = groupFile.split('\n').map((line) => line.split(':'));
  const isIts = ([name = '', , , members = '']: string[]) =>
    name === user || names.includes(name) || members.split(',').includes(user);
  return new Set(entries.filter(isIts).map(([, , id]) => Number(id)));
}
