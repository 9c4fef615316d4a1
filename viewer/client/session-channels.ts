const labels = ['rpc', 'control', 'bulk'] as const;
export type ChannelLabel = (typeof labels)[number];

/** The data channels of a session. The device opens them; each is taken once, and others are closed. */
export class SessionChannels {
  private readonly options: {
    onMessage(label: ChannelLabel, data: unknown): void;
    /** All of them are open. May be called more than once. */
    onOpen(): void;
    onClosed(): void;
  };
  private readonly channels = new Map<ChannelLabel, RTCDataChannel>();

  constructor(options: SessionChannels['options']) {
    this.options = options;
  }

  adopt(channel: RTCDataChannel): void {
    const label = labels.find((known) => known === channel.label);
    if (!label || this.channels.has(label)) {
      channel.close();
      return;
    }
    this.channels.set(label, channel);
    channel.binaryType = 'arraybuffer';
    channel.onmessage = ({ data }) => this.options.onMessage(label, data);
    channel.onclose = () => this.options.onClosed();
    channel.onopen = () => this.check();
    this.check();
  }

  /** @returns false when the channel is not open, or full */
  send(label: ChannelLabel, text: string): boolean {
    const channel = this.channels.get(label);
    if (channel?.readyState !== 'open') return false;
    try {
      channel.send(text);
      return true;
    } catch {
      // It has just closed, or its buffer is full of what the device no longer takes; the heartbeat notices both.
      return false;
    }
  }

  private check(): void {
    if (labels.every((known) => this.channels.get(known)?.readyState === 'open')) this.options.onOpen();
  }
}
