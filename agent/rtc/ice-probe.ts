import nodeDataChannel from 'node-datachannel';
import { buildNativeIceServers } from './offer-lines.ts';
import type { IceServerSetting } from './peer.ts';

const closeTimeoutMs = 1_000;

/** The version of the native library. That this file can be imported at all says that the library suits this machine. */
export function nativeLibraryVersion(): string {
  return nodeDataChannel.getLibraryVersion();
}

/**
 * Lets the native library gather candidates through a relay alone, as for a session.
 *
 * @returns whether it got one in time
 */
export async function gathersRelay(servers: readonly IceServerSetting[], timeoutMs: number): Promise<boolean> {
  const connection = new nodeDataChannel.PeerConnection('doctor', {
    iceServers: buildNativeIceServers(servers),
    iceTransportPolicy: 'relay',
    disableAutoNegotiation: true,
  });
  const hasRelay = await new Promise<boolean>((resolve) => {
    const timer = setTimeout(() => resolve(false), timeoutMs);
    const finish = (found: boolean) => {
      clearTimeout(timer);
      resolve(found);
    };
    connection.onLocalCandidate((candidate) => candidate.includes(' typ relay') && finish(true));
    connection.onGatheringStateChange((state) => state === 'complete' && finish(false));
    connection.createDataChannel('doctor');
    connection.setLocalDescription('offer');
  });
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, closeTimeoutMs);
    connection.onStateChange((state) => {
      if (state !== 'closed') return;
      clearTimeout(timer);
      resolve();
    });
    connection.close();
  });
  return hasRelay;
}
