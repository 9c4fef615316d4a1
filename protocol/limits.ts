/**
 * Every bound of the protocol in one place, each with its reason. Times are in milliseconds and sizes in bytes unless the
 * name says otherwise.
 */
export const limits = {
  /** JSON inside a sealed message. An offer with two cameras, audio and eight candidates is about 5 KiB. */
  signalingPayloadMaxBytes: 16 * 1024,
  /** A whole MQTT payload, for the longest message, a hello: the JSON, a type byte, a tag, two keys and two seals. */
  signalingMessageMaxBytes: 16 * 1024 + 113,
  /** Nesting of that JSON. The deepest message we send has 4 levels. */
  jsonMaxDepth: 6,
  /** A session description; a browser answer to four media lines is about 6 KiB. */
  sdpMaxBytes: 12 * 1024,
  /** ICE candidates taken from the other side: two stacks, VPNs and relays fit, a candidate flood does not. */
  candidatesMaxCount: 24,
  /** One candidate line (RFC 8839 5.1); real ones are below 200. */
  candidateMaxBytes: 512,
  /** Sessions that a device serves at once, when its configuration says nothing else. */
  sessionsMaxCount: 8,
  /** Hellos of viewers without a grant, per second, all together: invites are rare, and floods come from here. */
  hellosPerSecond: 20,
  /** Hellos of one viewer with a grant, per second: a reconnecting one sends fewer. */
  hellosPerViewerPerSecond: 2,
  /** Unfinished handshakes of one viewer: the attempt that runs and the one that replaces it. */
  pendingPerViewerMaxCount: 2,
  /** One JSON-RPC message, below the smallest message size that every browser accepts on a data channel. */
  rpcMessageMaxBytes: 16 * 1024,
  /** One answer: a list of commands with their schemas is larger than any request, and every browser takes 64 KiB. */
  rpcAnswerMaxBytes: 64 * 1024,
  /** Commands of one session per second, over all methods. */
  rpcPerSecond: 20,
  /** What the agent reads from a broker as one MQTT packet before it hangs up. */
  brokerPacketMaxBytes: 64 * 1024,
  /** Binary payload of one message on the bulk channel: no browser fragments below 16 KiB. */
  bulkChunkMaxBytes: 16 * 1024 - 8,
  /** One transfer on the bulk channel that a viewer is ready to hold in memory. */
  bulkTransferMaxBytes: 16 * 1024 * 1024,
  /** From the first hello to a usable path; the native library itself never gives up. */
  connectTimeoutMs: 15_000,
  /** Pause between two heartbeats on the control channel. */
  heartbeatIntervalMs: 1_000,
  /** Silence on all data channels, after which the path counts as dead: three lost heartbeats and some. */
  deadPathMs: 4_000,
  /** Pauses after which an unanswered hello is sent again, counted from the one before. */
  helloRetryMs: [1_000, 2_000, 4_000],
  /** The epoch in the status is renewed this often; the one before it stays valid. */
  epochIntervalMs: 10 * 60_000,
  /** Default life of an invite. */
  inviteTtlMs: 10 * 60_000,
  /** Names and labels that people give, in UTF-16 code units. */
  nameMaxLength: 64,
} as const;
