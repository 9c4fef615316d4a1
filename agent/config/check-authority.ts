import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { type ConfigLayer, locateSetting } from './config-layer.ts';
import type { ConfigProblem } from './config-problem.ts';

/** RFC 7468 5.1, and the older names of the same that OpenSSL takes. */
const certificateBlock =
  /-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----[^-]+-----END (?:X509 |TRUSTED )?CERTIFICATE-----/g;

/**
 * Reads `broker.caFile`. A file without a certificate would be taken without a word, and every broker refused.
 *
 * @returns null when it can be used, or is not set
 */
export async function checkAuthority(
  caFile: string | undefined,
  layers: readonly ConfigLayer[],
): Promise<ConfigProblem | null> {
  if (caFile === undefined) return null;
  const path = ['broker', 'caFile'];
  const refuse = (message: string) => ({ path: path.join('.'), origin: locateSetting(layers, path), message });
  try {
    const certificates = (await readFile(caFile, 'utf8')).match(certificateBlock) ?? [];
    const isUsable = certificates.length > 0 && certificates.every(isCertificate);
    return isUsable ? null : refuse(`${caFile} holds no certificate in PEM form`);
  } catch (error) {
    return refuse(`${caFile} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown error'})`);
  }
}

/** Whether a text in PEM form begins with a certificate that can be read. */
export function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).subject !== undefined;
  } catch {
    return false;
  }
}
