import { createHmac } from 'node:crypto';

/**
 * The MQTT client id of a device: the same at every connection, so that a broker ends the old one, and publishes its last will,
 * before it admits the new one. With ids of chance the will of a connection that was lost without a word would come half a
 * minute later and call a device offline that has long been back.
 *
 * Whoever knows a client id can end the connection that holds it, so it comes from the private key and not from the device id.
 *
 * @returns 23 letters and digits, which every broker must take (MQTT 3.1.1 section 3.1.3.1)
 */
export function deriveClientId(privateKey: Uint8Array): string {
  const digest = createHmac('sha256', privateKey).update('porthole mqtt client id').digest('hex');
  return `porthole${digest.slice(0, 15)}`;
}
