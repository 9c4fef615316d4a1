/** Every bound of the broker, each with its reason. Sizes in bytes, times in milliseconds unless the name says otherwise. */
export interface BrokerLimits {
  /** Connections in all; anonymous clients are refused beyond it. */
  clientsMaxCount: number;
  /** Places above `clientsMaxCount` that only clients with a password get, so that a crowd cannot lock the agent out. */
  reservedClientsMaxCount: number;
  /** One MQTT packet without its fixed header, as announced. Nothing larger is ever buffered. */
  packetMaxBytes: number;
  /** Bytes that wait for a client that does not read. Beyond it the client is disconnected. */
  queueMaxBytes: number;
  /** Topic filters of one client. A page holds one for the status and one per session attempt. */
  subscriptionsMaxCount: number;
  /** QoS 2 messages that a client with a password has sent and not released; anonymous clients may send none. */
  unreleasedMaxCount: number;
  /** Retained topics in all: they live in memory and only clients with a password can make one. */
  retainedMaxCount: number;
  /** From the open connection to a whole CONNECT; the same again for the HTTP request in front of it. */
  connectTimeoutMs: number;
  /** The keepalive of a client that asks for a longer one or for none; silence of 1.5 times that is the end (MQTT 3.1.2.10). */
  keepaliveMaxSeconds: number;
  /** Packets of an anonymous client. An attempt sends one hello, one answer and at most 24 candidates. */
  anonymousPacketsPerSecond: number;
  /** Packets of a client with a password. */
  trustedPacketsPerSecond: number;
  /** Connections of the HTTP listener, page requests and WebSockets together. */
  httpConnectionsMaxCount: number;
}

export const defaultBrokerLimits: BrokerLimits = {
  clientsMaxCount: 200,
  reservedClientsMaxCount: 16,
  packetMaxBytes: 64 * 1024,
  queueMaxBytes: 1024 * 1024,
  subscriptionsMaxCount: 64,
  unreleasedMaxCount: 64,
  retainedMaxCount: 1024,
  connectTimeoutMs: 5_000,
  keepaliveMaxSeconds: 300,
  anonymousPacketsPerSecond: 20,
  trustedPacketsPerSecond: 1_000,
  httpConnectionsMaxCount: 300,
};
