import { headlessPlatform } from '../../cli/headless/headless-platform.ts';
import type { PeerPlatform } from '../../viewer/client/peer-platform.ts';

/**
 * The headless viewer, led through the relay whatever else there is between the two: it takes no candidate of the device but
 * the relay's, and tells none of its own, so that the device learns of it through the relay alone.
 */
export function relayedPlatform(relayPorts: readonly [number, number]): PeerPlatform {
  return {
    ...headlessPlatform,
    createConnection(config) {
      const connection = headlessPlatform.createConnection(config);
      const setRemoteDescription = connection.setRemoteDescription.bind(connection);
      connection.setRemoteDescription = (description) =>
        setRemoteDescription({ ...description, sdp: description.sdp && keepCandidates(description.sdp, relayPorts) });
      const createAnswer = connection.createAnswer.bind(connection) as () => Promise<RTCSessionDescriptionInit>;
      connection.createAnswer = (async () => {
        const { type, sdp } = await createAnswer();
        return { type, sdp: sdp && keepCandidates(sdp, relayPorts) };
      }) as RTCPeerConnection['createAnswer'];
      const addIceCandidate = connection.addIceCandidate.bind(connection);
      connection.addIceCandidate = async (candidate) => {
        if (candidate?.candidate && isWithin(candidate.candidate, relayPorts)) await addIceCandidate(candidate);
      };
      Object.defineProperty(connection, 'onicecandidate', { set: () => {}, get: () => null });
      return connection;
    },
  };
}

/** The description with no other candidates than those of these ports. */
function keepCandidates(sdp: string, ports: readonly [number, number]): string {
  return sdp.replace(/^a=candidate:[^\r\n]*\r?\n/gm, (line) => (isWithin(line, ports) ? line : ''));
}

/** The sixth field of a candidate is its port (RFC 8839 5.1). */
function isWithin(candidate: string, [first, last]: readonly [number, number]): boolean {
  const port = Number(candidate.split(' ')[5]);
  return port >= first && port <= last;
}
