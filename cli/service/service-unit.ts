/** How the package starts the agent, and what an installation elsewhere replaces. */
const packagedCommand = '/usr/bin/porthole';

/**
 * The unit of the package with another way to start the command.
 *
 * @param template `porthole.service` as the package installs it
 * @param command program and arguments that come before `agent`; absolute paths
 */
export function buildServiceUnit(template: string, command: readonly string[]): string {
  return template.replaceAll(packagedCommand, () => command.map(quote).join(' '));
}

// systemd.service(5), "Command lines": % begins a specifier, $ a variable.
function quote(word: string): string {
  const escaped = word.replace(/[\\"]/g, '\\$&').replaceAll('%', '%%').replaceAll('$', '$$$$');
  return /^[\w@%+=:,./$-]+$/.test(word) ? escaped : `"${escaped}"`;
}
