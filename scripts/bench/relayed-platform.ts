import { headlessPlatform } from '../../cli/headless/headless-platform.ts';
import type { PeerPlatform } from '../../viewer/client/peer-platform.ts';
import { hasPortWithin, keepCandidates } from './relay-candidates.ts';

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
        if (candidate?.candidate && hasPortWithin(candidate.candidate, relayPorts)) await addIceCandidate(candidate);
      };
      Object.defineProperty(connection, 'onicecandidate', { set: () => {}, get: () => null });
      return connection;
    },
  };
}
