import type { VirtualDeviceOptions } from './virtual-device.ts';

/** What `scripts/vm.mjs` has prepared. @throws without it */
export function readSettings(): VirtualDeviceOptions {
  const { PORTHOLE_TEST_IMAGE: imageDir, PORTHOLE_TEST_PACKAGE: packageFile } = process.env;
  if (!imageDir || !packageFile) throw new Error('run these tests with: npm run test:vm');
  return { imageDir, packageFile };
}
