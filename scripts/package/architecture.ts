export interface Architecture {
  /** As Debian calls it. */
  debian: string;
  /** The npm package with the native module for it. */
  nativePackage: string;
}

/** Those that node-datachannel has a binary for. */
export const architectures: readonly Architecture[] = [
  { debian: 'amd64', nativePackage: '@node-datachannel/linux-x64-gnu' },
  { debian: 'arm64', nativePackage: '@node-datachannel/linux-arm64-gnu' },
];
