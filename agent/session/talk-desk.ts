import { Emitter } from '../../protocol/emitter.ts';
import { RpcError } from '../../protocol/rpc.ts';
import type { TalkFloor } from '../audio/talk-floor.ts';
import type { TalkPlayer, TalkStream } from '../audio/talk-player.ts';

/** Lets one session at a time be heard on the device. */
export class TalkDesk {
  /** Told when the floor is taken or given back; null: it is free. */
  readonly events = new Emitter<{ change: { sessionId: string | null } }>();
  private readonly floor: TalkFloor;
  private readonly player: TalkPlayer;

  constructor(options: { floor: TalkFloor; player: TalkPlayer }) {
    this.floor = options.floor;
    this.player = options.player;
  }

  get talker(): string | null {
    return this.floor.holder;
  }

  /** @throws RpcError `unavailable` while another session has the floor */
  take(sessionId: string, payloadType: number): TalkStream {
    if (!this.floor.take(sessionId)) throw new RpcError('unavailable', 'Somebody else is talking.');
    const stream = this.player.open({ payloadType });
    this.events.emit('change', { sessionId });
    return stream;
  }

  release(sessionId: string): void {
    if (this.floor.holder !== sessionId) return;
    this.floor.release(sessionId);
    this.events.emit('change', { sessionId: null });
  }

  stop(): Promise<void> {
    return this.player.stop();
  }
}
