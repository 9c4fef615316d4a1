import { rtpExtensions } from '../media/rtp-packet.ts';
import type { AnnounceSetting, AudioLine, IceServerSetting, VideoLine } from './peer.ts';

/** The text that node-datachannel takes and gives, as pure functions. */

/** Attribute lines that the native description builder does not know by itself. */
export function buildMediaAttributes(line: VideoLine | AudioLine): string[] {
  const { payloadType } = line;
  return [
    `a=rtcp-fb:${payloadType} transport-cc`,
    ...(line.kind === 'video'
      ? [`a=rtcp-fb:${payloadType} ccm fir`, `a=ssrc-group:FID ${line.ssrc} ${line.rtx.ssrc}`]
      : []),
    ...Object.values(rtpExtensions).map((extension) => `a=extmap:${extension.id} ${extension.uri}`),
  ];
}

/** Opus with in-band error correction; stereo has to be said by the receiver (RFC 7587 7.1), so we say that we would take it. */
export const opusFormat = 'minptime=10;useinbandfec=1;stereo=1;sprop-stereo=1';

/** The library writes the name of the retransmission format in capitals, which browsers do not know. */
export function withLowerCaseRtx(sdp: string): string {
  return sdp.replaceAll(' RTX/90000', ' rtx/90000');
}

/** H.264 in packetisation mode 1 (RFC 6184 8.1): single NAL units, STAP-A and FU-A. */
export function buildH264Format(profileLevelId: string): string {
  return `profile-level-id=${profileLevelId};packetization-mode=1;level-asymmetry-allowed=1`;
}

/** The form libdatachannel reads: `turn:user:password@host:port`, each part percent-encoded. */
export function buildNativeIceServers(servers: readonly IceServerSetting[]): string[] {
  return servers.flatMap(({ urls, username, credential }) =>
    urls.map((url) => {
      if (username === undefined || credential === undefined) return url;
      const colon = url.indexOf(':');
      return `${url.slice(0, colon)}:${encodeURIComponent(username)}:${encodeURIComponent(credential)}@${url.slice(colon + 1)}`;
    }),
  );
}

/**
 * The candidates (RFC 8839 5.1) to tell viewers for one of our own: host candidates are joined, or replaced, by one with the
 * announced address and port. Others, and those of the other address family, stay as they are.
 */
export function announceCandidate(candidate: string, announce: AnnounceSetting | undefined): string[] {
  const fields = candidate.split(' ');
  const [address, port] = [fields[4], fields[5]];
  if (!announce || address === undefined || port === undefined || fields[7] !== 'host') return [candidate];
  if (address.includes(':') !== announce.address.includes(':')) return [candidate];
  fields[4] = announce.address;
  fields[5] = String(announce.ports.get(Number(port)) ?? port);
  const announced = fields.join(' ');
  return announce.only ? [announced] : [candidate, announced];
}

/** {@link announceCandidate} for every candidate of a description. */
export function announceInSdp(sdp: string, announce: AnnounceSetting | undefined): string {
  return sdp.replace(/^a=(candidate:[^\r\n]*)/gm, (_, candidate: string) =>
    announceCandidate(candidate, announce)
      .map((line) => `a=${line}`)
      .join('\r\n'),
  );
}
