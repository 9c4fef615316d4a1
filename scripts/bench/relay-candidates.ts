/** Candidate lines of session descriptions (RFC 8839 5.1), where a relay stands between the two sides. */

export interface Announcement {
  /** The device's ports, which the relay's lead to in the same order. */
  devicePorts: readonly [number, number];
  /** Of the relay. */
  address: string;
  firstPort: number;
}

/** The description with the relay's candidates for those of the device, of which no other is left. */
export function announceRelay(sdp: string, { devicePorts, address, firstPort }: Announcement): string {
  return keepCandidates(sdp, devicePorts).replace(
    /^(a=candidate:\S+ \d UDP \d+) \S+ (\d+) /gm,
    (_, begin: string, port: string) => `${begin} ${address} ${firstPort + Number(port) - devicePorts[0]} `,
  );
}

/** The description with no other candidates than those of these ports. */
export function keepCandidates(sdp: string, ports: readonly [number, number]): string {
  return sdp.replace(/^a=candidate:[^\r\n]*\r?\n/gm, (line) => (hasPortWithin(line, ports) ? line : ''));
}

/** @param candidate with or without `a=` in front: the port is its sixth field either way */
export function hasPortWithin(candidate: string, [first, last]: readonly [number, number]): boolean {
  const port = Number(candidate.split(' ')[5]);
  return port >= first && port <= last;
}
