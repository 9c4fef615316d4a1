import { createHmac } from 'node:crypto';

/**
 * Short-lived TURN credentials as coturn's `use-auth-secret` checks them: the user name says when they end and who they are
 * for, the password is its HMAC under a secret that the device and the TURN server share.
 * (draft-uberti-behave-turn-rest-00 section 2.2)
 *
 * @param options.expiresAtSeconds Unix time
 */
export function mintTurnCredentials(options: { secret: string; viewerId: string; expiresAtSeconds: number }): {
  username: string;
  credential: string;
} {
  const username = `${Math.floor(options.expiresAtSeconds)}:${options.viewerId}`;
  return { username, credential: createHmac('sha1', options.secret).update(username).digest('base64') };
}
