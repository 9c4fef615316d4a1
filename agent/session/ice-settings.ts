import type { IceServer } from '../../protocol/messages.ts';
import type { PeerIceSettings } from '../rtc/peer.ts';
import { mintTurnCredentials } from '../rtc/turn-credentials.ts';

/** The part of the configuration that this needs. */
export interface IceConfig {
  stun: readonly string[];
  /** Nothing is relayed without a secret; the configuration refuses such a server. */
  turn?: { urls: readonly string[]; secret?: string; ttlSeconds: number };
  portRange?: readonly [number, number];
  announce?: { address: string; ports?: { from: number }; only: boolean };
  lanOnly: boolean;
}

/** STUN and TURN servers for one user, the device itself or a viewer, with TURN credentials that end by themselves. */
export function buildIceServers(ice: IceConfig, userId: string, wallClockMs: number): IceServer[] {
  if (ice.lanOnly) return [];
  const servers: IceServer[] = ice.stun.length > 0 ? [{ urls: [...ice.stun] }] : [];
  const { urls = [], secret, ttlSeconds = 0 } = ice.turn ?? {};
  if (secret === undefined) return servers;
  const expiresAtSeconds = wallClockMs / 1000 + ttlSeconds;
  return [...servers, { urls: [...urls], ...mintTurnCredentials({ secret, viewerId: userId, expiresAtSeconds }) }];
}

/** What the device's own side of a connection uses. */
export function buildPeerIce(ice: IceConfig, deviceId: string, wallClockMs: number): PeerIceSettings {
  const { portRange, announce } = ice;
  const ports = new Map<number, number>();
  if (portRange && announce?.ports) {
    for (let port = portRange[0]; port <= portRange[1]; port += 1)
      ports.set(port, announce.ports.from + port - portRange[0]);
  }
  return {
    servers: buildIceServers(ice, deviceId, wallClockMs),
    portRange,
    announce: announce && { address: announce.address, ports, only: announce.only },
  };
}
