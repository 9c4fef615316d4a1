import type { SessionError } from '../../protocol/errors.ts';
import type { Status } from '../../protocol/messages.ts';
import type { SignalingPort, SignalingRoute } from '../../viewer/client/signaling-port.ts';

/** A broker in memory: hands what a viewer sends to whoever plays the device, and back. */
export class FakeSignaling implements SignalingPort {
  status: Status | null = null;
  openError: SessionError | null = null;
  openCount = 0;
  isOpen = false;
  /** Holds subscriptions back until it is called, as a broker does that does not answer. */
  holdsRoutes = false;
  readonly sent: { sid: string; bytes: Uint8Array }[] = [];
  onSent: (sid: string, bytes: Uint8Array) => void = () => {};
  private readonly routes = new Map<string, (bytes: Uint8Array) => void>();
  private readonly listeners = new Set<(status: Status) => void>();
  private held: (() => void)[] = [];

  async open(): Promise<void> {
    this.openCount += 1;
    if (this.openError) throw this.openError;
    this.isOpen = true;
  }

  onStatus(listener: (status: Status) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  async openRoute(sid: string, onMessage: (bytes: Uint8Array) => void): Promise<SignalingRoute> {
    if (this.holdsRoutes) await new Promise<void>((resolve) => this.held.push(resolve));
    this.routes.set(sid, onMessage);
    return {
      send: (bytes) => {
        this.sent.push({ sid, bytes });
        this.onSent(sid, bytes);
      },
      close: () => this.routes.delete(sid),
    };
  }

  async close(): Promise<void> {
    this.isOpen = false;
    this.status = null;
  }

  get routeCount(): number {
    return this.routes.size;
  }

  get listenerCount(): number {
    return this.listeners.size;
  }

  deliver(sid: string, bytes: Uint8Array): void {
    this.routes.get(sid)?.(bytes);
  }

  publishStatus(status: Status): void {
    this.status = status;
    for (const listener of this.listeners) listener(status);
  }

  releaseRoutes(): void {
    for (const release of this.held.splice(0)) release();
  }
}
