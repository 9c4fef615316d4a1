/** A STUN or TURN server of the configuration (RFC 7064, RFC 7065). */
export interface IceServerAddress {
  host: string;
  port: number;
  /** Whether the device itself can use it: the native library speaks to such servers over UDP without TLS alone. */
  isUdp: boolean;
}

const defaultPort = 3478;
const defaultTlsPort = 5349;

/** @param url of a form that the configuration lets through: `stun:HOST`, `turn:HOST:PORT?transport=udp`, `turns:[V6]:PORT` */
export function parseIceServerUrl(url: string): IceServerAddress {
  const [, scheme = '', host = '', port, transport] =
    /^([a-z]+):(\[[^\]]*\]|[^:?]*)(?::(\d+))?(?:\?transport=(\w+))?/i.exec(url) ?? [];
  const isTls = scheme.endsWith('s');
  return {
    host: host.replace(/^\[|\]$/g, ''),
    port: Number(port ?? (isTls ? defaultTlsPort : defaultPort)),
    isUdp: !isTls && transport?.toLowerCase() !== 'tcp',
  };
}
