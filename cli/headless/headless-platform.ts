import nodeDataChannel, { type PeerConnection, type Track } from 'node-datachannel';
import { RTCPeerConnection as PolyfilledPeerConnection } from 'node-datachannel/polyfill';
import { buildNativeIceServers } from '../../agent/rtc/offer-lines.ts';
import { RpcError } from '../../protocol/rpc.ts';
import type { PeerPlatform } from '../../viewer/client/peer-platform.ts';
import type { ShownFrame } from '../../viewer/client/shown-frame.ts';
import { addUpLines, type VideoCounters } from '../../viewer/client/video-counters.ts';
import { VideoReceiver } from './video-receiver.ts';

interface HeadlessConnection {
  native: PeerConnection;
  /** Kept, since a collected track stops receiving. */
  tracks: Track[];
  receivers: { mid: string; receiver: VideoReceiver }[];
  onFrame: (mid: string, frame: ShownFrame) => void;
}

const connections = new WeakMap<RTCPeerConnection, HeadlessConnection>();

/**
 * WebRTC for a viewer without a screen, in Node. The library's W3C classes know data channels only, so media is taken from
 * the native connection underneath, and counted instead of decoded.
 */
export const headlessPlatform: PeerPlatform = {
  createConnection(config) {
    const iceServers = (config.iceServers ?? []).map((server) => ({
      urls: [server.urls].flat(),
      username: server.username,
      credential: server.credential,
    }));
    const native = new nodeDataChannel.PeerConnection('viewer', { iceServers: buildNativeIceServers(iceServers) });
    const headless: HeadlessConnection = { native, tracks: [], receivers: [], onFrame: () => {} };
    native.onTrack((track) => receive(headless, track));
    // Its type declarations differ from the browser's in members that nobody uses here.
    const connection = new PolyfilledPeerConnection({
      peerConnection: native,
      iceServers: [],
    } as RTCConfiguration) as unknown as RTCPeerConnection;
    const closePolyfill = connection.close.bind(connection);
    connection.close = () => {
      for (const { receiver } of headless.receivers) receiver.stop();
      closePolyfill();
    };
    connections.set(connection, headless);
    return connection;
  },

  supportedCodecs: () => ['h264'],

  onFrame(connection, report) {
    const headless = connections.get(connection);
    if (headless) headless.onFrame = report;
  },

  openMicrophone: () => Promise.reject(new RpcError('unavailable', 'A viewer without a screen has no microphone.')),

  async readVideoCounters(connection): Promise<VideoCounters> {
    const headless = connections.get(connection);
    const pair = headless?.native.getSelectedCandidatePair();
    const lines = (headless?.receivers ?? []).map(({ mid, receiver: { video } }) => ({
      mid,
      framesDecoded: video.framesReceived,
      bytesReceived: video.bytesReceived,
      packetsReceived: video.packetsReceived,
      packetsLost: video.packetsLost,
      jitterBufferDelayMs: 0,
      jitterBufferFrames: 0,
      freezeCount: 0,
      width: null,
      height: null,
      codec: 'H264',
    }));
    return addUpLines(lines, {
      localCandidate: pair?.local.type ?? null,
      remoteCandidate: pair?.remote.type ?? null,
    });
  },

  onNetworkUp: () => () => {},
};

function receive(headless: HeadlessConnection, track: Track): void {
  headless.tracks.push(track);
  if (track.type() !== 'video') return;
  const mid = track.mid();
  const receiver = new VideoReceiver({
    send: (rtcp) => {
      if (track.isOpen()) track.sendMessageBinary(rtcp);
    },
    onFrame: (rtpTimestamp) => headless.onFrame(mid, { rtpTimestamp, shownAtMs: performance.now() }),
  });
  headless.receivers.push({ mid, receiver });
  // A throw inside a native callback would abort the process.
  track.onMessage((packet) => {
    try {
      receiver.handlePacket(packet);
    } catch (error) {
      console.error('porthole: a packet could not be read:', error);
    }
  });
  receiver.start();
}
