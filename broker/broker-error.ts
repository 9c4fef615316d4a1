export type BrokerErrorCode =
  | 'port-in-use'
  | 'port-forbidden'
  | 'address-unavailable'
  | 'listen-failed'
  | 'lan-not-asked'
  | 'topic-prefix-invalid'
  | 'already-started';

/** The options of the broker that name a port. */
export type PortOption = 'httpPort' | 'mqttPort';

/** Why the broker did not start. */
export class BrokerError extends Error {
  readonly code: BrokerErrorCode;
  /** The option to change, where one is at fault. */
  readonly option: string | undefined;
  readonly port: number | undefined;

  constructor(
    code: BrokerErrorCode,
    message: string,
    details: { option?: string; port?: number; cause?: unknown } = {},
  ) {
    super(message, { cause: details.cause });
    this.name = 'BrokerError';
    this.code = code;
    this.option = details.option;
    this.port = details.port;
  }

  static listenFailed(
    cause: NodeJS.ErrnoException,
    at: { host: string; port: number; option: PortOption },
  ): BrokerError {
    const { host, port, option } = at;
    switch (cause.code) {
      case 'EADDRINUSE':
        return new BrokerError('port-in-use', `Port ${port} on ${host} is used by another program.`, {
          option,
          port,
          cause,
        });
      case 'EACCES':
        return new BrokerError('port-forbidden', `Port ${port} may not be opened by this user.`, {
          option,
          port,
          cause,
        });
      case 'EADDRNOTAVAIL':
      case 'ENOTFOUND':
        return new BrokerError('address-unavailable', `This machine has no address ${host}.`, {
          option: 'host',
          port,
          cause,
        });
      default:
        return new BrokerError('listen-failed', `Cannot listen on ${host}, port ${port}: ${cause.message}`, {
          option,
          port,
          cause,
        });
    }
  }

  static lanNotAsked(host: string): BrokerError {
    return new BrokerError('lan-not-asked', `${host} means every network of this machine: ask for that with lan.`, {
      option: 'lan',
    });
  }

  static topicPrefixInvalid(prefix: string): BrokerError {
    return new BrokerError(
      'topic-prefix-invalid',
      `"${prefix}" is no topic prefix: plain levels of letters, digits, _ and - only.`,
      { option: 'topicPrefix' },
    );
  }

  static alreadyStarted(): BrokerError {
    return new BrokerError('already-started', 'A broker starts once; build a new one.');
  }
}
