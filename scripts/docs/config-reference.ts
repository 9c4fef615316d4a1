import {
  type ConfigKey,
  type ConfigSection,
  listConfigKeys,
  listConfigSections,
} from '../../agent/config/config-keys.ts';

const introduction = `# Configuration

<!-- Made from agent/config/config-schema.ts by "npm run docs". Changes belong there. -->

Every setting has a default, so an empty file will do. \`porthole setup\` asks for the few that matter and writes them;
[porthole.example.yaml](../packaging/porthole.example.yaml) has all of them, to be uncommented; the Debian package has it as
\`/usr/share/porthole/porthole.example.yaml\`.

Settings come from, each winning over those before it:

1. the defaults below
2. the file: the one named by \`--config\`, else by \`$PORTHOLE_CONFIG\`, else \`~/.config/porthole/porthole.yaml\` where there
   is one, else \`/etc/porthole/porthole.yaml\`
3. the environment: the variable below each setting. Lists are written as in YAML: \`PORTHOLE_ICE_STUN=stun:a.example:3478\`,
   \`PORTHOLE_CAMERAS='[{source: test}]'\`
4. the command line: \`--name\`, \`--camera\`, \`--state\`, \`--log-level\`

What is wrong is refused with the place it was written at (\`porthole.yaml:12:5\`), all problems at once.

**Secrets** belong in files of their own, mode 0600, whose first line they are. Where the configuration says nothing else, the
password at the broker is in \`broker-password\` and the secret of the TURN server in \`turn-secret\`, beside the
configuration; \`porthole setup\` puts the password there. Under systemd the unit loads both as credentials, so that
root alone can read the files: the agent then looks in \`$CREDENTIALS_DIRECTORY\`. So \`broker.passwordFile\` and
\`ice.turn.secretFile\` may be left out; they name other files. A file that the agent may not read is one that root keeps
for it: its copy of the same name among the credentials is taken. systemd makes these copies when the service is started, so a
secret that has changed takes a restart: \`porthole reload\` says so.

**Completion in an editor**: the YAML language server (VS Code, Neovim, Helix and others) reads
[porthole.schema.json](porthole.schema.json) where the file begins with
\`# yaml-language-server: $schema=PATH\`. The Debian package has the schema in \`/usr/share/porthole/\`, and \`porthole setup\`
writes that line.
`;

/** The page that explains every setting. */
export function buildConfigReference(): string {
  const keys = listConfigKeys();
  const sections = [{ path: [], description: 'What stands at the top of the file.' }, ...tableSections(keys)];
  return [introduction, ...sections.map((section) => buildSection(section, keys))].join('\n');
}

/** Objects and lists of objects, each a table of its own. */
function tableSections(keys: readonly ConfigKey[]): ConfigSection[] {
  const lists = keys.filter(({ path }) => keys.some((other) => isDirectlyBelow([...path, '*'], other)));
  const entries = lists.map(({ path }) => ({ path: [...path, '*'], description: 'What an entry may hold.' }));
  const order = keys.map(({ path }) => path.join('.'));
  const positionOf = ({ path }: ConfigSection) => order.findIndex((name) => name.startsWith(`${path.join('.')}.`));
  return [...listConfigSections(), ...entries].sort((a, b) => positionOf(a) - positionOf(b));
}

function buildSection({ path, description }: ConfigSection, keys: readonly ConfigKey[]): string {
  const rows = keys.filter((key) => isDirectlyBelow(path, key)).map(buildRow);
  const title = path.length === 0 ? 'Top level' : `\`${writePath(path)}\``;
  const head = ['| setting | value | default | example | meaning |', '| --- | --- | --- | --- | --- |'];
  return [`## ${title}`, '', description, '', ...(rows.length > 0 ? [...head, ...rows, ''] : [])].join('\n');
}

function buildRow(key: ConfigKey): string {
  const name = [`\`${key.path.at(-1)}\``, ...(key.environmentName ? [`\`${key.environmentName}\``] : [])].join('<br>');
  const cells = [name, describeValue(key), describeDefault(key), codeOf(key.example), key.description];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

function describeValue({ kind, schema }: ConfigKey): string {
  if (schema.enum) return schema.enum.map(codeOf).join(', ');
  switch (kind) {
    case 'number':
      return [`${schema.minimum} to ${schema.maximum}`, schema.unit].filter(Boolean).join(' ');
    case 'flag':
      return '`true` or `false`';
    case 'list':
      return Array.isArray(schema.items) ? `list of ${schema.items.length}` : `list of up to ${schema.maxItems}`;
    default:
      return schema.maxLength === undefined ? 'text' : `text, up to ${schema.maxLength} characters`;
  }
}

function describeDefault({ isRequired, defaultValue }: ConfigKey): string {
  if (isRequired) return '(required)';
  return defaultValue === undefined ? '' : codeOf(defaultValue);
}

function codeOf(value: unknown): string {
  return `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;
}

function isDirectlyBelow(path: readonly string[], key: ConfigKey): boolean {
  return key.path.length === path.length + 1 && path.every((part, index) => part === key.path[index]);
}

/** `cameras.*` -> `cameras[]` */
function writePath(path: readonly string[]): string {
  return path.join('.').replaceAll('.*', '[]');
}
