import { readdir, readFile, readlink, realpath } from 'node:fs/promises';
import { userInfo } from 'node:os';

/** Who runs this, for people. */
export function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.() ?? 'unknown');
  }
}

/**
 * The program that has a device open, as far as this user may see: `motion, process 812`.
 *
 * @returns null when none is seen
 */
export async function findHolder(path: string, procFolder = '/proc'): Promise<string | null> {
  const device = await realpath(path).catch(() => path);
  const processes = (await readdir(procFolder).catch(() => [])).filter((entry) => /^\d+$/.test(entry));
  const holders = await Promise.all(
    processes.map(async (pid) => ((await holds(`${procFolder}/${pid}/fd`, device)) ? pid : null)),
  );
  const pid = holders.find((candidate) => candidate !== null);
  if (pid === undefined || pid === null) return null;
  const name = await readFile(`${procFolder}/${pid}/comm`, 'utf8').catch(() => 'unknown');
  return `${name.trim()}, process ${pid}`;
}

/** Where none is found. */
export const adviseNoCamera = 'Plug one in, or name it in the configuration (cameras[0].source).';

/** How the service gets at a device that it may not open. */
export function adviseServiceAccess(group: 'video' | 'audio'): string {
  return `Give it to the group ${group} by a udev rule; or its group to the service: "sudo systemctl edit porthole", with "SupplementaryGroups=GROUP" below "[Service]".`;
}

async function holds(folder: string, device: string): Promise<boolean> {
  const entries = await readdir(folder).catch(() => []);
  const targets = await Promise.all(entries.map((entry) => readlink(`${folder}/${entry}`).catch(() => null)));
  return targets.includes(device);
}
