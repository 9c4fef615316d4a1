import { mkdir, readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type FileOwnership, replaceFile } from '../../agent/access/atomic-file.ts';
import { editConfigText } from '../../agent/config/config-editor.ts';
import { brokerPasswordFile } from '../../agent/config/config-secrets.ts';
import { CliError, exitCode } from '../exit-code.ts';
import { changesFrom, type SetupAnswers } from './setup-answers.ts';

export interface WriteSetupOptions {
  /** The configuration; made where there is none. */
  file: string;
  answers: SetupAnswers;
  /** The `caFile` that is in force already, which stays where it is. */
  currentCaFile?: string;
  /** Where the JSON Schema for editors is; null where it is not installed. */
  schemaFile: string | null;
  isRoot: boolean;
  /** Where groups are listed; another file in tests. */
  groupFile?: string;
}

export interface WrittenFiles {
  passwordFile: string | null;
  caFile: string | null;
}

/** Readable to the group, which is that of the service; the password is for root alone, from whom systemd hands it on. */
const configMode = 0o640;
const serviceGroup = 'porthole';
/** The certificate of the broker's authority, which is no secret. */
const brokerCaFile = 'broker-ca.pem';
const caMode = 0o644;

/**
 * Writes the answers: the password into a file of its own, the others into the configuration, whose other lines stay as they
 * are. The certificate of an authority is copied beside it, because a service sees neither home folders nor `/tmp`. A crash
 * leaves each file old or new, whole.
 *
 * @returns the files of password and certificate, null for what was not given
 * @throws CliError when a file cannot be read, changed or written
 */
export async function writeSetup(options: WriteSetupOptions): Promise<WrittenFiles> {
  const { file, answers, isRoot } = options;
  const certificate = await readNewCertificate(options);
  const caFile = certificate === null ? null : join(dirname(file), brokerCaFile);
  const changes = changesFrom({ ...answers, ...(caFile !== null && { caFile }) });
  const edited = editConfigText(await readExisting(options), changes);
  if (!edited.ok) throw new CliError(exitCode.usage, `${file} ${edited.error}. Correct it or move it away first.`);
  const passwordFile = answers.password === undefined ? null : join(dirname(file), brokerPasswordFile);
  try {
    await mkdir(dirname(file), { recursive: true, mode: isRoot ? 0o755 : 0o700 });
    if (passwordFile !== null) await replaceFile(passwordFile, `${answers.password}\n`);
    if (caFile !== null) await replaceFile(caFile, certificate ?? '', { mode: caMode });
    await replaceFile(file, edited.value, await ownershipOf(options));
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    const advice =
      code === 'EACCES' || code === 'EPERM' ? ' Run it with sudo, or name another place with --config.' : '';
    throw new CliError(exitCode.failed, `${file} cannot be written (${code ?? String(error)}).${advice}`);
  }
  return { passwordFile, caFile };
}

async function readNewCertificate({ answers, currentCaFile }: WriteSetupOptions): Promise<string | null> {
  const { caFile } = answers;
  if (caFile === undefined || caFile === currentCaFile) return null;
  try {
    return await readFile(caFile, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? String(error);
    throw new CliError(exitCode.usage, `The certificate in ${caFile} cannot be read (${code}).`);
  }
}

async function readExisting({ file, schemaFile }: WriteSetupOptions): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code !== 'ENOENT') throw new CliError(exitCode.failed, `${file} cannot be read (${code ?? String(error)}).`);
    const schemaLine = schemaFile === null ? '' : `# yaml-language-server: $schema=${schemaFile}\n`;
    return `${schemaLine}# Configuration of the Porthole agent, begun by "porthole setup".\n\n`;
  }
}

async function ownershipOf({ file, isRoot, groupFile = '/etc/group' }: WriteSetupOptions): Promise<FileOwnership> {
  // Others than root give files to nobody.
  if (!isRoot) return { mode: configMode };
  const existing = await stat(file).catch(() => null);
  if (existing) return { mode: configMode, userId: existing.uid, groupId: existing.gid };
  const groups = await readFile(groupFile, 'utf8').catch(() => '');
  const groupId = new RegExp(`^${serviceGroup}:[^:]*:(\\d+):`, 'm').exec(groups)?.[1];
  return groupId === undefined ? { mode: configMode } : { mode: configMode, userId: 0, groupId: Number(groupId) };
}
