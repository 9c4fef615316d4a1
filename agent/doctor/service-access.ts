import { readFile, realpath, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { type ProgramRun, runProgram } from './run-program.ts';

/** The rights of the service, which are others than those of root, who looks. */
export interface ServiceAccess {
  /** Whether it may read and write a device. False where there is none. */
  mayOpen(path: string): Promise<boolean>;
  /** What keeps it from reading a file, and what to do; null where nothing does, or there is no such file. */
  findObstacle(path: string): Promise<FileObstacle | null>;
}

export interface FileObstacle {
  /** What the service does not do, to be followed by the path: `may not read`. */
  verb: string;
  advice: string;
}

export interface ServiceAccessOptions {
  isRoot: boolean;
  systemctl(args: string[]): Promise<ProgramRun>;
  /** As group(5). */
  groupFile: string;
  /** As passwd(5). */
  userFile: string;
}

/** Who the service is to the file system. */
interface ServiceUser {
  name: string;
  id: number;
  groupIds: ReadonlySet<number>;
}

const timeoutMs = 2_000;
const properties = ['LoadState', 'User', 'SupplementaryGroups', 'ProtectHome', 'PrivateTmp'];
const readWrite = 0o6;
const read = 0o4;
/** Of a folder: to go through it. */
const search = 0o1;

/**
 * The rights of the service, by its user and the groups that it gets.
 *
 * @returns null where the caller's own are what counts: no root, no service, or one that is root. Never throws
 */
export async function findServiceAccess({
  isRoot = process.getuid?.() === 0,
  systemctl = (args) => runProgram('systemctl', args, timeoutMs),
  groupFile = '/etc/group',
  userFile = '/etc/passwd',
}: Partial<ServiceAccessOptions> = {}): Promise<ServiceAccess | null> {
  if (!isRoot) return null;
  const { stdout } = await systemctl(['show', 'porthole.service', `--property=${properties.join(',')}`]);
  const property = (name: string) => new RegExp(`^${name}=(.*)$`, 'm').exec(stdout)?.[1] ?? '';
  const name = property('User');
  if (property('LoadState') !== 'loaded' || name === '' || name === 'root') return null;
  const [groups, users] = await Promise.all([readEntries(groupFile), readEntries(userFile)]);
  const [, , id, groupId] = users.find(([user]) => user === name) ?? [];
  const groupIds = findGroupIds(groups, name, property('SupplementaryGroups').split(' '));
  const user = { name, id: Number(id), groupIds: new Set([...groupIds, Number(groupId)]) };
  const hidden = [
    // systemd.exec(5): "read-only" hides nothing.
    ...(['yes', 'tmpfs'].includes(property('ProtectHome')) ? ['/home', '/root', '/run/user'] : []),
    ...(property('PrivateTmp') === 'yes' ? ['/tmp', '/var/tmp'] : []),
  ];
  return {
    mayOpen: (path) => mayUse(user, path, readWrite),
    findObstacle: (path) => findObstacle(user, hidden, path),
  };
}

async function findObstacle(user: ServiceUser, hidden: readonly string[], file: string): Promise<FileObstacle | null> {
  const target = await realpath(file).catch(() => null);
  if (target === null) return null;
  // A link has to be reached as well.
  const folders = new Set([resolve(file), target].flatMap(listFolders));
  const hiding = hidden.find((folder) => folders.has(folder));
  if (hiding !== undefined) {
    return {
      verb: 'does not see',
      advice: `It sees nothing in ${hiding}: put the file elsewhere, as in /etc/porthole.`,
    };
  }
  for (const folder of folders) {
    if (await mayUse(user, folder, search)) continue;
    return { verb: 'may not read', advice: `Let the user ${user.name} into ${folder}, or put the file elsewhere.` };
  }
  if (await mayUse(user, target, read)) return null;
  const advice = `Let it: "sudo chgrp ${user.name} ${target}" and "sudo chmod g+r ${target}".`;
  return { verb: 'may not read', advice };
}

/** By the mode alone: access lists are not looked at. */
async function mayUse(user: ServiceUser, path: string, rights: number): Promise<boolean> {
  const stats = await stat(path).catch(() => null);
  if (stats === null) return false;
  const shift = stats.uid === user.id ? 6 : user.groupIds.has(stats.gid) ? 3 : 0;
  return ((stats.mode >> shift) & rights) === rights;
}

/** All folders that a path leads through. */
function listFolders(path: string): string[] {
  const folder = dirname(path);
  return folder === path ? [] : [...listFolders(folder), folder];
}

async function readEntries(file: string): Promise<string[][]> {
  const text = await readFile(file, 'utf8').catch(() => '');
  return text.split('\n').map((line) => line.split(':'));
}

/** The groups that are named, the user's own, and those that it is a member of. */
function findGroupIds(groups: readonly string[][], user: string, names: readonly string[]): number[] {
  const isIts = ([name = '', , , members = '']: string[]) =>
    name === user || names.includes(name) || members.split(',').includes(user);
  return groups.filter(isIts).map(([, , id]) => Number(id));
}
