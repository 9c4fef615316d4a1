import { type Finding, failed, ok } from './finding.ts';

/** As package.json has it. */
const oldestNode = { major: 20, minor: 19 };

/** @param version as `process.versions.node` */
export function checkNode(version: string): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const isEnough = major > oldestNode.major || (major === oldestNode.major && minor >= oldestNode.minor);
  return isEnough
    ? ok('node', `Node.js ${version} runs this.`, { version })
    : failed(
        'node',
        `Node.js ${version} is too old.`,
        'Install Node.js 20.19 or later: Debian 13 has it, nodejs.org for others.',
        { version },
      );
}

/** What the native library offers, once it could be loaded. */
export interface NativeLibrary {
  version: string;
}

/** @param load loads the native library */
export async function checkNativeModule(load: () => Promise<NativeLibrary>): Promise<Finding> {
  try {
    const { version } = await load();
    return ok('native-module', `The WebRTC library is ready (libdatachannel ${version}).`, { version });
  } catch (error) {
    const reason = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
    const is64Bit = process.arch === 'x64' || process.arch === 'arm64';
    return failed(
      'native-module',
      `The WebRTC library does not load on this ${process.arch} system.`,
      is64Bit
        ? 'Install Porthole again; "npm ci --omit=optional" leaves this library out.'
        : 'Use a 64-bit system (arm64 or x64): there is no library for others.',
      { architecture: process.arch, reason },
    );
  }
}
