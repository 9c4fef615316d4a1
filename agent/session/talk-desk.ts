import { Emitter } from '../../protocol/emitter.ts';
import type { TalkEvent } from '../../protocol/events.ts';
import { RpcError } from '../../protocol/rpc.ts';
import type { TalkFloor } from '../audio/talk-floor.ts';
import type { TalkPlayer, TalkStream } from '../audio/talk-player.ts';

/** Who wants to be heard. */
export interface Talker {
  sessionId: string;
  /** What the viewer is called: others are told. */
  label: string;
}

/** Lets one session at a time be heard on the device. */
export class TalkDesk {
  /** Told when the floor is taken or given back. */
  readonly events = new Emitter<{ change: undefined }>();
  private readonly floor: TalkFloor;
  private readonly player: TalkPlayer;
  private label = '';

  constructor(options: { floor: TalkFloor; player: TalkPlayer }) {
    this.floor = options.floor;
    this.player = options.player;
  }

  /** How things stand, as one session is told. */
  describeFor(sessionId: string): TalkEvent {
    const { holder } = this.floor;
    return { talker: holder === null ? null : this.label, mine: holder === sessionId };
  }

  /** @throws RpcError `unavailable` while another session has the floor */
  take({ sessionId, label }: Talker, payloadType: number): TalkStream {
    if (!this.floor.take(sessionId)) throw new RpcError('unavailable', `${this.label} is talking.`);
    this.label = label;
    const stream = this.player.open({ payloadType });
    this.events.emit('change', undefined);
    return stream;
  }

  release(sessionId: string): void {
    if (this.floor.holder !== sessionId) return;
    this.floor.release(sessionId);
    this.events.emit('change', undefined);
  }

  stop(): Promise<void> {
    return this.player.stop();
  }
}
