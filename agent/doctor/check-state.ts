import { constants } from 'node:fs';
import { access, statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { deriveId } from '../../protocol/identity.ts';
import { loadDeviceKeys } from '../access/device-keys.ts';
import { parseStateJson, readPrivateFile, StateFileError } from '../access/state-file.ts';
import { localSocketPath, socketPathMaxBytes } from '../commands/local-socket-path.ts';
import { userName } from './device-access.ts';
import { type Finding, failed, ok, skipped, warning } from './finding.ts';

const megabyte = 1_000_000;
/** Below it not even a grant can be saved for certain. */
const freeMinBytes = 20 * megabyte;
const freeWarningBytes = 200 * megabyte;

/** The file system of the state folder: room, and whether it can be written. */
export async function checkDisk(
  stateDir: string,
  readFreeBytes: (folder: string) => Promise<number> = freeBytesOf,
): Promise<Finding[]> {
  const folder = await nearestFolder(stateDir);
  return Promise.all([checkRoom(folder, readFreeBytes), checkWritable(stateDir, folder)]);
}

async function checkRoom(folder: string, readFreeBytes: (folder: string) => Promise<number>): Promise<Finding> {
  const freeBytes = await readFreeBytes(folder);
  const details = { folder, freeBytes };
  const message = `${formatSize(freeBytes)} are free where the state is (${folder}).`;
  const advice = 'Delete what is not needed: "sudo apt clean", "sudo journalctl --vacuum-size=50M", old recordings.';
  if (freeBytes < freeMinBytes) return failed('disk', `Only ${message}`, advice, details);
  return freeBytes < freeWarningBytes
    ? warning('disk', `Only ${message}`, advice, details)
    : ok('disk', message, details);
}

async function checkWritable(stateDir: string, folder: string): Promise<Finding> {
  try {
    await access(folder, constants.W_OK | constants.X_OK);
    return ok('state-folder', `The state folder ${stateDir} can be written.`);
  } catch (error) {
    const code = codeOf(error);
    const details = { stateDir, code };
    if (code === 'EROFS') {
      const advice = 'Mount it for writing (on a Raspberry Pi: switch the overlay file system off), or set stateDir.';
      return failed('state-folder', `The file system of ${folder} is read-only.`, advice, details);
    }
    return failed(
      'state-folder',
      `The user ${userName()} may not write in ${folder}.`,
      'Run the agent, and this command, as the user whom the folder belongs to ("sudo"), or set stateDir.',
      details,
    );
  }
}

/** The files of the agent in its state folder. @returns the id of the device too, null while it has no key that can be used */
export async function checkState(stateDir: string): Promise<{ deviceId: string | null; findings: Finding[] }> {
  const [identity, grants] = await Promise.all([checkKey(stateDir), checkGrants(join(stateDir, 'access.json'))]);
  return { deviceId: identity.deviceId, findings: [identity.finding, ...grants] };
}

async function checkKey(stateDir: string): Promise<{ deviceId: string | null; finding: Finding }> {
  try {
    const isThere = (await readPrivateFile(join(stateDir, 'device.key'))) !== null;
    if (!isThere) {
      return { deviceId: null, finding: skipped('state', 'There is no device key yet; the first start makes it.') };
    }
    const deviceId = deriveId((await loadDeviceKeys(stateDir)).publicKey);
    return {
      deviceId,
      finding: ok('state', `The device key is in order; the device id is ${deviceId}.`, { deviceId }),
    };
  } catch (error) {
    return { deviceId: null, finding: describeStateError(error) };
  }
}

async function checkGrants(path: string): Promise<Finding[]> {
  try {
    const text = await readPrivateFile(path);
    if (text === null || parseStateJson(text) !== undefined) return [];
    return [
      failed(
        'state',
        `${path} is damaged, and the agent does not start with it.`,
        'Restore it from a backup, or move it away and pair all viewers again.',
      ),
    ];
  } catch (error) {
    return [describeStateError(error)];
  }
}

/** The messages of these errors are two sentences already: what is wrong, and what to do. */
function describeStateError(error: unknown): Finding {
  const text = error instanceof Error ? error.message : String(error);
  const code = error instanceof StateFileError ? error.code : undefined;
  if (code === 'unreadable' && /EACCES|EPERM/.test(text)) {
    const message = 'The state of the agent belongs to another user.';
    return warning('state', message, 'Run this command with sudo to have it checked.', { code });
  }
  const [message = text, ...rest] = text.split(/(?<=\.) /);
  const advice = rest.join(' ') || 'Look after the file system, and at "dmesg".';
  return failed('state', message.endsWith('.') ? message : `${message}.`, advice, { code });
}

/** Linux cuts longer names of sockets off. */
export function checkRuntimeFolder(runtimeDir: string): Finding[] {
  const path = localSocketPath(runtimeDir);
  if (Buffer.byteLength(path) <= socketPathMaxBytes) return [];
  const message = `The path ${path} is too long for a socket (${socketPathMaxBytes} bytes).`;
  return [failed('runtime-folder', message, 'Set runtimeDir to a shorter path.', { runtimeDir })];
}

/** The folder itself, or the first above it that is there: the agent makes the rest. */
async function nearestFolder(folder: string): Promise<string> {
  try {
    await access(folder);
    return folder;
  } catch (error) {
    const parent = dirname(folder);
    return codeOf(error) === 'ENOENT' && parent !== folder ? nearestFolder(parent) : folder;
  }
}

async function freeBytesOf(folder: string): Promise<number> {
  // What is left to others than root.
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

function formatSize(bytes: number): string {
  return bytes < 1000 * megabyte ? `${Math.floor(bytes / megabyte)} MB` : `${(bytes / 1000 / megabyte).toFixed(1)} GB`;
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
