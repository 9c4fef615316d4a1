export const maintainer = 'Porthole maintainers <maintainers@porthole.invalid>';

/** The control file (deb-control(5)). @param options.description short line, then the long text as it stands in the file */
export function buildControl(options: {
  version: string;
  architecture: string;
  sizeBytes: number;
  description: string;
}): string {
  const { version, architecture, sizeBytes, description } = options;
  return [
    'Package: porthole',
    `Version: ${version}`,
    'Section: net',
    'Priority: optional',
    `Architecture: ${architecture}`,
    `Maintainer: ${maintainer}`,
    `Installed-Size: ${Math.ceil(sizeBytes / 1024)}`,
    // Before the others and without a version: preinst looks at what it is, and says what to do.
    'Pre-Depends: nodejs',
    'Depends: ffmpeg (>= 7:5.1), libc6 (>= 2.31), systemd (>= 247)',
    `Description: ${description.trimEnd()}`,
    '',
  ].join('\n');
}
