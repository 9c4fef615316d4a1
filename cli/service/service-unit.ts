/** What of the package's unit an installation elsewhere replaces: how it starts the agent, and where it has its files. */
const packagedCommand = '/usr/bin/porthole';
const packagedCondition = '/usr/lib/porthole/systemd/is-configured';

/**
 * The unit of the package with the paths of another installation, which are absolute.
 *
 * @param template `porthole.service` as the package installs it
 * @param command program and arguments that come before `agent`
 * @param folder where the files beside the unit are
 */
export function buildServiceUnit(template: string, command: readonly string[], folder: string): string {
  return template
    .replaceAll(packagedCommand, () => command.map(quote).join(' '))
    .replaceAll(packagedCondition, () => quote(`${folder}/is-configured`));
}

// systemd.service(5), "Command lines": % begins a specifier, $ a variable.
function quote(word: string): string {
  const escaped = word.replace(/[\\"]/g, '\\$&').replaceAll('%', '%%').replaceAll('$', '$$$$');
  return /^[\w@%+=:,./$-]+$/.test(word) ? escaped : `"${escaped}"`;
}
