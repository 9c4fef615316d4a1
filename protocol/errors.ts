/**
 * Why a session did not come about or ended: the closed list that the device and the viewer share. Each code is a state that
 * a person can see, so each has a sentence in {@link sessionErrorText}.
 */
export const sessionErrorCodes = [
  // Said by the device, inside the seal.
  'unauthorised',
  'invite-invalid',
  'busy',
  'no-camera',
  'no-codec',
  'malformed',
  'sdp-refused',
  'revoked',
  'replaced',
  'shutdown',
  'internal',
  // Found out on either side.
  'connect-timeout',
  'dead-path',
  'path-failed',
  'closed-by-peer',
  // Found out by the viewer alone.
  'link-invalid',
  'broker-unreachable',
  'broker-refused',
  'device-offline',
  'device-silent',
  'seal-broken',
] as const;

export type SessionErrorCode = (typeof sessionErrorCodes)[number];

const sessionErrorSentences: Record<SessionErrorCode, string> = {
  unauthorised: 'This browser is not paired with the device. Ask for an invite link.',
  'invite-invalid': 'This invite link is used up, expired or withdrawn. Ask for a new one.',
  busy: 'The device serves as many viewers as it can. Trying again.',
  'no-camera': 'The device has no camera of that name.',
  'no-codec': 'This browser cannot decode any video format that the device offers (H.264).',
  malformed: 'The device did not understand the request; one of the two sides is out of date.',
  'sdp-refused': 'The session description was refused by the security policy.',
  revoked: 'Your access to this device was withdrawn.',
  replaced: 'This session made room: for a newer one of this browser, or for somebody who had none.',
  shutdown: 'The device is shutting down or restarting.',
  internal: 'The device ran into an error of its own; its log says more.',
  'connect-timeout': 'No direct path to the device: UDP is blocked here or there. A TURN server would help.',
  'dead-path': 'The connection went silent.',
  'path-failed': 'The connection to the device was lost.',
  'closed-by-peer': 'The other side ended the session.',
  'link-invalid': 'This is not a complete Porthole link.',
  'broker-unreachable': 'The message broker cannot be reached.',
  'broker-refused': 'The message broker refused this page.',
  'device-offline': 'The device is offline.',
  'device-silent': 'The device does not answer.',
  'seal-broken': 'An answer did not carry the seal of this device. Somebody may be tampering with the broker.',
};

/** One sentence for people: what happened and, where there is something, what to do. */
export function sessionErrorText(code: SessionErrorCode): string {
  return sessionErrorSentences[code];
}

/** An error that a caller branches on by its `code`. `detail` is for logs and never holds secrets. */
export class SessionError extends Error {
  readonly code: SessionErrorCode;
  readonly detail: string | undefined;

  constructor(code: SessionErrorCode, detail?: string) {
    super(detail === undefined ? sessionErrorText(code) : `${sessionErrorText(code)} (${detail})`);
    this.name = 'SessionError';
    this.code = code;
    this.detail = detail;
  }

  /** Any thrown value as a SessionError; what is none becomes `internal`. */
  static from(error: unknown): SessionError {
    if (error instanceof SessionError) return error;
    return new SessionError('internal', error instanceof Error ? error.message : String(error));
  }
}
